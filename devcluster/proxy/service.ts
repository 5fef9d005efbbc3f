import { Server } from "@grpc/grpc-js";
import { AdminServiceService } from "../../protos/gen/prism/admin/v1/admin.ts";
import { ControlPlaneService } from "../../protos/gen/prism/control_plane.ts";
import { type AdminApi, type ApiOptions, createAdminApi } from "./admin-api.ts";
import { listen } from "./listener.ts";

// An emulated proxy, or an emulated control plane: both gRPC services on one port of loopback. For development and tests
// only.

export interface ProxyOptions extends Omit<ApiOptions, "reset"> {
	/** Of 127.0.0.1. */
	readonly port: number;
}

export interface EmulatedProxy
	extends Pick<AdminApi, "name" | "kind" | "store" | "faults" | "registry" | "calls" | "requireToken"> {
	readonly port: number;
	/** As if killed: what is under way is cut off, connections are refused. Resolves when the port is free. */
	stop(): Promise<void>;
}

/** Rejects if the port is in use. The caller that opened the store closes it. */
export const startProxy = async ({ port, ...options }: ProxyOptions): Promise<EmulatedProxy> => {
	const { stop, services, ...api } = createAdminApi({ ...options, reset: (peer) => listener.reset(peer) });
	const server = new Server();
	server.addService(ControlPlaneService, services.controlPlane);
	server.addService(AdminServiceService, services.adminService);
	const listener = await listen(server, port);
	return {
		...api,
		port,
		stop() {
			stop();
			return listener.close();
		},
	};
};
