import { readdirSync, readFileSync } from "node:fs";
import { stringify } from "safe-stable-stringify";
import { beforeAll, describe, expect, it } from "vitest";
import { copyJson, isJsonObject, type JsonObject, objectAt, objectsAt, stringAt } from "../../../devcluster/json.ts";
import { isKubeObject } from "../../../kube/object.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { type Call, Reply, startBench, type ToyHook } from "./bench.ts";

// What a real Metacontroller 4.17.2 sent against a real API server, and what it was answered (recorded/). Driven through
// the same story, the stand-in has to send the same, apart from what only a real server fills in, and to take the same
// answers.

interface Recorded {
	readonly file: string;
	readonly path: string;
	readonly body: JsonObject;
	readonly answer: string;
}

const folder = new URL("recorded/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, folder), "utf8");
const recorded: Recorded[] = readdirSync(folder)
	.filter((file) => file.endsWith(".json") && !file.endsWith(".response.json"))
	.toSorted()
	.map((file) => {
		const request: unknown = JSON.parse(read(file));
		const answer = read(file.replace(/json$/, "response.json"));
		return { file, path: stringAt(request, "url") ?? "", body: objectAt(request, "body"), answer };
	});

// ── Shape ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An object without what differs from server to server: uids, versions, times, managed fields, defaults, status. */
const shapeOf = (object: JsonObject) => {
	const { name, namespace, labels, annotations, finalizers, generation, deletionTimestamp, ownerReferences } = objectAt(
		object,
		"metadata",
	);
	return {
		apiVersion: object["apiVersion"],
		kind: object["kind"],
		metadata: { name, namespace, labels, annotations, finalizers, generation, ownerReferences },
		isBeingDeleted: deletionTimestamp !== undefined,
	};
};

const mapShape = (map: unknown, shape: (object: JsonObject) => unknown) =>
	Object.fromEntries(
		Object.entries(isJsonObject(map) ? map : {}).map(([kind, group]) => [
			kind,
			Object.fromEntries(
				Object.entries(isJsonObject(group) ? group : {}).map(([key, object]) => [key, shape(objectAt(object))]),
			),
		]),
	);

const requestShape = (body: JsonObject) => {
	const parent = objectAt(body, "parent" in body ? "parent" : "object");
	const controller = objectAt(body, "controller");
	const shape = {
		keys: Object.keys(body).toSorted(),
		controller: { keys: Object.keys(controller).toSorted(), spec: controller["spec"], status: controller["status"] },
		parent: { ...shapeOf(parent), spec: parent["spec"], status: parent["status"] },
		children: mapShape(body["children"] ?? body["attachments"], shapeOf),
		// Only which they are: what state they are in at that moment is a matter of timing.
		related: mapShape(body["related"], ({ apiVersion, kind }) => ({ apiVersion, kind })),
		finalizing: body["finalizing"],
	};
	const uid = stringAt(parent, "metadata", "uid") ?? "";
	const withoutUid: unknown = JSON.parse(JSON.stringify(shape).replaceAll(uid, "<uid>"));
	return objectAt(withoutUid);
};

/** The recorded story has some syncs for which nothing had changed: they depend on timing too. */
const story = (calls: readonly { path: string; body: JsonObject }[], path: string) => {
	const shapes = calls.filter((call) => call.path === path).map(({ body }) => requestShape(body));
	return shapes.filter((shape, index) => stringify(shape) !== stringify(shapes[index - 1]));
};

// ── Story ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const definition = (kind: string, plural: string): KubeObject => ({
	apiVersion: "apiextensions.k8s.io/v1",
	kind: "CustomResourceDefinition",
	metadata: { name: `${plural}.prism.io` },
	spec: {
		group: "prism.io",
		scope: "Namespaced",
		names: { kind, plural },
		versions: [{ name: "v1alpha1", served: true, storage: true, subresources: { status: {} } }],
	},
});

/** What somebody applied with kubectl, with the annotation that kubectl leaves. */
const applied = (recording: unknown): KubeObject => {
	const annotation = "kubectl.kubernetes.io/last-applied-configuration";
	const text = stringAt(recording, "metadata", "annotations", annotation) ?? "{}";
	const object: unknown = JSON.parse(text);
	if (!isKubeObject(object)) throw new Error("the recording has no object that was applied");
	return { ...object, metadata: { ...object.metadata, annotations: { [annotation]: text } } };
};

const first = (file: string) => recorded.find((each) => each.file === file)?.body ?? {};
const stack = applied(first("prismstack-sync-1.json")["parent"]);
const tenant = applied(first("prismnamespace-sync-1.json")["object"]);
const roster = applied(
	objectAt(first("prismnamespace-sync-1.json"), "related", "ConfigMap.v1")["default/playback-live-roster"],
);
const controllers = [first("prismstack-sync-1.json"), first("prismnamespace-sync-1.json")].map(({ controller }) =>
	applied(controller),
);

/** The recorded answer to the same request; a request that was never recorded has none. */
const replay =
	(path: string): ToyHook =>
	(body) => {
		const shape = stringify(requestShape(body));
		const same = recorded.find((each) => each.path === path && stringify(requestShape(each.body)) === shape);
		return new Reply(same ? { status: 200, body: same.answer } : { status: 500, body: "this was never sent" });
	};

const paths = [...new Set(recorded.map(({ path }) => path))];

describe("the stand-in, driven through the recorded story", () => {
	let calls: readonly Call[] = [];
	let errors = -1;
	let left: readonly (KubeObject | undefined)[] = [];

	beforeAll(async () => {
		const bench = await startBench({
			controllers,
			hooks: Object.fromEntries(paths.map((path) => [path, replay(path)])),
			objects: [definition("PrismStack", "prismstacks"), definition("PrismNamespace", "prismnamespaces")],
		});
		const { store, settle } = bench;
		const stacks = await store.resourceNamed("prism.io/v1alpha1", "prismstacks");
		const tenants = await store.resourceNamed("prism.io/v1alpha1", "prismnamespaces");
		for (const object of [roster, stack, tenant]) await bench.create(object);

		const proxy = await bench.get("Deployment", "prism-dev-proxy");
		await store.updateStatus({ ...(proxy ?? stack), status: { replicas: 1, observedGeneration: 1 } });
		await settle();

		const edited = copyJson((await store.get(stacks, "default", "prism-dev")) ?? stack);
		objectAt(edited, "spec", "proxy")["replicas"] = 2;
		await store.update(edited);
		await settle();

		await store.delete(tenants, "default", tenant.metadata.name);
		await settle();
		await store.delete(stacks, "default", stack.metadata.name);
		await settle();
		calls = bench.calls;
		errors = bench.metacontroller.stats.errors;
		left = [
			await store.get(stacks, "default", stack.metadata.name),
			await store.get(tenants, "default", tenant.metadata.name),
			await bench.get("Deployment", "prism-dev-proxy"),
		];
	});

	it.each(paths)("sends the same to %s", (path) => {
		expect(story(calls, path)).toEqual(story(recorded, path));
	});

	it("asks no hook that was not asked, and takes every answer", () => {
		expect([...new Set(calls.map(({ path }) => path))].toSorted()).toEqual(paths.toSorted());
		expect(errors).toBe(0);
		expect(left).toEqual([undefined, undefined, undefined]);
	});
});

it("the recordings are of both kinds of controller", () => {
	expect(recorded).toHaveLength(14);
	expect(recorded.flatMap(({ body }) => objectsAt(body, "controller", "spec", "childResources"))).not.toHaveLength(0);
});
