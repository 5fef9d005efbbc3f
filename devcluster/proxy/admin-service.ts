import { status } from "@grpc/grpc-js";
import { contentHash } from "../../kube/object.ts";
import type * as wire from "../../protos/gen/prism/admin/v1/admin.ts";
import { NamespaceStatus } from "../../protos/gen/prism/admin/v1/admin.ts";
import type { Instance } from "./control-plane.ts";
import type { Dialect } from "./faults.ts";
import type { Figures, NamespaceFigures } from "./figures.ts";
import { type Method, RpcError } from "./method.ts";
import type { NamespaceState, Quota, StoredNamespace } from "./store.ts";

// prism.admin.v1.AdminService: reading back, and the administrator's own hand, which asks for no owner and no version.

interface AdminMethods {
	readonly listNamespaces: Method<wire.ListNamespacesRequest, wire.ListNamespacesResponse>;
	readonly createNamespace: Method<wire.CreateNamespaceRequest, wire.CreateNamespaceResponse>;
	readonly updateNamespace: Method<wire.UpdateNamespaceRequest, wire.UpdateNamespaceResponse>;
	readonly deleteNamespace: Method<wire.DeleteNamespaceRequest, wire.DeleteNamespaceResponse>;
	readonly getMetrics: Method<wire.GetMetricsRequest, wire.GetMetricsResponse>;
	readonly getBackendStatus: Method<wire.GetBackendStatusRequest, wire.GetBackendStatusResponse>;
}

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1_000;

export const adminMethods = (instance: Instance, figures: Figures): AdminMethods => {
	const { store, clock } = instance;
	const infoOf = (namespace: StoredNamespace, dialect: Dialect): wire.NamespaceInfo => {
		const info = {
			name: namespace.name,
			description: namespace.description,
			createdAt: new Date(namespace.createdAt),
			status: STATUSES[namespace.status],
			quota: namespace.quota && quotaInfo(namespace.quota, dialect),
			metrics: metricsInfo(figures(namespace.name, clock.now()), dialect),
		};
		const { digest, version, owner } = namespace;
		return dialect === "design"
			? { ...info, configDigest: "", configVersion: 0, owner: "" }
			: { ...info, configDigest: digest, configVersion: version, owner };
	};
	const found = (name: string): StoredNamespace => {
		const namespace = store.get(name);
		if (namespace === undefined) throw new RpcError(status.NOT_FOUND, `there is no namespace ${name}`);
		return namespace;
	};
	const list: AdminMethods["listNamespaces"]["handle"] = (request, { dialect }) => {
		const storeId = dialect === "design" ? "" : store.id();
		const { items, nextPageToken } =
			request.name === "" || dialect === "design" ? page(instance, request) : one(instance, request.name);
		return { namespaces: items.map((item) => infoOf(item, dialect)), nextPageToken, storeId };
	};
	return {
		listNamespaces: {
			handle: list,
			lie(request, caller) {
				const answer = list(request, caller);
				const namespaces = answer.namespaces.map((info) => ({ ...info, configDigest: contentHash(info.configDigest) }));
				return { ...answer, namespaces };
			},
		},
		createNamespace: {
			handle({ name, description, quota }, { user, dialect }) {
				if (name === "") throw new RpcError(status.INVALID_ARGUMENT, "name is empty");
				if (store.get(name) !== undefined)
					throw new RpcError(status.ALREADY_EXISTS, `namespace ${name} exists already`);
				store.put({ name, config: {}, version: 0, owner: "", description, quota: quotaOf(quota, dialect) }, user);
				return { namespace: infoOf(found(name), dialect) };
			},
		},
		updateNamespace: {
			handle({ name, description, quota }, { user, dialect }) {
				store.put({ ...found(name), description, quota: quotaOf(quota, dialect) }, user);
				return { namespace: infoOf(found(name), dialect) };
			},
			lie: ({ name }, { dialect }) => ({ namespace: infoOf(found(name), dialect) }),
		},
		deleteNamespace: {
			handle({ name }, { user }) {
				if (!store.remove(found(name).name, user))
					throw new RpcError(status.NOT_FOUND, `there is no namespace ${name}`);
				return {};
			},
			lie: () => ({}),
		},
		getMetrics: {
			handle(_, { dialect }) {
				// The design names the call, and none of the fields.
				if (dialect === "design") return { requestsPerSecond: 0, p99LatencyMs: 0 };
				const each = store.list().flatMap(({ name }) => figures(name, clock.now()) ?? []);
				return {
					requestsPerSecond: each.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0),
					p99LatencyMs: each.reduce((most, { p99LatencyMs }) => Math.max(most, p99LatencyMs), 0),
				};
			},
		},
		getBackendStatus: {
			handle({ backendType }, { dialect }) {
				if (dialect === "design") return { available: false, message: "" };
				const types = store.list().flatMap(({ config }) => Object.values(config.backends ?? {}));
				const available = types.some((backend) => backend.backendType === backendType);
				return { available, message: available ? "" : `no namespace uses a backend of type ${backendType}` };
			},
		},
	};
};

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Page {
	readonly items: readonly StoredNamespace[];
	readonly nextPageToken: string;
}

const one = ({ store }: Instance, name: string): Page => {
	const item = store.get(name);
	return { items: item === undefined ? [] : [item], nextPageToken: "" };
};

/** A token is the name to continue after: namespaces that come or go meanwhile shift nothing. */
const page = ({ store }: Instance, { pageSize, pageToken }: wire.ListNamespacesRequest): Page => {
	if (pageSize < 0) throw new RpcError(status.INVALID_ARGUMENT, "page_size is negative");
	const size = Math.min(pageSize === 0 ? DEFAULT_PAGE : pageSize, LARGEST_PAGE);
	// One more than requested shows whether there is another page.
	const items = store.list(nameOf(pageToken), size + 1);
	const last = items[size - 1];
	return {
		items: items.slice(0, size),
		nextPageToken: items.length > size && last !== undefined ? tokenOf(last.name) : "",
	};
};

const tokenOf = (name: string): string => Buffer.from(name, "utf8").toString("base64url");

const nameOf = (token: string): string => {
	const name = Buffer.from(token, "base64url").toString("utf8");
	if (tokenOf(name) !== token) throw new RpcError(status.INVALID_ARGUMENT, "page_token is none of ours");
	return name;
};

// ── Parts of an answer ──────────────────────────────────────────────────────────────────────────────────────────────

const STATUSES = {
	active: NamespaceStatus.ACTIVE,
	migrating: NamespaceStatus.READ_ONLY,
	disabled: NamespaceStatus.SUSPENDED,
} as const satisfies Record<NamespaceState, NamespaceStatus>;

const quotaOf = (quota: wire.NamespaceQuota | undefined, dialect: Dialect): Quota | undefined =>
	quota && (dialect === "design" ? { ...quota, burstSize: 0, maxKeys: 0, maxConnections: 0 } : quota);

const quotaInfo = (quota: Quota, dialect: Dialect): wire.NamespaceQuota => ({ ...quota, ...quotaOf(quota, dialect) });

const metricsInfo = (figures: NamespaceFigures | undefined, dialect: Dialect): wire.NamespaceMetrics | undefined => {
	if (figures === undefined) return undefined;
	const { sessions, storageBytes, requestsPerSecond, keys, connections, p99LatencyMs } = figures;
	const designed = { activeSessions: sessions, storageBytesUsed: storageBytes, requestsPerSecond };
	return dialect === "design"
		? { ...designed, keyCount: 0, connections: 0, p99LatencyMs: 0 }
		: { ...designed, keyCount: keys, connections, p99LatencyMs };
};
