import { expect, it } from "vitest";
import { adminFolder, adminMounts, memberVariables, observedAdmin } from "../../../hooks/prismstack/records.ts";
import { ADMIN_FOLDER } from "../../../schemas/stackparts.ts";
import { planned, plannedAdmin, seeing } from "./planned.ts";

const STORAGE = { storage: { size: "1Gi" } };
const workload = (kind: "Deployment" | "StatefulSet", ...mounts: string[]) => ({
	apiVersion: "apps/v1",
	kind,
	metadata: { name: "it-admin", namespace: "prism" },
	spec: { template: { spec: { containers: [{ volumeMounts: mounts.map((mountPath) => ({ mountPath })) }] } } },
});

it.each([
	["a new one", {}, seeing(), ADMIN_FOLDER],
	["one with volumes", STORAGE, seeing(workload("StatefulSet")), ADMIN_FOLDER],
	["one from before there was a folder", {}, seeing(workload("Deployment", "/etc/prism/config")), undefined],
	["one that has it", {}, seeing(workload("Deployment", ADMIN_FOLDER)), ADMIN_FOLDER],
	["one whose workload is of the other kind", {}, seeing(workload("StatefulSet")), ADMIN_FOLDER],
])("the folder of %s", (_reason, spec, seen, folder) => {
	const { plan, admin } = plannedAdmin(spec);
	expect(adminFolder(plan, admin, seen)).toBe(folder);
});

it("one from before gets the folder when it is restarted", () => {
	const there = seeing(workload("Deployment"));
	const plan = planned({ admin: { enabled: true } }, {}, { annotations: { "prism.io/restartedAt": "1" } });
	if (plan.admin === undefined) throw new Error("the stack has no control plane");
	expect(observedAdmin(plan, plan.admin, there)?.kind).toBe("Deployment");
	expect(adminFolder(plan, plan.admin, there)).toBe(ADMIN_FOLDER);
});

it.each([
	["no folder", {}, undefined, []],
	["one that goes with the pod", {}, ADMIN_FOLDER, [{ emptyDir: {} }]],
	["one of a volume", STORAGE, ADMIN_FOLDER, [undefined]],
	[
		"the user's own",
		{ volumes: [{ name: "v", emptyDir: {} }], volumeMounts: [{ name: "v", mountPath: ADMIN_FOLDER }] },
		ADMIN_FOLDER,
		[],
	],
])("mounts %s", (_what, spec, folder, sources) => {
	const mounts = adminMounts(plannedAdmin(spec).admin, folder);
	expect(mounts.map(({ source }) => source)).toEqual(sources);
	for (const mount of mounts) expect(mount).toMatchObject({ mountPath: folder, access: "write" });
});

it("members of a cluster know each other's addresses", () => {
	const variables = (admin: object) => {
		const { plan, admin: own } = plannedAdmin({ ...STORAGE, ...admin });
		return Object.fromEntries(memberVariables(plan, own).map(({ name, value }) => [name, value]));
	};
	expect(variables({ replicas: 1 })).toEqual({});
	const host = (pod: string) => `${pod}.it-admin-headless.prism.svc:8990`;
	expect(variables({ replicas: 3 })).toMatchObject({
		PRISM_NODE_ID: "1$(PRISM_POD_INDEX)",
		PRISM_PEERS: `10=${host("it-admin-0")},11=${host("it-admin-1")},12=${host("it-admin-2")}`,
		PRISM_ADVERTISE_ADDR: host("$(PRISM_POD_NAME)"),
		PRISM_BIND_ADDR: "$(PRISM_POD_IP):8990",
	});
});
