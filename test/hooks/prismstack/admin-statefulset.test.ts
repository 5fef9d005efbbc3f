import { expect, it } from "vitest";
import { adminStatefulSet } from "../../../hooks/prismstack/admin-statefulset.ts";
import { planned, plannedAdmin, seeing } from "./planned.ts";

const setOf = (...given: Parameters<typeof plannedAdmin>) => {
	const { plan, admin } = plannedAdmin(...given);
	return adminStatefulSet(plan, admin, seeing());
};
const variablesIn = (set: ReturnType<typeof adminStatefulSet>): Record<string, unknown> =>
	Object.fromEntries((set?.spec?.template.spec?.containers[0]?.env ?? []).map(({ name, value }) => [name, value]));
const variablesOf = (...given: Parameters<typeof plannedAdmin>) => variablesIn(setOf(...given));

it("is not there without storage", () => {
	expect(setOf()).toBeUndefined();
});

it("keeps the records of one pod in a volume", () => {
	const storage = { size: "2Gi", storageClassName: "fast" };
	const spec = setOf({ storage })?.spec;
	expect(spec?.serviceName).toBe("it-admin-headless");
	expect(spec?.volumeClaimTemplates?.[0]?.spec).toMatchObject({
		resources: { requests: { storage: "2Gi" } },
		storageClassName: "fast",
	});
	expect(spec?.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: "Retain", whenScaled: "Retain" });
	expect(variablesOf({ storage })).not.toHaveProperty("PRISM_PEERS");
});

it("has a name with which it gets pods, however long its stack's is", () => {
	const plan = planned({ admin: { enabled: true, storage: {}, replicas: 3 } }, {}, { name: "x".repeat(63) });
	const child = plan.admin && adminStatefulSet(plan, plan.admin, seeing());
	expect(child?.metadata.name).toHaveLength(52);
	expect(variablesIn(child)["PRISM_PEERS"]).toContain(
		`10=${child?.metadata.name}-0.${child?.spec?.serviceName}.prism.svc:8990`,
	);
});

it("goes on with the claims that it has", () => {
	const { plan, admin } = plannedAdmin({ storage: { size: "1Gi" } });
	const there = adminStatefulSet(plan, admin, seeing());
	const larger = plannedAdmin({ storage: { size: "5Gi" } });
	const seen = seeing(...(there === undefined ? [] : [there]));
	expect(adminStatefulSet(larger.plan, larger.admin, seen)?.spec?.volumeClaimTemplates).toEqual(
		there?.spec?.volumeClaimTemplates,
	);
});

it("tells the members of a cluster of each other", () => {
	expect(variablesOf({ replicas: 3, storage: {} })).toMatchObject({
		PRISM_NODE_ID: "1$(PRISM_POD_INDEX)",
		PRISM_PEERS: [0, 1, 2].map((index) => `1${index}=it-admin-${index}.it-admin-headless.prism.svc:8990`).join(","),
		PRISM_ADVERTISE_ADDR: "$(PRISM_POD_NAME).it-admin-headless.prism.svc:8990",
		PRISM_BIND_ADDR: "$(PRISM_POD_IP):8990",
	});
});
