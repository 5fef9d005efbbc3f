import { Server } from "@grpc/grpc-js";
import type { Clock } from "../../kube/time.ts";
import { type AdminServiceServer, AdminServiceService } from "../../protos/gen/prism/admin/v1/admin.ts";
import { type ControlPlaneServer, ControlPlaneService } from "../../protos/gen/prism/control_plane.ts";
import { adminMethods } from "./admin-service.ts";
import { controlPlaneMethods, type Instance } from "./control-plane.ts";
import type { Faults, Rpc } from "./faults.ts";
import { type Figures, madeUpFigures } from "./figures.ts";
import { listen } from "./listener.ts";
import { type Exchange, served } from "./method.ts";
import { createRegistry, type Registry } from "./registry.ts";
import type { ProxyStore } from "./store.ts";

// The admin API of an emulated proxy, or of an emulated control plane: both gRPC services on one port of loopback. For
// development and tests only.

export interface ProxyOptions {
	/** What it calls itself. */
	readonly name: string;
	readonly kind: "proxy" | "controlPlane";
	/** Closed by its opener. */
	readonly store: ProxyStore;
	readonly faults: Faults;
	readonly clock: Clock;
	/** Of 127.0.0.1. */
	readonly port: number;
	/** Required x-admin-token; without it, any. */
	readonly token?: string | undefined;
	readonly figures?: Figures | undefined;
	readonly hasLeader?: Instance["hasLeader"];
	/** Called for each call that comes in, also for those that come to nothing. */
	readonly onCall?: ((rpc: Rpc, request: unknown) => void) | undefined;
}

export interface EmulatedProxy {
	readonly name: string;
	readonly kind: "proxy" | "controlPlane";
	readonly port: number;
	readonly store: ProxyStore;
	readonly faults: Faults;
	/** The proxies that registered with it. */
	readonly registry: Registry;
	/** How many calls of this rpc came in since it started. */
	calls(rpc: Rpc): number;
	/** From now on; undefined: none. */
	requireToken(token: string | undefined): void;
	/** As if killed: what is under way is cut off, connections are refused. Resolves when the port is free. */
	stop(): Promise<void>;
}

/** Rejects when the port is taken. */
export const startProxy = async (options: ProxyOptions): Promise<EmulatedProxy> => {
	const { name, kind, store, faults, clock, port, hasLeader, figures = madeUpFigures, onCall = () => {} } = options;
	let { token } = options;
	const registry = createRegistry();
	const counts = new Map<Rpc, number>();
	const timers = new Set<() => void>();
	const server = new Server();
	const exchange: Exchange = {
		faults,
		token: () => token,
		seen(rpc, request) {
			counts.set(rpc, (counts.get(rpc) ?? 0) + 1);
			onCall(rpc, request);
		},
		reset: (peer) => listener.reset(peer),
		after(ms, run) {
			const cancel = clock.after(ms, () => {
				timers.delete(cancel);
				run();
			});
			timers.add(cancel);
			return cancel;
		},
	};
	const instance = { name, kind, store, registry, clock, hasLeader };
	const handlers = handlersOf(exchange, instance, figures);
	server.addService(ControlPlaneService, handlers.controlPlane);
	server.addService(AdminServiceService, handlers.adminService);
	const listener = await listen(server, port);
	return {
		name,
		kind,
		port,
		store,
		faults,
		registry,
		calls: (rpc) => counts.get(rpc) ?? 0,
		requireToken(wanted) {
			token = wanted;
		},
		stop() {
			for (const cancel of timers) cancel();
			timers.clear();
			return listener.close();
		},
	};
};

/** Both services without a connection: what answers their calls, from any client. */
export const handlersOf = (exchange: Exchange, instance: Instance, figures: Figures = madeUpFigures) => ({
	controlPlane: controlPlane(exchange, controlPlaneMethods(instance)),
	adminService: adminService(exchange, adminMethods(instance, figures)),
});

const controlPlane = (exchange: Exchange, methods: ReturnType<typeof controlPlaneMethods>): ControlPlaneServer => ({
	createNamespace: served(exchange, "ControlPlane.CreateNamespace", methods.createNamespace),
	assignNamespace: served(exchange, "ControlPlane.AssignNamespace", methods.assignNamespace),
	revokeNamespace: served(exchange, "ControlPlane.RevokeNamespace", methods.revokeNamespace),
	registerProxy: served(exchange, "ControlPlane.RegisterProxy", methods.registerProxy),
	heartbeat: served(exchange, "ControlPlane.Heartbeat", methods.heartbeat),
});

const adminService = (exchange: Exchange, methods: ReturnType<typeof adminMethods>): AdminServiceServer => ({
	listNamespaces: served(exchange, "AdminService.ListNamespaces", methods.listNamespaces),
	createNamespace: served(exchange, "AdminService.CreateNamespace", methods.createNamespace),
	updateNamespace: served(exchange, "AdminService.UpdateNamespace", methods.updateNamespace),
	deleteNamespace: served(exchange, "AdminService.DeleteNamespace", methods.deleteNamespace),
	getMetrics: served(exchange, "AdminService.GetMetrics", methods.getMetrics),
	getBackendStatus: served(exchange, "AdminService.GetBackendStatus", methods.getBackendStatus),
});
