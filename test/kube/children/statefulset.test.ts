import { expect, it } from "vitest";
import { claimsOf, claimTemplate, type StatefulSetPlan, statefulSet } from "../../../kube/children/statefulset.ts";
import type { KubeObject } from "../../../schemas/common.ts";

const PLAN: StatefulSetPlan = {
	metadata: { name: "it" },
	replicas: 3,
	serviceName: "it-headless",
	selector: { app: "it" },
	template: {},
};
const CLAIM = claimTemplate("data", { size: "1Gi", storageClassName: "fast" });

it("starts and stops its pods in parallel: OrderedReady never replaces a broken pod after a revert", () => {
	expect(statefulSet(PLAN).spec).toMatchObject({
		podManagementPolicy: "Parallel",
		updateStrategy: { type: "RollingUpdate" },
		serviceName: "it-headless",
		replicas: 3,
	});
});

it("has claims and their retention if the plan has, and an empty list is none", () => {
	const retention = { whenDeleted: "Retain", whenScaled: "Delete" };
	expect(statefulSet({ ...PLAN, claims: [CLAIM], retention }).spec).toMatchObject({
		volumeClaimTemplates: [CLAIM],
		persistentVolumeClaimRetentionPolicy: retention,
	});
	const fields = Object.keys(statefulSet({ ...PLAN, claims: [] }).spec ?? {});
	expect(fields).not.toContain("volumeClaimTemplates");
	expect(fields).not.toContain("persistentVolumeClaimRetentionPolicy");
});

it("writes a claim template with the defaults of the API server: the list has no merge key", () => {
	expect(CLAIM).toEqual({
		apiVersion: "v1",
		kind: "PersistentVolumeClaim",
		metadata: { name: "data" },
		spec: {
			accessModes: ["ReadWriteOnce"],
			resources: { requests: { storage: "1Gi" } },
			storageClassName: "fast",
			volumeMode: "Filesystem",
		},
		status: { phase: "Pending" },
	});
});

const OTHER = { ...CLAIM, metadata: { name: "data", annotations: { a: "b" } } };

it.each<[string, KubeObject | undefined, readonly unknown[]]>([
	["a new StatefulSet: as desired", undefined, [CLAIM]],
	[
		"an observed one: as observed, because they are immutable",
		{ ...statefulSet({ ...PLAN, claims: [OTHER] }) },
		[OTHER],
	],
	["an observed one without claims: as desired", { ...statefulSet(PLAN) }, [CLAIM]],
])("keeps the claim templates of %s", (_, observed, claims) => {
	expect(claimsOf(observed, CLAIM)).toEqual(claims);
});
