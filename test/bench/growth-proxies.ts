import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { type AdminApi, createAdminApi } from "../../devcluster/proxy/admin-api.ts";
import { createFaults } from "../../devcluster/proxy/faults.ts";
import type { Handler } from "../../devcluster/proxy/method.ts";
import { type Entry, memoryStore } from "../../devcluster/proxy/store.ts";
import {
	AdminServiceService,
	type ListNamespacesRequest,
	ListNamespacesResponse,
} from "../../protos/gen/prism/admin/v1/admin.ts";
import { ControlPlaneService, type NamespaceAssignment } from "../../protos/gen/prism/control_plane.ts";
import { systemTime } from "../../server/time.ts";
import { TRAFFIC } from "../hooks/namespace-proxies.ts";
import { obey } from "./served.ts";

// A thousand emulated proxies behind one port, told apart by the name that they are called by. What is asked of them is
// counted, and a page is encoded once as long as it is the same, for a real proxy's work is its own.

/** What a proxy has from the start. */
export interface Given extends Entry {
	readonly address: string;
}

export interface Counts {
	readonly listings: number;
	readonly readBacks: number;
	readonly assignments: number;
	/** Assignments after which something was another. */
	readonly changes: number;
}

export type ToProxies =
	| { readonly given: readonly Given[] }
	| { readonly counts: true }
	| { readonly hang: readonly string[] };

interface Proxy extends AdminApi {
	/** By their tokens. */
	readonly pages: Map<string, Buffer>;
}

const proxies = new Map<string, Proxy>();
let counts: { -readonly [Count in keyof Counts]: number } = nothing();

function nothing(): Counts {
	return { listings: 0, readBacks: 0, assignments: 0, changes: 0 };
}

const proxyAt = (address: string): Proxy => {
	const known = proxies.get(address);
	if (known !== undefined) return known;
	const api = createAdminApi({
		name: address,
		kind: "proxy",
		store: memoryStore(systemTime, () => `store-of-${address}`),
		faults: createFaults(),
		clock: systemTime,
		figures: () => TRAFFIC,
	});
	const proxy = { ...api, pages: new Map() };
	proxies.set(address, proxy);
	return proxy;
};

const list =
	({ pages, services }: Proxy): Handler<ListNamespacesRequest, Buffer> =>
	(call, done) => {
		const { name, pageToken } = call.request;
		const kept = name === "" ? pages.get(pageToken) : undefined;
		if (kept !== undefined) {
			counts.listings += 1;
			done(null, kept);
			return;
		}
		services.adminService.listNamespaces(call, (error, response) => {
			if (error !== null || response === undefined) return done(error);
			const page = Buffer.from(ListNamespacesResponse.encode(response).finish());
			if (name === "") pages.set(pageToken, page);
			counts[name === "" ? "listings" : "readBacks"] += 1;
			done(null, page);
		});
	};

const assign =
	({ pages, services, store }: Proxy): Handler<NamespaceAssignment, unknown> =>
	(call, done) => {
		const before = store.get(call.request.namespace)?.digest;
		services.controlPlane.assignNamespace(call, (error, response) => {
			counts.assignments += 1;
			if (store.get(call.request.namespace)?.digest !== before) counts.changes += 1;
			pages.clear();
			done(error, response);
		});
	};

/** The handler of the proxy that a call is for. */
const forwarded =
	<Request, Response>(handlerOf: (proxy: Proxy) => Handler<Request, Response>) =>
	(call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>): void =>
		handlerOf(proxyAt(call.getHost()))(call, reply);

const server = new Server();
server.addService(
	{
		listNamespaces: { ...AdminServiceService.listNamespaces, responseSerialize: (bytes: Buffer) => bytes },
		getMetrics: AdminServiceService.getMetrics,
	},
	{
		listNamespaces: forwarded(list),
		getMetrics: forwarded(({ services }) => services.adminService.getMetrics),
	},
);
server.addService({ assignNamespace: ControlPlaneService.assignNamespace }, { assignNamespace: forwarded(assign) });

server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
	if (error !== null) throw error;
	obey(port, (message) => {
		const wish = message as ToProxies;
		if ("given" in wish) for (const { address, ...entry } of wish.given) proxyAt(address).store.put(entry, "");
		if ("hang" in wish) {
			for (const { faults } of proxies.values()) faults.clear();
			for (const { faults, pages } of wish.hang.map(proxyAt)) {
				faults.set("*", { kind: "hanging" });
				// What is kept is answered without asking.
				pages.clear();
			}
		}
		const told = counts;
		counts = nothing();
		return told;
	});
});
