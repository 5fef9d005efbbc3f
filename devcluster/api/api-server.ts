import { Agent, type Dispatcher } from "undici";
import type { KubeObject } from "../../schemas/common.ts";
import { isKubeObject, objectsAt, stringAt } from "../json.ts";
import { ApiError, type Resource, type Store } from "../store.ts";
import { type Credentials, createApiCalls } from "./calls.ts";
import { badRequest, noSuchResource } from "./errors.ts";
import { followWatch } from "./watch.ts";

// A Store over HTTP: a real kube-apiserver, the one that `prism-operator run` starts or one of a kubeconfig. For
// development and tests only: the operator itself never talks to the API server, Metacontroller does.

export interface Connection extends Credentials {
	/** Takes the place of the connection pools; certificates are then its business. */
	readonly dispatcher?: Dispatcher;
}

export const connect = (connection: Connection): Store => {
	const { ca, cert, key, insecure } = connection;
	const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), rejectUnauthorized: insecure !== true };
	// Over HTTP/2 an aborted watch can bring the process down later, when its connection is closed (undici 8.12).
	const pool = { allowH2: false, bodyTimeout: 0, connect: tls };
	const calls = connection.dispatcher ?? new Agent({ ...pool, connections: 16 });
	// A watch keeps its connection: out of the same pool, sixteen of them would leave none for anything else.
	const watches = connection.dispatcher ?? new Agent(pool);
	const closing = new AbortController();
	const api = createApiCalls(connection, calls);
	const discovery = createDiscovery((path) => api.get(path));

	const pathOfObject = async ({ apiVersion, kind, metadata }: KubeObject, subresource = "") => {
		const resource = await discovery.find(apiVersion, (candidate) => candidate.kind === kind);
		if (resource.namespaced && !metadata.namespace)
			throw badRequest("an empty namespace may not be set during creation");
		return {
			collection: pathOf(resource, metadata.namespace),
			path: `${pathOf(resource, metadata.namespace, metadata.name)}${subresource}`,
		};
	};

	/** PUT. Custom resources refuse one without a version: then the version is read first, and again when it is stale. */
	const put = async (object: KubeObject, subresource: string): Promise<KubeObject> => {
		const { path } = await pathOfObject(object, subresource);
		if (object.metadata.resourceVersion) return asObject(await api.send("PUT", path, object));
		const { path: objectPath } = await pathOfObject(object);
		for (let attempt = 1; ; attempt += 1) {
			const { resourceVersion = "" } = asObject(await api.get(objectPath)).metadata;
			try {
				const body = { ...object, metadata: { ...object.metadata, resourceVersion } };
				return asObject(await api.send("PUT", path, body));
			} catch (error) {
				const stale = error instanceof ApiError && error.reason === "Conflict";
				if (!stale || attempt === 5) throw error;
			}
		}
	};

	return {
		resourceOf: (apiVersion, kind) => discovery.find(apiVersion, (resource) => resource.kind === kind),
		resourceNamed: (apiVersion, name) => discovery.find(apiVersion, ({ resource }) => resource === name),
		async get(resource, namespace, name) {
			try {
				return asObject(await api.get(pathOf(resource, namespace, name)));
			} catch (error) {
				if (error instanceof ApiError && error.status === 404) return undefined;
				throw error;
			}
		},
		async list(resource, namespace) {
			const body = await api.get(pathOf(resource, namespace));
			const { apiVersion, kind } = resource;
			return {
				// Lists of built-in kinds leave these two out of their items.
				items: objectsAt(body, "items").map((item) => ({ ...asObject(item), apiVersion, kind })),
				resourceVersion: stringAt(body, "metadata", "resourceVersion") ?? "",
			};
		},
		watch: (resource, resourceVersion, onEvent, signal) =>
			followWatch(
				connection,
				watches,
				pathOf(resource, undefined),
				resourceVersion,
				onEvent,
				AbortSignal.any([signal, closing.signal]),
			),
		async create(object) {
			const { collection } = await pathOfObject(object);
			return asObject(await api.send("POST", collection, object));
		},
		// A namespace that is being deleted can be changed in one way only: by releasing it, through a door of its own.
		update: (object) => put(object, isNamespace(object) && object.metadata.deletionTimestamp ? "/finalize" : ""),
		updateStatus: (object) => put(object, "/status"),
		patch: async (resource, namespace, name, change) =>
			asObject(await api.send("PATCH", pathOf(resource, namespace, name), change, "application/merge-patch+json")),
		async delete(resource, namespace, name, options = {}) {
			const { uid, ...rest } = options;
			const body = { apiVersion: "v1", kind: "DeleteOptions", ...rest, ...(uid && { preconditions: { uid } }) };
			try {
				await api.send("DELETE", pathOf(resource, namespace, name), body);
			} catch (error) {
				if (!(error instanceof ApiError && error.status === 404)) throw error;
			}
		},
		async apply(object, { fieldManager, dryRun }) {
			const { path } = await pathOfObject(object);
			const query = new URLSearchParams({ fieldManager, force: "true", fieldValidation: "Strict" });
			if (dryRun) query.set("dryRun", "All");
			return asObject(await api.send("PATCH", `${path}?${query.toString()}`, object, "application/apply-patch+yaml"));
		},
		async close() {
			closing.abort();
			if (connection.dispatcher) return;
			await Promise.all([calls.destroy(), watches.destroy()]);
		},
	};
};

const isNamespace = ({ apiVersion, kind }: KubeObject) => apiVersion === "v1" && kind === "Namespace";

const asObject = (body: unknown): KubeObject => {
	if (isKubeObject(body)) return body;
	throw new Error(`the API server answered with something that is no object: ${JSON.stringify(body).slice(0, 200)}`);
};

const groupPath = (apiVersion: string) => (apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`);

const pathOf = (resource: Resource, namespace: string | undefined, name?: string): string =>
	[
		groupPath(resource.apiVersion),
		...(resource.namespaced && namespace !== undefined ? ["namespaces", encodeURIComponent(namespace)] : []),
		resource.resource,
		...(name === undefined ? [] : [encodeURIComponent(name)]),
	].join("/");

// ── Discovery ───────────────────────────────────────────────────────────────────────────────────────────────────────

const noneIfMissing = (error: unknown): Resource[] => {
	if (error instanceof ApiError && error.status === 404) return [];
	throw error;
};

/** The resources of each group version, read once; read again for what is not found, as it may be new. */
const createDiscovery = (get: (path: string) => Promise<unknown>) => {
	const known = new Map<string, Promise<Resource[]>>();
	const read = (apiVersion: string): Promise<Resource[]> => {
		const reading = get(groupPath(apiVersion)).then((body) => {
			const resources = objectsAt(body, "resources").map(({ name, kind, namespaced }) => ({
				apiVersion,
				kind: String(kind),
				resource: String(name),
				namespaced: namespaced === true,
			}));
			// "pods/log" and the like are no resources of their own.
			return resources.filter(({ resource }) => !resource.includes("/"));
		});
		known.set(apiVersion, reading);
		reading.catch(() => known.delete(apiVersion));
		return reading;
	};
	return {
		async find(apiVersion: string, wanted: (resource: Resource) => boolean): Promise<Resource> {
			const cached = (await known.get(apiVersion))?.find(wanted);
			const found = cached ?? (await read(apiVersion).catch(noneIfMissing)).find(wanted);
			if (!found) throw noSuchResource();
			return found;
		},
	};
};
