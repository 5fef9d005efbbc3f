import { status } from "@grpc/grpc-js";
import type { Clock } from "../../kube/time.ts";
import type * as wire from "../../protos/gen/prism/control_plane.ts";
import { configFromWire, configToWire, withoutLast } from "./config.ts";
import { type Caller, type Method, RpcError } from "./method.ts";
import { partitionOf, type Registry } from "./registry.ts";
import type { Entry, ProxyStore } from "./store.ts";

// prism.ControlPlane: namespaces come and go. A control plane does the same as a proxy with a store of its own, and reports
// in addition whose a new namespace is; it passes nothing on.

export interface Instance {
	/** What a proxy calls itself. */
	readonly name: string;
	readonly kind: "proxy" | "controlPlane";
	readonly store: ProxyStore;
	readonly registry: Registry;
	readonly clock: Pick<Clock, "now">;
	/** Whether its Raft cluster has a leader, which takes a majority. Absent: it is none of several. */
	readonly hasLeader?: (() => boolean) | undefined;
}

interface ControlPlaneMethods {
	readonly createNamespace: Method<wire.CreateNamespaceRequest, wire.CreateNamespaceResponse>;
	readonly assignNamespace: Method<wire.NamespaceAssignment, wire.NamespaceAssignmentAck>;
	readonly revokeNamespace: Method<wire.NamespaceRevocation, wire.NamespaceRevocationAck>;
	readonly registerProxy: Method<wire.ProxyRegistration, wire.ProxyRegistrationAck>;
	readonly heartbeat: Method<wire.ProxyHeartbeat, wire.HeartbeatAck>;
}

export const controlPlaneMethods = (instance: Instance): ControlPlaneMethods => ({
	createNamespace: createNamespace(instance),
	assignNamespace: assignNamespace(instance),
	revokeNamespace: revokeNamespace(instance),
	registerProxy: registerProxy(instance),
	heartbeat: heartbeat(instance),
});

const verdict = (refusal: string | undefined) => ({ success: refusal === undefined, message: refusal ?? "" });

const yes = verdict(undefined);
const no = verdict;

type Requested = wire.NamespaceAssignment | wire.CreateNamespaceRequest;

const isReal = ({ dialect }: Caller): boolean => dialect === "prism-admin";

/** What the control plane that exists keeps of a creation: no owner, no version, and of the configuration the metadata. */
const bareEntry = ({ namespace, config }: wire.CreateNamespaceRequest): Entry => ({
	name: namespace,
	config: configFromWire(config && { ...config, backends: {}, patterns: {}, auth: undefined }),
	version: 0,
	owner: "",
});

const entryOf = ({ namespace, config, version, owner }: Requested, { dialect }: Caller): Entry => ({
	name: namespace,
	config: configFromWire(config),
	version,
	owner: dialect === "extended" ? owner : "",
});

const nameNeeded = (namespace: string): void => {
	if (namespace === "") throw new RpcError(status.INVALID_ARGUMENT, "namespace is empty");
};

/** As a follower of the control plane that exists reports it: there is no leader to forward the call to. */
const leaderNeeded = ({ hasLeader = () => true }: Instance): void => {
	if (!hasLeader()) throw new RpcError(status.UNAVAILABLE, "no leader elected");
};

const halved = <Request extends { readonly config: wire.NamespaceConfig | undefined }>(request: Request): Request => ({
	...request,
	config: request.config && withoutLast(request.config),
});

const createNamespace = (instance: Instance): ControlPlaneMethods["createNamespace"] => {
	const { store, registry } = instance;
	const place = (namespace: string) => {
		const assignedPartition = partitionOf(namespace);
		const assignedProxy = instance.kind === "proxy" ? instance.name : registry.proxyOf(assignedPartition);
		if (assignedProxy === undefined)
			throw new RpcError(status.FAILED_PRECONDITION, `no proxy assigned to partition ${assignedPartition}`);
		return { assignedPartition, assignedProxy };
	};
	const nowhere = { assignedPartition: 0, assignedProxy: "" };
	return {
		handle(request, caller) {
			nameNeeded(request.namespace);
			leaderNeeded(instance);
			const placed = place(request.namespace);
			const by = request.principal || caller.user;
			if (isReal(caller)) {
				store.put(bareEntry(request), by);
				return { ...yes, message: "Namespace created successfully", ...placed };
			}
			const entry = entryOf(request, caller);
			if (caller.dialect === "design" && store.get(entry.name) === undefined) {
				// A creation's version is an addition, an assignment's is not.
				store.put({ ...entry, version: 0 }, by);
				return { ...yes, ...placed };
			}
			const refusal = store.create(entry, by);
			return refusal === undefined ? { ...yes, ...placed } : { ...no(refusal), ...nowhere };
		},
		refuse: (message) => ({ ...no(message), ...nowhere }),
		lie: ({ namespace }) => ({ ...yes, ...place(namespace) }),
		halve: halved,
	};
};

const assignNamespace = (instance: Instance): ControlPlaneMethods["assignNamespace"] => ({
	handle(request, caller) {
		if (isReal(caller)) return { ...yes, message: "Namespace assignment acknowledged" };
		nameNeeded(request.namespace);
		leaderNeeded(instance);
		const entry = entryOf(request, caller);
		if (caller.dialect === "extended") return verdict(instance.store.assign(entry, caller.user));
		instance.store.put(entry, caller.user);
		return yes;
	},
	refuse: no,
	lie: () => yes,
	halve: halved,
});

const revokeNamespace = (instance: Instance): ControlPlaneMethods["revokeNamespace"] => {
	const { store, clock } = instance;
	const done = () => ({ ...yes, revokedAt: Math.floor(clock.now() / 1000) });
	return {
		handle({ namespace, owner, version }, caller) {
			if (isReal(caller)) return { ...done(), message: "Namespace revocation not yet implemented" };
			nameNeeded(namespace);
			leaderNeeded(instance);
			if (caller.dialect === "design") {
				store.remove(namespace, caller.user);
				return done();
			}
			const refusal = store.revoke({ name: namespace, owner, version }, caller.user);
			return refusal === undefined ? done() : { ...no(refusal), revokedAt: 0 };
		},
		refuse: (message) => ({ ...no(message), revokedAt: 0 }),
		lie: done,
	};
};

const registerProxy = (instance: Instance): ControlPlaneMethods["registerProxy"] => {
	const { store, registry } = instance;
	const nothing = { initialNamespaces: [], partitionRanges: [] };
	return {
		handle({ proxyId, address }, { dialect }) {
			if (proxyId === "") throw new RpcError(status.INVALID_ARGUMENT, "proxy_id is empty");
			leaderNeeded(instance);
			registry.add(proxyId, address);
			const theirs = store.list().filter(({ name }) => registry.proxyOf(partitionOf(name)) === proxyId);
			const initialNamespaces = theirs.map(({ name, config, version, owner }) => ({
				namespace: name,
				partitionId: partitionOf(name),
				config: configToWire(config),
				version,
				owner: dialect === "extended" ? owner : "",
			}));
			return { ...yes, initialNamespaces, partitionRanges: registry.rangesOf(proxyId) };
		},
		refuse: (message) => ({ ...no(message), ...nothing }),
		lie: () => ({ ...yes, ...nothing }),
	};
};

const heartbeat = ({ registry, clock }: Instance): ControlPlaneMethods["heartbeat"] => ({
	handle: ({ proxyId }) => ({
		...verdict(registry.has(proxyId) ? undefined : `proxy ${proxyId} is not registered`),
		serverTimestamp: Math.floor(clock.now() / 1000),
	}),
	refuse: (message) => ({ ...no(message), serverTimestamp: 0 }),
});
