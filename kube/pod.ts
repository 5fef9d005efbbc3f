import type { ContainerFields } from "../schemas/containers.ts";
import type { WarningOf } from "../schemas/findings/finding.ts";
import type { PodSecurity, Probe } from "../schemas/pods.ts";
import type { Resources } from "../schemas/scheduling.ts";
import { argumentsAndEnvironment, ownVolumes, userMount, userVolume } from "./container.ts";
import { derivedName } from "./names.ts";
import { canonicalResource } from "./quantity.ts";
import { withDefaultResources } from "./resources.ts";
import { type SchedulingPlan, schedulingFields } from "./scheduling.ts";
import type { Container, ContainerPort, PodTemplate, Volume, VolumeMount } from "./types.ts";

// Pods, hardened by default to the Pod Security level `restricted`: non-root, no privilege escalation, no capabilities,
// RuntimeDefault seccomp, a read-only root with an emptyDir for /tmp, no service-account token.

export type EnvVar = NonNullable<Container["env"]>[number];

export interface NamedPort {
	readonly name: string;
	readonly port: number;
}

/** A volume and its mount path: read-only by default. */
export interface Mount {
	readonly name: string;
	readonly mountPath: string;
	/** undefined: a claim template of the workload has it. */
	readonly source: Omit<Volume, "name"> | undefined;
	readonly access?: "write";
}

export interface ContainerPlan {
	readonly name: string;
	readonly image: string;
	readonly imagePullPolicy?: string | undefined;
	readonly args: readonly string[];
	/** Arguments that refer to variables by $(NAME); in `args`, a $ is literal. */
	readonly referringArgs?: readonly string[] | undefined;
	readonly env: readonly EnvVar[];
	/** Variables that refer to others by $(NAME); in `env`, a $ is literal. */
	readonly referring?: readonly EnvVar[];
	readonly ports: readonly NamedPort[];
	readonly probe: Probe;
	/** A separate liveness probe; by default, the readiness probe with three times the failure threshold. */
	readonly liveness?: Probe | undefined;
	readonly mounts: readonly Mount[];
	/** Settings of the user. */
	readonly added?: ContainerFields | undefined;
	/** Seconds to wait before SIGTERM, while the pod is removed from its Services. */
	readonly preStopSeconds?: number | undefined;
}

/** A sidecar container. */
export interface SidecarPlan extends ContainerPlan {
	readonly resources?: Resources | undefined;
}

/** An init container. */
export interface InitPlan {
	readonly name: string;
	readonly image: string;
	readonly imagePullPolicy?: string | undefined;
	readonly command: readonly string[];
	readonly resources?: Resources | undefined;
	readonly mounts: readonly Mount[];
}

export interface PodPlan extends SchedulingPlan {
	readonly container: ContainerPlan;
	readonly sidecars?: readonly SidecarPlan[];
	readonly init?: readonly InitPlan[];
	readonly labels: Readonly<Record<string, string>>;
	readonly annotations: Readonly<Record<string, string | undefined>>;
	/** Defaults of each container without resources; undefined: none. */
	readonly byDefault: Resources | undefined;
	readonly security: PodSecurity;
	readonly imagePullSecrets?: readonly { name: string }[] | undefined;
	readonly terminationGracePeriodSeconds: number;
}

/** The pod template of a workload, in the form in which the API server stores it. */
export const podTemplate = ({ sidecars = [], ...rest }: PodPlan): PodTemplate =>
	podTemplateOf({ ...rest, sidecars: sidecars.map(ownVolumes) });

const podTemplateOf = (plan: PodPlan): PodTemplate => ({
	metadata: { labels: plan.labels, annotations: plan.annotations },
	spec: {
		automountServiceAccountToken: false,
		enableServiceLinks: false,
		terminationGracePeriodSeconds: plan.terminationGracePeriodSeconds,
		imagePullSecrets: plan.imagePullSecrets,
		securityContext: {
			runAsNonRoot: plan.security.runAsNonRoot,
			runAsUser: plan.security.runAsUser ?? undefined,
			fsGroup: plan.security.fsGroup ?? undefined,
			seccompProfile: { type: "RuntimeDefault" },
		},
		initContainers: plan.init?.map((own) => initContainer(filled(own, plan), plan.security)),
		containers: [
			container(filled({ ...plan.container, resources: plan.placement.resources }, plan), plan.security, TMP),
			...(plan.sidecars ?? []).map((own) => container(filled(own, plan), plan.security, tmpOf(own))),
		],
		volumes: volumes(plan),
		...schedulingFields(plan),
	},
});

const filled = <Own extends { readonly resources?: Resources | undefined }>(own: Own, { byDefault }: PodPlan): Own => ({
	...own,
	resources: withDefaultResources(own.resources, byDefault),
});

const TMP = "tmp";
/** Containers do not share /tmp. */
const tmpOf = ({ name }: ContainerPlan | InitPlan): string => derivedName(TMP, name);

/** Each volume once, even if several containers mount it. */
const volumes = ({ container: own, sidecars = [], init = [] }: PodPlan): Volume[] => {
	const others = [...sidecars, ...init];
	const mounted = [own, ...others]
		.flatMap(({ mounts }) => mounts)
		.flatMap(({ name, source }) => (source === undefined ? [] : [{ name, ...source }]));
	const added = [own, ...sidecars].flatMap((one) => (one.added?.volumes ?? []).map(userVolume));
	const all = [scratch(TMP), ...mounted, ...others.map((other) => scratch(tmpOf(other))), ...added];
	return all.filter(({ name }, index) => all.findIndex((volume) => volume.name === name) === index);
};

const scratch = (name: string): Volume => ({ name, emptyDir: {} });

const initContainer = (own: InitPlan, security: PodSecurity): Container => ({
	name: own.name,
	image: own.image,
	imagePullPolicy: own.imagePullPolicy,
	command: own.command,
	resources: canonicalResources(own.resources),
	securityContext: hardened(security),
	volumeMounts: volumeMounts(own.mounts, tmpOf(own)),
});

const container = (own: SidecarPlan, security: PodSecurity, tmp: string): Container => ({
	name: own.name,
	image: own.image,
	imagePullPolicy: own.imagePullPolicy,
	...argumentsAndEnvironment(own),
	ports: own.ports.map(({ name, port }): ContainerPort => ({ name, containerPort: port, protocol: "TCP" })),
	resources: canonicalResources(own.resources),
	securityContext: hardened(security),
	...probes(own.probe, own.liveness, own.ports[0]?.port),
	lifecycle: own.preStopSeconds === undefined ? undefined : { preStop: { sleep: { seconds: own.preStopSeconds } } },
	volumeMounts: [...volumeMounts(own.mounts, tmp), ...(own.added?.volumeMounts ?? []).map(userMount)],
});

const hardened = (security: PodSecurity): Container["securityContext"] => ({
	allowPrivilegeEscalation: false,
	capabilities: { drop: ["ALL"] },
	readOnlyRootFilesystem: security.readOnlyRootFilesystem,
});

const volumeMounts = (mounts: readonly Mount[], tmp: string): VolumeMount[] => [
	{ name: tmp, mountPath: "/tmp" },
	...mounts.map(
		({ name, mountPath, access }): VolumeMount => ({
			name,
			mountPath,
			// The API server does not store false here.
			readOnly: access === "write" ? undefined : true,
		}),
	),
];

/** The same check for readiness and liveness by default: failure removes the pod from its Services at once, and restarts it later. */
const probes = (
	probe: Probe,
	liveness: Probe | undefined,
	port: number | undefined,
): Pick<Container, "readinessProbe" | "livenessProbe"> => ({
	readinessProbe: probeOf(probe, port),
	livenessProbe: probeOf(liveness ?? { ...probe, failureThreshold: 3 * probe.failureThreshold }, port),
});

/** undefined: there is no port to check. */
const probeOf = (probe: Probe, clients: number | undefined): Container["readinessProbe"] => {
	const port = probe.port ?? clients;
	if (port === undefined || probe.type === "none") return undefined;
	return {
		...probeAction(probe, port),
		periodSeconds: probe.periodSeconds,
		timeoutSeconds: probe.timeoutSeconds,
		failureThreshold: probe.failureThreshold,
	};
};

const probeAction = (probe: Probe, port: number): Container["readinessProbe"] => {
	if (probe.type === "http") return { httpGet: { path: probe.path ?? "/health", port } };
	if (probe.type === "grpc") return { grpc: { port, service: probe.service } };
	return { tcpSocket: { port } };
};

/** Resources with every quantity in the form in which the API server stores it. */
const canonicalResources = (resources: Resources | undefined): Container["resources"] =>
	resources && { requests: canonicalQuantities(resources.requests), limits: canonicalQuantities(resources.limits) };

const canonicalQuantities = (quantities: Resources["requests"]): Record<string, string> | undefined =>
	quantities && Object.fromEntries(Object.entries(quantities).map(([name, value]) => [name, canonicalResource(value)]));

/** A warning about an image whose tag is mutable. */
export const floatingImage = (field: string, image: string): WarningOf<"ImageNotPinned">[] =>
	image.endsWith(":latest") || !/[:@][^/]+$/.test(image) ? [{ warning: "ImageNotPinned", field, image }] : [];
