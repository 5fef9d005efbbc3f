import type { Resources, RunnerSpec } from "../schemas/placement.ts";
import type { PodSecurity, Probe } from "../schemas/pods.ts";
import { derivedName } from "./names.ts";
import { canonicalQuantity } from "./quantity.ts";

// Pods, hardened by default to the Pod Security level `restricted`: non-root, no privilege escalation, no capabilities,
// RuntimeDefault seccomp, a read-only root with an emptyDir for /tmp, no service-account token.

export interface EnvVar {
	name: string;
	value?: string;
	valueFrom?: {
		configMapKeyRef?: { name: string; key: string; optional?: boolean };
		secretKeyRef?: { name: string; key: string; optional?: boolean };
		fieldRef?: { apiVersion: "v1"; fieldPath: string };
	};
}

export interface NamedPort {
	readonly name: string;
	readonly port: number;
}

/** A volume and where the container sees it: read-only, unless it says otherwise. */
export interface Mount {
	readonly name: string;
	readonly mountPath: string;
	/** undefined: a claim template of the workload provides it. */
	readonly source: Record<string, unknown> | undefined;
	readonly access?: "write";
}

export interface ContainerPlan {
	readonly name: string;
	readonly image: string;
	readonly imagePullPolicy?: string | undefined;
	readonly args: readonly string[];
	readonly env: readonly EnvVar[];
	readonly ports: readonly NamedPort[];
	readonly probe: Probe;
	/** Another check for restarting the container; without it, the same one with three times the patience. */
	readonly liveness?: Probe | undefined;
	readonly mounts: readonly Mount[];
	/** Seconds to wait before SIGTERM, while the pod is taken out of its Services. */
	readonly drainSeconds?: number | undefined;
}

/** A container beside the one that the pod is for. */
export interface SidecarPlan extends ContainerPlan {
	readonly resources?: Resources | undefined;
}

/** A container that runs to its end before the others start. */
export interface InitPlan {
	readonly name: string;
	readonly image: string;
	readonly imagePullPolicy?: string | undefined;
	readonly command: readonly string[];
	readonly resources: Resources;
	readonly mounts: readonly Mount[];
}

export interface PodPlan {
	readonly container: ContainerPlan;
	readonly sidecars?: readonly SidecarPlan[];
	readonly init?: readonly InitPlan[];
	readonly labels: Readonly<Record<string, string>>;
	readonly annotations: Readonly<Record<string, string | undefined>>;
	/** Labels of the workload's own pods: what a spread counts. */
	readonly selector: Readonly<Record<string, string>>;
	readonly placement: RunnerSpec;
	readonly security: PodSecurity;
	readonly imagePullSecrets?: readonly { name: string }[] | undefined;
	readonly terminationGracePeriodSeconds: number;
	/** Whether there may be more than one pod, so that spreading them means something. */
	readonly plural: boolean;
}

/** The pod template of a workload, as the API server would store what is set here. */
export const podTemplate = (plan: PodPlan): Record<string, unknown> => ({
	metadata: { labels: plan.labels, annotations: plan.annotations },
	spec: {
		automountServiceAccountToken: false,
		enableServiceLinks: false,
		terminationGracePeriodSeconds: plan.terminationGracePeriodSeconds,
		imagePullSecrets: plan.imagePullSecrets,
		securityContext: {
			runAsNonRoot: plan.security.runAsNonRoot,
			runAsUser: plan.security.runAsUser,
			fsGroup: plan.security.fsGroup,
			seccompProfile: { type: "RuntimeDefault" },
		},
		initContainers: plan.init?.map((own) => initContainer(own, plan.security)),
		containers: [
			container({ ...plan.container, resources: plan.placement.resources }, plan.security, TMP),
			...(plan.sidecars ?? []).map((own) => container(own, plan.security, tmpOf(own))),
		],
		volumes: volumes(plan),
		...placed(plan),
	},
});

const TMP = "tmp";
/** Files of one container in /tmp are none of another's business. */
const tmpOf = ({ name }: ContainerPlan | InitPlan): string => derivedName(TMP, name);

/** Each volume once, whoever mounts it. */
const volumes = ({ container: own, sidecars = [], init = [] }: PodPlan): Record<string, unknown>[] => {
	const others = [...sidecars, ...init];
	const mounted = [own, ...others]
		.flatMap(({ mounts }) => mounts)
		.flatMap(({ name, source }) => (source === undefined ? [] : [{ name, ...source }]));
	const all = [scratch(TMP), ...mounted, ...others.map((other) => scratch(tmpOf(other)))];
	return all.filter(({ name }, index) => all.findIndex((volume) => volume.name === name) === index);
};

const scratch = (name: string) => ({ name, emptyDir: {} });

const initContainer = (own: InitPlan, security: PodSecurity): Record<string, unknown> => ({
	name: own.name,
	image: own.image,
	imagePullPolicy: own.imagePullPolicy,
	command: own.command,
	resources: canonicalResources(own.resources),
	securityContext: hardened(security),
	volumeMounts: volumeMounts(own.mounts, tmpOf(own)),
});

const container = (own: SidecarPlan, security: PodSecurity, tmp: string): Record<string, unknown> => ({
	name: own.name,
	image: own.image,
	imagePullPolicy: own.imagePullPolicy,
	args: own.args.length > 0 ? own.args : undefined,
	env: own.env.length > 0 ? own.env : undefined,
	ports: own.ports.map(({ name, port }) => ({ name, containerPort: port, protocol: "TCP" })),
	resources: canonicalResources(own.resources),
	securityContext: hardened(security),
	...probes(own.probe, own.liveness, own.ports[0]?.port),
	lifecycle: own.drainSeconds === undefined ? undefined : { preStop: { sleep: { seconds: own.drainSeconds } } },
	volumeMounts: volumeMounts(own.mounts, tmp),
});

const hardened = (security: PodSecurity) => ({
	allowPrivilegeEscalation: false,
	capabilities: { drop: ["ALL"] },
	readOnlyRootFilesystem: security.readOnlyRootFilesystem,
});

const volumeMounts = (mounts: readonly Mount[], tmp: string) => [
	{ name: tmp, mountPath: "/tmp" },
	...mounts.map(({ name, mountPath, access }) => ({
		name,
		mountPath,
		// The API server does not store a false one.
		readOnly: access === "write" ? undefined : true,
	})),
];

/** The same check twice, unless told otherwise: failing it takes the pod out of its Services at once, and restarts it later. */
const probes = (probe: Probe, liveness: Probe | undefined, port: number | undefined): Record<string, unknown> => ({
	readinessProbe: probeOf(probe, port),
	livenessProbe: probeOf(liveness ?? { ...probe, failureThreshold: 3 * probe.failureThreshold }, port),
});

const probeOf = (probe: Probe, port: number | undefined): Record<string, unknown> => ({
	...probeAction(probe, probe.port ?? port),
	periodSeconds: probe.periodSeconds,
	timeoutSeconds: probe.timeoutSeconds,
	failureThreshold: probe.failureThreshold,
});

const probeAction = (probe: Probe, port: number | undefined): Record<string, unknown> => {
	if (probe.type === "http") return { httpGet: { path: probe.path ?? "/health", port } };
	if (probe.type === "grpc") return { grpc: { port, service: probe.service } };
	return { tcpSocket: { port } };
};

const placed = ({ placement, selector, plural }: PodPlan): Record<string, unknown> => ({
	nodeSelector: placement.nodeSelector,
	affinity: placement.affinity,
	tolerations: placement.tolerations?.map(withoutEmptyTexts),
	priorityClassName: placement.priorityClassName,
	runtimeClassName: placement.runtimeClassName,
	topologySpreadConstraints:
		placement.topologySpreadConstraints?.map((constraint) => ({
			labelSelector: { matchLabels: selector },
			...constraint,
		})) ?? (plural ? softSpread(selector) : undefined),
});

/** An empty key or value is the same as none, and is not stored. */
const withoutEmptyTexts = (toleration: object): object =>
	Object.fromEntries(Object.entries(toleration).filter(([, value]) => value !== ""));

/** Over zones first, then over nodes; never a reason to leave a pod pending. */
const softSpread = (selector: Readonly<Record<string, string>>) =>
	["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
		maxSkew: 1,
		topologyKey,
		whenUnsatisfiable: "ScheduleAnyway",
		labelSelector: { matchLabels: selector },
	}));

/** Resources with every quantity in the form in which the API server stores it. */
const canonicalResources = (resources: Resources | undefined): Record<string, unknown> | undefined =>
	resources && { requests: canonicalQuantities(resources.requests), limits: canonicalQuantities(resources.limits) };

const canonicalQuantities = (quantities: Resources["requests"]): Record<string, string> | undefined =>
	quantities &&
	Object.fromEntries(
		Object.entries(quantities).map(([name, value]) => [name, canonicalQuantity(value) ?? String(value)]),
	);

/** A warning for an image whose tag may mean another version tomorrow. */
export const floatingImage = (image: string): string[] =>
	image.endsWith(":latest") || !/[:@][^/]+$/.test(image)
		? [`image ${image} has no fixed version: pods that start later may run another one`]
		: [];
