import { expect, it } from "vitest";
import { shardSet } from "../../../hooks/prismshard/statefulset.ts";
import { recordsAt } from "../../../kube/object.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { plannedShard, type Surroundings } from "../plans.ts";

const built = (spec: object = {}, around: Surroundings = {}) => {
	const { plan, request } = plannedShard(spec, around);
	return shardSet(plan, request);
};
const hashOf = (set: KubeObject | undefined) => set?.metadata.annotations?.["prism.io/desired-hash"];
/** The StatefulSet as it was made of a spec. */
const made = (spec: object): KubeObject => {
	const set = built(spec);
	if (set === undefined) throw new Error("no StatefulSet");
	return set;
};

const AUTOSCALED = { autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 5, targetRPS: 100 } };

it.each<[string, object, object]>([
	["replicas", { replicas: 3 }, { replicas: 3 }],
	["no pods", { replicas: 0 }, { replicas: 0 }],
	["the least that an autoscaler may have", { replicas: 1, ...AUTOSCALED }, { replicas: 2 }],
	["addresses for its pods", {}, { serviceName: "prism-it-headless" }],
	[
		"a selector that no edit moves",
		{ product: "shop" },
		{ selector: { matchLabels: { app: "prism-proxy", shard: "it" } } },
	],
	[
		"volumes that are kept",
		{},
		{ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" } },
	],
	[
		"volumes that go with it",
		{ storage: { retention: { whenDeleted: "Delete" } } },
		{ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" } },
	],
	[
		"volumes of a size and a class",
		{ storage: { size: "1024Mi", storageClassName: "fast" } },
		{
			volumeClaimTemplates: [
				{ metadata: { name: "data" }, spec: { resources: { requests: { storage: "1Gi" } }, storageClassName: "fast" } },
			],
		},
	],
])("has %s", (_, spec, expected) => {
	expect(built(spec)?.["spec"]).toMatchObject(expected);
});

it("keeps the volumes that it began with", () => {
	const there = made({ storage: { size: "1Gi" } });
	const templates = recordsAt(there, "spec", "volumeClaimTemplates");
	expect(built({ storage: { size: "2Gi" } }, { observed: [there] })?.["spec"]).toMatchObject({
		volumeClaimTemplates: templates,
	});
});

it("has a hash that an edit moves, but not what can't be changed or an autoscaler owns", () => {
	expect(hashOf(built({ replicas: 2 }))).not.toBe(hashOf(built({ replicas: 3 })));
	expect(hashOf(built({ storage: { size: "1Gi" } }))).toBe(hashOf(built({ storage: { size: "2Gi" } })));
	expect(hashOf(built({ ...AUTOSCALED, replicas: 3 }))).toBe(hashOf(built({ ...AUTOSCALED, replicas: 4 })));
});

it("remembers spec.replicas for when its autoscaler is switched off", () => {
	const before = "prism.io/replicas-before-autoscaling";
	expect(built({ ...AUTOSCALED, replicas: 3 })?.metadata.annotations?.[before]).toBe("3");
	expect(built({ replicas: 3 })?.metadata.annotations).not.toHaveProperty([before]);
});

it("waits for a plugin's version: there is none yet, and one that is there stays as it is", () => {
	const spec = { replicas: 5, plugins: [{ name: "auth" }] };
	const unreadable: KubeObject = {
		apiVersion: "prism.io/v1alpha1",
		kind: "PrismPlugin",
		metadata: { name: "auth", namespace: "prism" },
		spec: { version: 1 },
	};
	expect(built(spec, { related: [unreadable] })).toBeUndefined();
	const there = made({ replicas: 2 });
	expect(built(spec, { related: [unreadable], observed: [there] })).toMatchObject({ spec: { replicas: 2 } });
});
