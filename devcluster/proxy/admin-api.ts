import { Metadata, status } from "@grpc/grpc-js";
import type { Clock } from "../../kube/time.ts";
import { AdminServiceService } from "../../protos/gen/prism/admin/v1/admin.ts";
import { ControlPlaneService } from "../../protos/gen/prism/control_plane.ts";
import { adminMethods } from "./admin-service.ts";
import { controlPlaneMethods, type Instance } from "./control-plane.ts";
import type { Faults, Rpc } from "./faults.ts";
import { type Figures, madeUpFigures } from "./figures.ts";
import { type Done, type Exchange, type Incoming, served } from "./method.ts";
import { createRegistry, type Registry } from "./registry.ts";

// The admin API of an emulated proxy, or of an emulated control plane, without a connection: the one model of both. A gRPC
// server (service.ts), a simulation and tests bring the calls.

export interface ApiOptions extends Pick<Instance, "name" | "kind" | "store" | "hasLeader"> {
	readonly faults: Faults;
	readonly clock: Pick<Clock, "now" | "after">;
	/** Required x-admin-token. Absent: every call is accepted. */
	readonly token?: string | undefined;
	readonly figures?: Figures | undefined;
	/** Called for each call that comes in, also for those that come to nothing. */
	readonly onCall?: ((rpc: Rpc, request: unknown) => void) | undefined;
	readonly reset?: Exchange["reset"];
}

export interface AdminApi extends Pick<ApiOptions, "name" | "kind" | "store" | "faults"> {
	/** The proxies that registered with it. */
	readonly registry: Registry;
	/** What answers the calls of both services. */
	readonly services: ReturnType<typeof servicesOf>;
	/** Calls a method by its path on the wire. Nothing comes back while it hangs. */
	call(path: string, request: unknown, metadata: Incoming<unknown>["metadata"], done: Done<unknown>): void;
	/** How many calls of this rpc came in since it started. */
	calls(rpc: Rpc): number;
	/** From now on; undefined: none. */
	requireToken(token: string | undefined): void;
	/** What is under way is cut off. */
	readonly stop: () => void;
}

export const createAdminApi = (options: ApiOptions): AdminApi => {
	const { name, kind, store, faults, clock, hasLeader, figures = madeUpFigures, onCall, reset = broken } = options;
	let { token } = options;
	const registry = createRegistry();
	const counts = new Map<Rpc, number>();
	const timers = new Set<() => void>();
	const exchange: Exchange = {
		faults,
		token: () => token,
		seen(rpc, request) {
			counts.set(rpc, (counts.get(rpc) ?? 0) + 1);
			onCall?.(rpc, request);
		},
		reset,
		after(ms, run) {
			const cancel = clock.after(ms, () => {
				timers.delete(cancel);
				run();
			});
			timers.add(cancel);
			return cancel;
		},
	};
	const services = servicesOf(exchange, { name, kind, store, registry, clock, hasLeader }, figures);
	const methods = new Map([
		...pathsOf(ControlPlaneService, services.controlPlane),
		...pathsOf(AdminServiceService, services.adminService),
	]);
	return {
		name,
		kind,
		store,
		faults,
		registry,
		services,
		call(path, request, metadata, done) {
			const method = methods.get(path);
			if (method === undefined) done({ code: status.UNIMPLEMENTED, details: path, metadata: SENT });
			else
				method({ request, metadata, getPeer: () => "" }, (error, answer) =>
					done(error === null || error === RESET ? error : { ...error, metadata: SENT }, answer),
				);
		},
		calls: (rpc) => counts.get(rpc) ?? 0,
		requireToken(wanted) {
			token = wanted;
		},
		stop() {
			for (const cancel of timers) cancel();
			timers.clear();
		},
	};
};

/** Headers of an error that a server sent. An error of the connection has none. */
const SENT = new Metadata();
SENT.set("content-type", "application/grpc");
const RESET = { code: status.UNAVAILABLE, details: "connection reset" };

const broken: Exchange["reset"] = (_peer, done) => done(RESET);

const servicesOf = (exchange: Exchange, instance: Instance, figures: Figures) => {
	const plane = controlPlaneMethods(instance);
	const admin = adminMethods(instance, figures);
	return {
		controlPlane: {
			createNamespace: served(exchange, "ControlPlane.CreateNamespace", plane.createNamespace),
			assignNamespace: served(exchange, "ControlPlane.AssignNamespace", plane.assignNamespace),
			revokeNamespace: served(exchange, "ControlPlane.RevokeNamespace", plane.revokeNamespace),
			registerProxy: served(exchange, "ControlPlane.RegisterProxy", plane.registerProxy),
			heartbeat: served(exchange, "ControlPlane.Heartbeat", plane.heartbeat),
		},
		adminService: {
			listNamespaces: served(exchange, "AdminService.ListNamespaces", admin.listNamespaces),
			createNamespace: served(exchange, "AdminService.CreateNamespace", admin.createNamespace),
			updateNamespace: served(exchange, "AdminService.UpdateNamespace", admin.updateNamespace),
			deleteNamespace: served(exchange, "AdminService.DeleteNamespace", admin.deleteNamespace),
			getMetrics: served(exchange, "AdminService.GetMetrics", admin.getMetrics),
			getBackendStatus: served(exchange, "AdminService.GetBackendStatus", admin.getBackendStatus),
		},
	};
};

type AnyHandler = (call: Incoming<unknown>, done: Done<unknown>) => void;

/** Path on the wire → handler. */
const pathsOf = (
	definition: Readonly<Record<string, { readonly path: string }>>,
	handlers: Readonly<Record<string, unknown>>,
) =>
	Object.entries(handlers).map(([name, handler]): [string, AnyHandler] => [
		definition[name]?.path ?? "",
		// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the path determines the type of the request
		handler as AnyHandler,
	]);
