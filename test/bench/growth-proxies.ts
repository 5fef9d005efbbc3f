import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { contentHash } from "../../kube/object.ts";
import {
	AdminServiceService,
	type ListNamespacesRequest,
	ListNamespacesResponse,
	type NamespaceInfo,
	NamespaceStatus,
} from "../../protos/gen/prism/admin/v1/admin.ts";
import { ControlPlaneService, type NamespaceAssignment } from "../../protos/gen/prism/control_plane.ts";
import { obey } from "./served.ts";

// A thousand proxies behind one port, told apart by the name that they are called by. They keep what they are given, and
// count what is asked of them; a listing is encoded once as long as it is the same, for a real proxy's work is its own.

/** What a proxy has from the start: its address, and of each namespace what a listing tells. */
export interface Given {
	readonly address: string;
	readonly name: string;
	readonly digest: string;
	readonly version: number;
	readonly owner: string;
}

export interface Counts {
	readonly listings: number;
	readonly readBacks: number;
	readonly assignments: number;
	/** Assignments and revocations after which something was another. */
	readonly changes: number;
}

export type ToProxies =
	| { readonly given: readonly Given[] }
	| { readonly counts: true }
	| { readonly hang: readonly string[] };

interface Proxy {
	readonly infos: Map<string, NamespaceInfo>;
	listing: Buffer | undefined;
}

const proxies = new Map<string, Proxy>();
const hanging = new Set<string>();
let counts: { -readonly [Count in keyof Counts]: number } = nothing();

function nothing(): Counts {
	return { listings: 0, readBacks: 0, assignments: 0, changes: 0 };
}

const proxyAt = (address: string): Proxy => {
	const known = proxies.get(address);
	if (known !== undefined) return known;
	const proxy: Proxy = { infos: new Map(), listing: undefined };
	proxies.set(address, proxy);
	return proxy;
};

const infoOf = ({ name, digest, version, owner }: Omit<Given, "address">): NamespaceInfo => ({
	name,
	description: "",
	createdAt: undefined,
	status: NamespaceStatus.ACTIVE,
	quota: undefined,
	metrics: {
		activeSessions: 3,
		storageBytesUsed: 1_000_000,
		requestsPerSecond: 120,
		keyCount: 5000,
		connections: 12,
		p99LatencyMs: 4.5,
	},
	configDigest: digest,
	configVersion: version,
	owner,
});

const encoded = (address: string, namespaces: NamespaceInfo[]): Buffer =>
	Buffer.from(
		ListNamespacesResponse.encode({ namespaces, nextPageToken: "", storeId: `store-of-${address}` }).finish(),
	);

const list = ({ request, getHost }: Asked<ListNamespacesRequest>): Buffer => {
	const address = getHost();
	const proxy = proxyAt(address);
	if (request.name !== "") {
		counts.readBacks += 1;
		const info = proxy.infos.get(request.name);
		return encoded(address, info === undefined ? [] : [info]);
	}
	counts.listings += 1;
	proxy.listing ??= encoded(address, [...proxy.infos.values()]);
	return proxy.listing;
};

const put = (address: string, info: NamespaceInfo): void => {
	const proxy = proxyAt(address);
	proxy.infos.set(info.name, info);
	proxy.listing = undefined;
};

const assign = ({ request, getHost }: Asked<NamespaceAssignment>) => {
	const { namespace: name, config, owner, version } = request;
	const digest = contentHash(withoutEmpty(config));
	counts.assignments += 1;
	if (proxyAt(getHost()).infos.get(name)?.configDigest !== digest) counts.changes += 1;
	put(getHost(), infoOf({ name, digest, version, owner }));
	return { success: true, message: "" };
};

/** As the wire's contract has it (docs/admin-api.md): fields that are empty count for nothing. */
const withoutEmpty = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(withoutEmpty);
	if (typeof value !== "object" || value === null) return value;
	const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, withoutEmpty(inner)]);
	return Object.fromEntries(entries.filter(([, inner]) => !isEmpty(inner)));
};

const isEmpty = (value: unknown): boolean =>
	value === undefined ||
	value === "" ||
	(typeof value === "object" && value !== null && Object.keys(value).length === 0);

interface Asked<Request> {
	readonly request: Request;
	readonly getHost: () => string;
}

const answering =
	<Request, Response>(answer: (asked: Asked<Request>) => Response) =>
	(call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>): void => {
		if (hanging.has(call.getHost())) return;
		reply(null, answer({ request: call.request, getHost: () => call.getHost() }));
	};

const server = new Server();
server.addService(
	{
		listNamespaces: { ...AdminServiceService.listNamespaces, responseSerialize: (bytes: Buffer) => bytes },
		getMetrics: AdminServiceService.getMetrics,
	},
	{
		listNamespaces: answering(list),
		getMetrics: answering(() => ({ requestsPerSecond: 1200, p99LatencyMs: 4.5 })),
	},
);
server.addService({ assignNamespace: ControlPlaneService.assignNamespace }, { assignNamespace: answering(assign) });

server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
	if (error !== null) throw error;
	obey(port, (message) => {
		const wish = message as ToProxies;
		if ("given" in wish) for (const { address, ...info } of wish.given) put(address, infoOf(info));
		if ("hang" in wish) {
			hanging.clear();
			for (const address of wish.hang) hanging.add(address);
		}
		const told = counts;
		counts = nothing();
		return told;
	});
});
