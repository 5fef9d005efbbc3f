import type { Clock } from "../../kube/time.ts";
import { ADMIN_FOLDER } from "../../schemas/stackparts.ts";
import { STACK_LABEL } from "../../schemas/vocabulary.ts";
import type { Informer } from "../controllers/informer.ts";
import { createWorkQueue } from "../controllers/work-queue.ts";
import type { Pod } from "../controllers/workloads/shapes.ts";
import { objectsAt, stringAt } from "../json.ts";
import type { PodRunner, RunningPod, WriteLine } from "../kubelet/runner.ts";
import { createFaults, type Dialect, type Faults, setNamedFault, USUAL_DIALECT } from "./faults.ts";
import { type Fleet, keyOf, type MemberOptions } from "./fleet.ts";
import { destinationOf } from "./names.ts";
import type { EmulatedProxy } from "./service.ts";

// Pods of the local cluster that really serve the admin API: proxies of shards and stacks, and a stack's control plane.
// They are reached by the names that the cluster's Services give them, and keep their namespaces as long as their volume
// is there. For development and tests only.

/** Annotation of a pod, so of a template too: what is wrong with its admin API (faults.ts has the names). */
export const PROXY = "local.prism.io/proxy";

export interface ProxyPodsOptions {
	readonly fleet: Fleet;
	readonly clock: Clock;
	readonly services: Informer;
	readonly slices: Informer;
	readonly claims: Informer;
	/** What control planes speak in the place of their usual dialect. */
	readonly controlPlanes?: Dialect | undefined;
}

type Log = (message: string) => void;

export interface ProxyPods {
	runner(log: Log): PodRunner;
	/** The fleet with the pods in it, by the cluster's names. */
	readonly fleet: Fleet;
}

interface Role {
	readonly kind: MemberOptions["kind"];
	/** What the container listens on. */
	readonly port: number;
}

interface Served {
	readonly key: string;
	readonly port: number;
}

export const createProxyPods = (options: ProxyPodsOptions): ProxyPods => {
	const { fleet, clock } = options;
	const dialects = { ...USUAL_DIALECT, controlPlane: options.controlPlanes ?? USUAL_DIALECT.controlPlane };
	/** uid of a pod → who serves for it */
	const served = new Map<string, Served>();
	const lookUp = (address: string): string | undefined => {
		const destination = destinationOf(options, address);
		const found = served.get(destination?.pod ?? "");
		return found !== undefined && found.port === destination?.port ? found.key : undefined;
	};
	const resolve = (address: string) => {
		const key = lookUp(address);
		return key === undefined ? fleet.resolve(address) : fleet.addressOf(key);
	};
	const proxyAt = (address: string): EmulatedProxy | undefined => {
		const key = lookUp(address);
		return key === undefined ? fleet.proxyAt(address) : fleet.proxy(key);
	};

	const run = (pod: Pod, role: Role, changed: () => void, write: WriteLine, log: Log): RunningPod => {
		const { name, namespace = "", uid = "", labels } = pod.metadata;
		const key = keyOf({ namespace, name });
		const stack = labels?.[STACK_LABEL];
		const faults = createFaults(dialects[role.kind]);
		const heed = annotationReader(faults, (message) => log(`${key}: ${message}`));
		heed(pod);
		let ready = false;
		served.set(uid, { key, port: role.port });
		const start = async () => {
			if (!served.has(uid)) return;
			const group = stack && `${namespace}/${stack}`;
			const volume = volumeOf(options.claims, pod);
			await fleet.start({
				name,
				namespace,
				kind: role.kind,
				addresses: [],
				faults,
				volume,
				group,
				peers: peersOf(pod)?.length,
			});
			write(`an emulated ${role.kind} serves the admin API on port ${role.port}`);
			ready = true;
			changed();
		};
		// Again, later each time, as the kubelet does with a container that ended at once.
		const starts = createWorkQueue(clock, start, (message) => log(`cannot run ${message}`));
		starts.add(key);
		return {
			isReady: () => ready,
			update: heed,
			stop() {
				served.delete(uid);
				void starts.stop();
				fleet.remove(key).catch((error: unknown) => log(`cannot stop ${key}: ${String(error)}`));
			},
		};
	};

	return {
		runner: (log) => ({
			run(pod, changed, write) {
				const role = portOf(pod);
				return role && run(pod, role, changed, write, log);
			},
		}),
		fleet: { ...fleet, resolve, proxyAt },
	};
};

/** A port shows what a pod is: `admin` is every proxy's own, `grpc` of a component `admin` that of a control plane. */
export const portOf = ({ metadata, spec }: Pod): Role | undefined => {
	const portNamed = (wanted: string) =>
		spec.containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === wanted)?.containerPort;
	const own = portNamed("admin");
	if (own !== undefined) return { kind: "proxy", port: own };
	const control = metadata.labels?.["component"] === "admin" ? portNamed("grpc") : undefined;
	return control === undefined ? undefined : { kind: "controlPlane", port: control };
};

/** Members of the Raft cluster that a control plane is one of; undefined: it is none. */
const peersOf = ({ spec }: Pick<Pod, "spec">): string[] | undefined => {
	const variables = spec.containers.flatMap((container) => objectsAt(container, "env"));
	return stringAt(
		variables.find(({ name }) => name === "PRISM_PEERS"),
		"value",
	)?.split(",");
};

/** Where a proxy or a control plane keeps its store; a pod without a claim for that has a volume of its own, which is lost with it. */
const STORE_PATHS = ["/var/lib/prism", ADMIN_FOLDER];

/** By the claim's uid: one that was deleted and made again is a fresh volume, whatever its name. */
export const volumeOf = (claims: Informer, { metadata, spec }: Pod): string => {
	const mounts = spec.containers.flatMap((container) => objectsAt(container, "volumeMounts"));
	const mounted = mounts.find((mount) => STORE_PATHS.includes(String(mount["mountPath"])))?.["name"];
	const claimed = objectsAt(spec, "volumes").filter((volume) => stringAt(volume, "persistentVolumeClaim", "claimName"));
	const volume = claimed.find(({ name }) => name === mounted);
	const own = stringAt(volume, "persistentVolumeClaim", "claimName");
	// Members of a Raft cluster have all the same records, in the volume of the first here.
	const claim = peersOf({ spec }) === undefined ? own : own?.replace(/-\d{1,9}$/, "-0");
	if (claim === undefined) return `pod-${metadata.uid}`;
	return `claim-${claims.get(metadata.namespace, claim)?.metadata.uid ?? `${metadata.namespace}-${claim}`}`;
};

/** Heeds the annotation when it changes, and leaves alone what a test has set meanwhile. */
const annotationReader = (faults: Faults, log: Log) => {
	let last: string | undefined;
	return ({ metadata }: Pod): void => {
		const wanted = metadata.annotations?.[PROXY];
		if (wanted === last) return;
		last = wanted;
		try {
			setNamedFault(faults, wanted);
		} catch (error) {
			log(error instanceof Error ? error.message : String(error));
		}
	};
};
