import { createInformers } from "../../../devcluster/controllers/informer.ts";
import { copyJson, isJsonObject, type JsonObject, objectAt } from "../../../devcluster/json.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import { type HookReply, type LogLine, startMetacontroller } from "../../../devcluster/metacontroller/index.ts";
import type { Resource, Store } from "../../../devcluster/store.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import type { CompositeRequest } from "../../../schemas/metacontroller.ts";
import { createManualClock } from "../../clock.ts";

// The stand-in over a store in memory, with toy hooks and a clock of the test's own.

export interface Call {
	readonly path: string;
	readonly body: CompositeRequest & JsonObject;
}

export type ToyHook = (body: CompositeRequest & JsonObject) => JsonObject | Reply;

export class Reply {
	readonly reply: HookReply;
	constructor(reply: HookReply) {
		this.reply = reply;
	}
}

const isRequest = (body: unknown): body is Call["body"] =>
	isJsonObject(body) && (isJsonObject(body["parent"]) || isJsonObject(body["object"]));

interface BenchOptions {
	readonly controllers: readonly KubeObject[];
	readonly hooks: Readonly<Record<string, ToyHook>>;
	readonly objects?: readonly KubeObject[];
	/** Changes the store as the stand-in sees it. */
	readonly wrap?: (store: Store) => Store;
	readonly resyncPeriodMs?: number;
}

export const startBench = async ({ controllers, hooks, objects = [], wrap, resyncPeriodMs }: BenchOptions) => {
	const clock = createManualClock();
	const store = createMemoryStore({ clock, kinds: [] });
	for (const object of [crd("Thing", "things"), crd("Realm", "realms", "Cluster"), ...objects])
		await store.create(object);
	const informers = createInformers(store, clock);
	const calls: Call[] = [];
	const log: LogLine[] = [];
	const metacontroller = await startMetacontroller({
		store: wrap ? wrap(store) : store,
		informers,
		clock,
		controllers,
		...(resyncPeriodMs !== undefined && { resyncPeriodMs }),
		log: (line) => log.push(line),
		call: async (url, body) => {
			const path = new URL(url).pathname;
			const copy = copyJson(body);
			if (!isRequest(copy)) throw new Error("what is sent to a hook is an object with a parent");
			calls.push({ path, body: copy });
			const hook = hooks[path];
			if (!hook) return { status: 404, body: "no such hook" };
			const answer = hook(copy);
			return answer instanceof Reply ? answer.reply : { status: 200, body: JSON.stringify(answer) };
		},
	});
	const settle = async () => {
		await clock.settle();
		await metacontroller.idle();
		await clock.settle();
	};
	await settle();
	const resource = (kind: string): Promise<Resource> =>
		store.resourceOf(API_VERSIONS[kind] ?? "test.prism.io/v1", kind);
	return {
		clock,
		store,
		metacontroller,
		calls,
		log,
		settle,
		callsOf: (path: string) => calls.filter((call) => call.path === path),
		get: async (kind: string, name: string, namespace: string | undefined = "default") =>
			store.get(await resource(kind), namespace, name),
		list: async (kind: string) => (await store.list(await resource(kind))).items,
		create: async (object: KubeObject) => {
			await store.create(object);
			await settle();
		},
		/** Changes an object as a person would. */
		edit: async (kind: string, name: string, change: (object: KubeObject & JsonObject) => void) => {
			const object = await store.get(await resource(kind), "default", name);
			const changed = copyJson(object ?? thing("missing")) as KubeObject & JsonObject;
			change(changed);
			await store.update(changed);
			await settle();
		},
		editStatus: async (kind: string, name: string, status: JsonObject) => {
			const object = await store.get(await resource(kind), "default", name);
			await store.updateStatus({ ...(object ?? thing("missing")), status });
			await settle();
		},
		remove: async (kind: string, name: string) => {
			await store.delete(await resource(kind), "default", name);
			await settle();
		},
	};
};

const API_VERSIONS: Readonly<Record<string, string>> = {
	ConfigMap: "v1",
	Event: "v1",
	Namespace: "v1",
	Service: "v1",
	Deployment: "apps/v1",
};

// ── Objects ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const crd = (
	kind: string,
	plural: string,
	scope = "Namespaced",
	subresources: JsonObject = { status: {} },
): KubeObject => ({
	apiVersion: "apiextensions.k8s.io/v1",
	kind: "CustomResourceDefinition",
	metadata: { name: `${plural}.test.prism.io` },
	spec: {
		group: "test.prism.io",
		scope,
		names: { kind, plural },
		versions: [{ name: "v1", served: true, storage: true, subresources }],
	},
});

export const thing = (name: string, spec: JsonObject = {}, metadata: JsonObject = {}): KubeObject => ({
	apiVersion: "test.prism.io/v1",
	kind: "Thing",
	metadata: { name, namespace: "default", ...metadata },
	spec,
});

export const configMap = (name: string, data: JsonObject = {}, metadata: JsonObject = {}): KubeObject => ({
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata: { name, ...metadata },
	data,
});

const hook = (path: string): JsonObject => ({ version: "v2", webhook: { url: `http://hooks.invalid${path}` } });
const hooksOf = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, hook(`/${name}`)]));

/** A CompositeController of Things with ConfigMaps; its hooks are at /sync, /finalize and /customize. */
export const composite = (
	hooks: readonly string[],
	method: string | undefined = "InPlace",
	spec: JsonObject = {},
): KubeObject => ({
	apiVersion: "metacontroller.k8s.io/v1alpha1",
	kind: "CompositeController",
	metadata: { name: "toy" },
	spec: {
		parentResource: { apiVersion: "test.prism.io/v1", resource: "things" },
		childResources: [{ apiVersion: "v1", resource: "configmaps", ...(method && { updateStrategy: { method } }) }],
		generateSelector: true,
		hooks: hooksOf(hooks),
		...spec,
	},
});

/** A DecoratorController of Things with ConfigMaps attached. */
export const decorator = (hooks: readonly string[], rule: JsonObject = {}, spec: JsonObject = {}): KubeObject => ({
	apiVersion: "metacontroller.k8s.io/v1alpha1",
	kind: "DecoratorController",
	metadata: { name: "toy" },
	spec: {
		resources: [{ apiVersion: "test.prism.io/v1", resource: "things", ...rule }],
		attachments: [{ apiVersion: "v1", resource: "configmaps", updateStrategy: { method: "InPlace" } }],
		hooks: hooksOf(hooks),
		...spec,
	},
});

/** The hook of most tests: one ConfigMap per entry of the parent's spec.maps. */
export const mapsOf = ({ parent }: Pick<CompositeRequest, "parent">): JsonObject => ({
	status: { phase: "Ready" },
	children: Object.entries(objectAt(parent, "spec", "maps")).map(([name, data]) =>
		configMap(name, isJsonObject(data) ? data : {}),
	),
});
