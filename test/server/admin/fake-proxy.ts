import { connect, createServer, type Socket, type Server as TcpServer } from "node:net";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { pino } from "pino";
import { afterEach } from "vitest";
import { type AdminApi, createAdminApi } from "../../../devcluster/proxy/admin-api.ts";
import { createFaults } from "../../../devcluster/proxy/faults.ts";
import type { Figures } from "../../../devcluster/proxy/figures.ts";
import type { Handler as Answering } from "../../../devcluster/proxy/method.ts";
import { memoryStore } from "../../../devcluster/proxy/store.ts";
import { contentHash } from "../../../kube/object.ts";
import {
	AdminServiceService,
	type GetMetricsResponse,
	type ListNamespacesRequest,
	type ListNamespacesResponse,
	type NamespaceInfo,
} from "../../../protos/gen/prism/admin/v1/admin.ts";
import {
	ControlPlaneService,
	type CreateNamespaceRequest,
	type CreateNamespaceResponse,
	type NamespaceAssignment,
	type NamespaceAssignmentAck,
	type NamespaceRevocation,
	type NamespaceRevocationAck,
} from "../../../protos/gen/prism/control_plane.ts";
import type { AssignCall, CreateCall, Instance, RevokeCall } from "../../../schemas/admin.ts";
import { type AdminOptions, createAdmin } from "../../../server/admin/index.ts";
import { systemTime } from "../../../server/time.ts";

// An emulated control plane on a real port, with what a test wraps it in: each call may be answered in another way.
// Everything ends with its test.

const undo: (() => unknown)[] = [];
afterEach(async () => {
	for (const step of undo.splice(0).toReversed()) await step();
});

export type Handler<Request, Response> = (
	request: Request,
	reply: sendUnaryData<Response>,
	call: ServerUnaryCall<Request, Response>,
) => void;

/** What the proxy does; each may be replaced by a test, at any time. */
export interface Behaviour {
	list: Handler<ListNamespacesRequest, ListNamespacesResponse>;
	metrics: Handler<object, GetMetricsResponse>;
	create: Handler<CreateNamespaceRequest, CreateNamespaceResponse>;
	assign: Handler<NamespaceAssignment, NamespaceAssignmentAck>;
	revoke: Handler<NamespaceRevocation, NamespaceRevocationAck>;
}

export interface FakeProxy extends Pick<AdminApi, "store" | "faults"> {
	readonly instance: Instance;
	readonly port: number;
	/** Gives it `record` under these names. */
	readonly keep: (...names: readonly string[]) => void;
	/** What was called, in order: "list", "list orders", "list …" for a further page, "assign orders v1", ... */
	readonly calls: string[];
	/** Metadata of the calls, in the same order. */
	readonly metadata: Record<string, unknown>[];
	readonly hosts: string[];
	readonly does: Behaviour;
	readonly stop: () => void;
}

let proxies = 0;

export const fails = (code: status, details = "CANARY after 0.1s, remote_addr=127.0.0.1:4711") => ({ code, details });

/** A handler that ends as a connection that breaks does: UNAVAILABLE would be an answer of the server. */
export const breaks = (_request: unknown, reply: (error: ReturnType<typeof fails>) => void) =>
	reply(fails(status.CANCELLED));

/** A handler that never answers. */
export const hangs = () => {};

export const refuses =
	(message: string): Handler<object, NamespaceAssignmentAck> =>
	(_request, reply) =>
		reply(null, { success: false, message });

const OWNER = "test/shop/orders";
const TIER = "gold";

const configOf = (tier: string) => ({ metadata: { tier } });

/** What is read of what `assign` sends. */
export const record = { digest: contentHash(configOf(TIER)), version: 1, owner: OWNER, status: "Active" };

/** An entry of a listing. */
export const info = (name: string, change: Partial<NamespaceInfo> = {}): NamespaceInfo => ({
	name,
	description: "",
	createdAt: undefined,
	status: 1,
	quota: undefined,
	metrics: undefined,
	configDigest: "0123456789abcdef",
	configVersion: 1,
	owner: OWNER,
	...change,
});

export interface FakeOptions {
	readonly credentials?: ServerCredentials;
	/** Kubernetes namespace of the proxy. */
	readonly namespace?: string;
	/** The most that it lists at once. */
	readonly pageSize?: number;
	readonly figures?: Figures;
}

export async function startProxy({
	credentials = ServerCredentials.createInsecure(),
	namespace = "shop",
	pageSize = Number.POSITIVE_INFINITY,
	figures = () => undefined,
}: FakeOptions = {}): Promise<FakeProxy> {
	const name = `prism-shard-${proxies++}`;
	let stores = 0;
	const store = memoryStore(systemTime, () => `store-${++stores}`);
	const faults = createFaults("extended");
	const api = createAdminApi({ name, kind: "controlPlane", store, faults, clock: systemTime, figures });
	api.registry.add("prism-shard-9", "");
	const { controlPlane, adminService } = api.services;
	const calls: string[] = [];
	const metadata: FakeProxy["metadata"] = [];
	const hosts: string[] = [];
	const works =
		<Request, Response>(handler: Answering<Request, Response>): Handler<Request, Response> =>
		(request, reply, call) =>
			handler({ request, metadata: call.metadata, getPeer: () => call.getPeer() }, reply);
	const list = works(adminService.listNamespaces);
	const does: Behaviour = {
		list: (request, reply, call) => list({ ...request, pageSize: Math.min(request.pageSize, pageSize) }, reply, call),
		metrics: works(adminService.getMetrics),
		create: works(controlPlane.createNamespace),
		assign: works(controlPlane.assignNamespace),
		revoke: works(controlPlane.revokeNamespace),
	};
	const handled =
		<Request, Response>(what: (request: Request) => string, handler: () => Handler<Request, Response>) =>
		(call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>) => {
			calls.push(what(call.request));
			metadata.push(call.metadata.getMap());
			hosts.push(call.getHost());
			handler()(call.request, reply, call);
		};
	const server = new Server();
	server.addService(AdminServiceService, {
		listNamespaces: handled<ListNamespacesRequest, ListNamespacesResponse>(
			({ name: only, pageToken }) => ["list", only, pageToken && "…"].filter((word) => word !== "").join(" "),
			() => does.list,
		),
		getMetrics: handled<object, GetMetricsResponse>(
			() => "metrics",
			() => does.metrics,
		),
	});
	server.addService(ControlPlaneService, {
		createNamespace: handled<CreateNamespaceRequest, CreateNamespaceResponse>(
			({ namespace: id, version }) => `create ${id} v${version}`,
			() => does.create,
		),
		assignNamespace: handled<NamespaceAssignment, NamespaceAssignmentAck>(
			({ namespace: id, version }) => `assign ${id} v${version}`,
			() => does.assign,
		),
		revokeNamespace: handled<NamespaceRevocation, NamespaceRevocationAck>(
			({ namespace: id, version }) => `revoke ${id} v${version}`,
			() => does.revoke,
		),
	});
	const port = await new Promise<number>((resolve, reject) => {
		server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
	});
	const stop = () => server.forceShutdown();
	undo.push(stop);
	const instance: Instance = { name: `${name}-0`, address: `${name}-0.${name}.${namespace}.svc:8981`, namespace };
	const keep: FakeProxy["keep"] = (...names) => {
		for (const each of names) store.put({ name: each, config: configOf(TIER), version: 1, owner: OWNER }, "");
	};
	return { instance, port, store, faults, keep, calls, metadata, hosts, does, stop };
}

/** The client, which finds these proxies at their ports; others nowhere. */
export function adminOf(
	places: readonly { readonly instance: Instance; readonly port: number }[],
	options: Partial<AdminOptions> = {},
) {
	const ports = new Map(places.map(({ instance: { address }, port }) => [address, port]));
	const admin = createAdmin({
		log: pino({ level: "silent" }),
		resolve: (address) => `127.0.0.1:${ports.get(address) ?? 9}`,
		...options,
		timing: { closeMs: 50, ...options.timing },
	});
	undo.push(() => admin.close());
	return admin;
}

// ── Wires ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A wire to a proxy that can be cut, and can swallow all that is sent. */
export interface Wire {
	readonly instance: Instance;
	readonly port: number;
	readonly connections: () => number;
	readonly opened: () => number;
	/** Resets all connections. */
	readonly cut: () => void;
	/**
	 * From now on nothing arrives over the connections that there are, and so many further ones, in either direction, and nobody is
	 * told.
	 */
	readonly swallow: (further?: number) => void;
}

export async function wireTo({ instance, port }: Pick<FakeProxy, "instance" | "port">): Promise<Wire> {
	const sockets = new Set<Socket>();
	let opened = 0;
	let swallowedTo = 0;
	const server: TcpServer = createServer((near) => {
		const number = ++opened;
		const far = connect(port, "127.0.0.1");
		for (const [from, to] of [
			[near, far],
			[far, near],
		] as const) {
			from.on("data", (bytes) => {
				if (number > swallowedTo) to.write(bytes);
			});
			from.on("error", () => {});
			from.once("close", () => {
				sockets.delete(near);
				to.destroy();
			});
		}
		sockets.add(near);
	});
	await new Promise<void>((resolve) => {
		server.listen(0, "127.0.0.1", resolve);
	});
	const cut = () => {
		for (const socket of sockets) socket.resetAndDestroy();
	};
	undo.push(() => {
		cut();
		server.close();
	});
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("no port");
	return {
		instance,
		port: address.port,
		connections: () => sockets.size,
		opened: () => opened,
		cut,
		swallow: (further = 0) => {
			swallowedTo = opened + further;
		},
	};
}

// ── Questions and calls ─────────────────────────────────────────────────────────────────────────────────────────────

export const about = ({ instance }: Pick<FakeProxy, "instance">, namespaceId = "orders", after?: string) =>
	({ about: "namespace", instance, namespaceId, ...(after !== undefined && { after }) }) as const;

export const aboutInstance = ({ instance }: Pick<FakeProxy, "instance">) => ({ about: "instance", instance }) as const;

interface Place {
	readonly instance: Instance;
}

const target = ({ instance }: Place, namespaceId: string, version: number) => ({
	instance,
	namespaceId,
	version,
	owner: OWNER,
});

export const assign = (place: Place, namespaceId = "orders", version = 1): AssignCall => ({
	...target(place, namespaceId, version),
	verb: "assign",
	config: configOf(TIER),
	digest: record.digest,
});

export const create = (place: Place, namespaceId = "orders", version = 1): CreateCall => ({
	...assign(place, namespaceId, version),
	verb: "create",
});

export const revoke = (place: Place, namespaceId = "orders", version = 1): RevokeCall => ({
	...target(place, namespaceId, version),
	verb: "revoke",
});
