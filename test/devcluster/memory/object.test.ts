import { describe, expect, it } from "vitest";
import { deepFreeze } from "../../../devcluster/json.ts";
import { builtInKinds, describedKind, type MemoryKind } from "../../../devcluster/memory/kinds.ts";
import {
	born,
	checkPreconditions,
	deleting,
	released,
	statusUpdated,
	updated,
} from "../../../devcluster/memory/object.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { PrismNamespace } from "../../../schemas/prismnamespace.ts";

const NOW = "2026-01-01T00:00:00Z";
const BIRTH = { uid: "u-1", now: NOW, number: 1 };

const kindOf = (name: string): MemoryKind => {
	const kind = builtInKinds.find((each) => each.kind === name);
	if (kind === undefined) throw new Error(name);
	return kind;
};
const DEPLOYMENT = kindOf("Deployment");
const CONFIG_MAP = kindOf("ConfigMap");
const TENANT = describedKind(PrismNamespace);

const object = (kind: MemoryKind, metadata: object = {}, fields: object = {}): KubeObject => ({
	apiVersion: kind.apiVersion,
	kind: kind.kind,
	metadata: { name: "it", namespace: "team", ...metadata },
	...fields,
});

describe("a new object", () => {
	it("has an identity, and not what the client sent for it", () => {
		const sent = object(DEPLOYMENT, { uid: "mine", resourceVersion: "7", generation: 9, creationTimestamp: "then" });
		expect(born(DEPLOYMENT, deepFreeze({ ...sent, status: { replicas: 1 } }), BIRTH)).toEqual(
			object(DEPLOYMENT, { uid: "u-1", generation: 1, creationTimestamp: NOW }),
		);
	});

	it.each<[string, object]>([
		["Pod", { phase: "Pending" }],
		["Service", { loadBalancer: {} }],
		["Namespace", { phase: "Active" }],
	])("of kind %s has a first status", (kind, status) => {
		expect(born(kindOf(kind), object(kindOf(kind)), BIRTH)["status"]).toEqual(status);
	});

	it("has defaults: of built-in kinds those that readers rely on, of ours those of the schema", () => {
		const spec = born(DEPLOYMENT, object(DEPLOYMENT, {}, { spec: {} }), BIRTH)["spec"];
		expect(spec).toMatchObject({ replicas: 1, progressDeadlineSeconds: 600 });
		const service = born(kindOf("Service"), object(kindOf("Service"), {}, { spec: {} }), { ...BIRTH, number: 258 });
		expect(service["spec"]).toMatchObject({ clusterIP: "10.96.1.2" });
	});

	it("keeps no empty labels, annotations, finalizers or owners", () => {
		const empty = { labels: {}, annotations: {}, finalizers: [], ownerReferences: [] };
		expect(Object.keys(born(CONFIG_MAP, object(CONFIG_MAP, empty), BIRTH).metadata)).toEqual([
			"name",
			"namespace",
			"uid",
			"creationTimestamp",
		]);
	});

	const owner = (name: string) => ({ apiVersion: "v1", kind: "Pod", name, uid: name, controller: true });
	it.each<[string, object, RegExp]>([
		["no name", { name: "" }, /metadata\.name: Required value/],
		["a name that is no subdomain", { name: "It_1" }, /a lowercase RFC 1123 subdomain/],
		["a label that is too long", { labels: { a: "b".repeat(64) } }, /no more than 63 bytes/],
		["a label with a blank", { labels: { a: "b c" } }, /not a valid label value/],
		["two controllers", { ownerReferences: [owner("a"), owner("b")] }, /Only one reference can have Controller/],
	])("with %s is rejected", (_, metadata, message) => {
		expect(() => born(CONFIG_MAP, object(CONFIG_MAP, metadata), BIRTH)).toThrow(message);
	});
});

describe("an update", () => {
	const stored = born(DEPLOYMENT, object(DEPLOYMENT, {}, { spec: { replicas: 1 } }), BIRTH);
	const live = deepFreeze({ ...stored, status: { replicas: 1 } });
	const sent = (fields: object, metadata: object = {}) => ({
		...live,
		...fields,
		metadata: { ...live.metadata, ...metadata },
	});

	it.each<[string, KubeObject, number]>([
		["of the spec", sent({ spec: { replicas: 2 } }), 2],
		["of an annotation of a Deployment, which its controller reads", sent({}, { annotations: { a: "b" } }), 2],
		["of a label", sent({}, { labels: { a: "b" } }), 1],
	])("%s leads to generation %3$d", (_, object_, generation) => {
		expect(updated(DEPLOYMENT, live, object_).metadata.generation).toBe(generation);
	});

	it("without a change is none: what is stored is returned itself", () => {
		expect(updated(DEPLOYMENT, live, sent({}))).toBe(live);
		expect(updated(DEPLOYMENT, live, sent({ status: { replicas: 9 } }, { uid: "other", generation: 9 }))).toBe(live);
		expect(statusUpdated(DEPLOYMENT, live, sent({ spec: { replicas: 9 } }))).toBe(live);
	});

	it("of the status changes the status, and no generation", () => {
		const next = statusUpdated(DEPLOYMENT, live, sent({ status: { replicas: 2 }, spec: { replicas: 2 } }));
		expect(next).toEqual({ ...live, status: { replicas: 2 } });
	});

	it("of ours is checked against the schema, also of the status", () => {
		const tenant = born(TENANT, object(TENANT, {}, { spec: { backend: "redis" } }), BIRTH);
		expect(() => updated(TENANT, tenant, { ...tenant, spec: { backend: 3 } })).toThrow(/spec\.backend/);
		expect(() => statusUpdated(TENANT, tenant, { ...tenant, status: { phase: 3 } })).toThrow(/status\.phase/);
	});
});

describe("a deletion", () => {
	const live = born(DEPLOYMENT, object(DEPLOYMENT, {}, { spec: {} }), BIRTH);

	it("waits for finalizers and for the grace period, and counts as a generation", () => {
		const going = (finalizers: readonly string[], grace: number) => deleting(DEPLOYMENT, live, finalizers, NOW, grace);
		expect(going([], 0).metadata).toMatchObject({ deletionTimestamp: NOW, generation: 2 });
		expect([going([], 0), going(["a"], 0), going([], 30), live].map(released)).toEqual([true, false, false, false]);
	});

	it("of a Namespace waits for its own finalizer, too", () => {
		const namespace = born(kindOf("Namespace"), object(kindOf("Namespace")), BIRTH);
		const going = deleting(kindOf("Namespace"), namespace, [], NOW, 0);
		expect(going["status"]).toEqual({ phase: "Terminating" });
		expect(released(going)).toBe(false);
		expect(released({ ...going, spec: { finalizers: [] } })).toBe(true);
	});

	it("allows no new finalizers", () => {
		const going = deleting(DEPLOYMENT, live, ["a"], NOW, 0);
		const withFinalizers = (...finalizers: readonly string[]) => ({
			...going,
			metadata: { ...going.metadata, finalizers: [...finalizers] },
		});
		expect(() => updated(DEPLOYMENT, going, withFinalizers("a", "b"))).toThrow(/no new finalizers/);
		expect(released(updated(DEPLOYMENT, going, withFinalizers()))).toBe(true);
	});
});

it.each<[string, object, RegExp | undefined]>([
	["nothing", { uid: undefined, resourceVersion: undefined }, undefined],
	["the stored object", { uid: "u-1", resourceVersion: "3" }, undefined],
	["another object of the name", { uid: "u-2" }, /u-2/],
	["an older state", { resourceVersion: "2" }, /modified/],
])("a write that was read from %s", (_, metadata, message) => {
	const live = object(CONFIG_MAP, { uid: "u-1", resourceVersion: "3" });
	const check = () => checkPreconditions(CONFIG_MAP, live, object(CONFIG_MAP, metadata));
	if (message === undefined) expect(check).not.toThrow();
	else expect(check).toThrow(message);
});
