import { credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import * as admin from "../../../protos/gen/prism/admin/v1/admin.ts";
import { AdminServiceClient, ListNamespacesRequest } from "../../../protos/gen/prism/admin/v1/admin.ts";
import * as plane from "../../../protos/gen/prism/control_plane.ts";

// A caller of the admin API over real gRPC, for the tests of who is called.

export interface CallerOptions {
	readonly token?: string;
	readonly user?: string;
	readonly deadlineMs?: number;
}

type Fields<Message> = plane.DeepPartial<Message>;

export interface TestCaller {
	create(request: Fields<plane.CreateNamespaceRequest>): Promise<plane.CreateNamespaceResponse>;
	assign(request: Fields<plane.NamespaceAssignment>): Promise<plane.NamespaceAssignmentAck>;
	revoke(request: Fields<plane.NamespaceRevocation>): Promise<plane.NamespaceRevocationAck>;
	register(request: Fields<plane.ProxyRegistration>): Promise<plane.ProxyRegistrationAck>;
	heartbeat(request: Fields<plane.ProxyHeartbeat>): Promise<plane.HeartbeatAck>;
	list(request?: Fields<admin.ListNamespacesRequest>): Promise<admin.ListNamespacesResponse>;
	createByHand(request: Fields<admin.CreateNamespaceRequest>): Promise<admin.CreateNamespaceResponse>;
	updateByHand(request: Fields<admin.UpdateNamespaceRequest>): Promise<admin.UpdateNamespaceResponse>;
	deleteByHand(request: Fields<admin.DeleteNamespaceRequest>): Promise<admin.DeleteNamespaceResponse>;
	metrics(): Promise<admin.GetMetricsResponse>;
	backendStatus(backendType: string): Promise<admin.GetBackendStatusResponse>;
	close(): void;
}

export const callerOf = (address: string, options: CallerOptions = {}): TestCaller => {
	// Else all callers of an address share a connection, and what one of them did to it.
	const channel = { "grpc.use_local_subchannel_pool": 1, "grpc.initial_reconnect_backoff_ms": 20 };
	const controlPlane = new plane.ControlPlaneClient(address, credentials.createInsecure(), channel);
	const adminService = new AdminServiceClient(address, credentials.createInsecure(), channel);
	const metadata = new Metadata();
	if (options.token !== undefined) metadata.set("x-admin-token", options.token);
	if (options.user !== undefined) metadata.set("x-admin-user", options.user);
	const within = () => ({ deadline: Date.now() + (options.deadlineMs ?? 5_000) });
	const one = <Answer>(
		send: (done: (error: ServiceError | null, answer: Answer) => void) => unknown,
	): Promise<Answer> =>
		new Promise((resolve, reject) => {
			send((error, answer) => (error === null ? resolve(answer) : reject(error)));
		});
	return {
		create: (request) =>
			one((done) =>
				controlPlane.createNamespace(plane.CreateNamespaceRequest.fromPartial(request), metadata, within(), done),
			),
		assign: (request) =>
			one((done) =>
				controlPlane.assignNamespace(plane.NamespaceAssignment.fromPartial(request), metadata, within(), done),
			),
		revoke: (request) =>
			one((done) =>
				controlPlane.revokeNamespace(plane.NamespaceRevocation.fromPartial(request), metadata, within(), done),
			),
		register: (request) =>
			one((done) => controlPlane.registerProxy(plane.ProxyRegistration.fromPartial(request), metadata, within(), done)),
		heartbeat: (request) =>
			one((done) => controlPlane.heartbeat(plane.ProxyHeartbeat.fromPartial(request), metadata, within(), done)),
		list: (request = {}) =>
			one((done) => adminService.listNamespaces(ListNamespacesRequest.fromPartial(request), metadata, within(), done)),
		createByHand: (request) =>
			one((done) =>
				adminService.createNamespace(admin.CreateNamespaceRequest.fromPartial(request), metadata, within(), done),
			),
		updateByHand: (request) =>
			one((done) =>
				adminService.updateNamespace(admin.UpdateNamespaceRequest.fromPartial(request), metadata, within(), done),
			),
		deleteByHand: (request) =>
			one((done) =>
				adminService.deleteNamespace(admin.DeleteNamespaceRequest.fromPartial(request), metadata, within(), done),
			),
		metrics: () => one((done) => adminService.getMetrics({}, metadata, within(), done)),
		backendStatus: (backendType) =>
			one((done) => adminService.getBackendStatus({ backendType }, metadata, within(), done)),
		close() {
			controlPlane.close();
			adminService.close();
		},
	};
};

/** A configuration with something in every member, and nothing empty that is not kept: its digest is its contentHash. */
export const CONFIG = {
	backends: {
		main: { backendType: "postgres", connectionString: "postgres://db:5432/orders", options: { pool: "5" } },
	},
	patterns: { keyvalue: { patternName: "keyvalue", settings: { consistency: "strong" }, requiredInterfaces: ["kv"] } },
	auth: { enabled: true, provider: "oidc" },
	metadata: { tier: "gold", empty: "" },
};
