import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { leftOver } from "../../kube/namesakes.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION, OWNER_LABEL } from "../../schemas/vocabulary.ts";

describe("names of children", () => {
	const spec = {
		PatternRunner: { pattern: "keyvalue", backend: "memstore", config: { size: 1 } },
		PrismStack: { admin: { enabled: true } },
		BackendConfig: { type: "cache", connection: { url: "redis://redis:6379" } },
		PrismShard: { backends: ["pg"] },
	};
	const rules = (kind: keyof typeof spec, watchChildNames?: boolean) => {
		const row = REGISTRY.find(({ parent }) => parent.kind === kind);
		const metadata = { name: "it", namespace: "prism", uid: "u", generation: 1 };
		const parent = { apiVersion: "prism.io/v1alpha1", kind, metadata, spec: spec[kind] };
		const installation = watchChildNames === undefined ? undefined : { watchChildNames };
		return (row?.customize?.({ controller: {}, parent }, installation).relatedResources ?? [])
			.filter(({ names }) => names !== undefined)
			.map(({ resource, names }) => `${resource} ${(names ?? []).join(",")}`);
	};

	it.each([
		["PatternRunner", ["deployments it", "services it", "configmaps it-config", "poddisruptionbudgets it"]],
		["BackendConfig", ["configmaps it-backend"]],
	] as const)("of a %s are watched, unless the installation has too many objects", (kind, watched) => {
		expect(rules(kind)).toEqual(watched);
		expect(rules(kind, true)).toEqual(watched);
		expect(rules(kind, false)).toEqual([]);
	});

	it("of Services at which proxies register are watched in every installation", () => {
		expect(rules("PrismStack", false)).toEqual(["services it-admin,it-proxy,it-proxy-headless"]);
		expect(rules("PrismShard", false)).toEqual([]);
	});
});

describe("what an earlier object of the operator left", () => {
	const OWN = { annotations: { [DESIRED_HASH_ANNOTATION]: "h" } };
	const object = (kind: string, metadata: Partial<KubeObject["metadata"]>): KubeObject => ({
		apiVersion: "v1",
		kind,
		metadata: { name: "shop", namespace: "prod", ...metadata },
	});
	const parent = object("PrismStack", { uid: "new" });
	const left = (kind: string, uid: string) => object(kind, { ...OWN, labels: { [OWNER_LABEL]: uid } });

	it("is taken over by a label, with all others that it left, and with nobody else's", () => {
		const all = [left("Service", "old"), left("Deployment", "old"), left("Service", "old"), left("Secret", "other")];
		expect(leftOver(parent, left("Service", "old"), all)).toEqual({
			verb: "label",
			kind: "deployment,service",
			namespace: "prod",
			flags: ["-l", `${OWNER_LABEL}=old`, `${OWNER_LABEL}=new`, "--overwrite"],
		});
	});

	it.each([
		["has an owner", { ...OWN, labels: { [OWNER_LABEL]: "old" }, ownerReferences: [OWNER("x")] }],
		["was never sent by the operator", { labels: { [OWNER_LABEL]: "old" } }],
		["has no label of an owner", OWN],
		["is the parent's", { ...OWN, labels: { [OWNER_LABEL]: "new" } }],
	])("is not what %s", (_, metadata) => {
		const there = object("Service", metadata);
		expect(leftOver(parent, there, [there])).toBeUndefined();
	});

	it("can't be told of a parent that is not stored", () => {
		expect(leftOver(object("PrismStack", {}), left("Service", "old"), [])).toBeUndefined();
	});
});

function OWNER(uid: string) {
	return { apiVersion: "prism.io/v1alpha1", kind: "PrismStack", name: "shop", uid, controller: true };
}
