import type { Affinity, PodPlacement, Resources, RunnerSpec, Strategy } from "../schemas/scheduling.ts";

// Placement of pods: converts runnerSpec, or placement with a strategy, to fields of the pod.

/** The part of a spec that places its pods. */
export interface Placeable {
	readonly resources?: Resources;
	/** Default for all pods of the part. */
	readonly affinity?: Affinity | undefined;
	readonly runnerSpec?: RunnerSpec;
	readonly placement?: PodPlacement;
}

/** Which pods: nodes are named for an application in labels and taints, and a pattern has nodes of its own. */
export interface PlacedPods {
	/** The label `app` of the pods: prism-proxy, prism-admin, or prism of runners. */
	readonly app: "prism-proxy" | "prism-admin" | "prism";
	/** What PatternSpecific nodes are labelled with: a pattern, or the component. */
	readonly pattern: string;
}

/** The fields of the pod. A field of the spec replaces that of the strategy; in affinity, each kind of affinity. */
export const placementOf = (part: Placeable, pods: PlacedPods): RunnerSpec => {
	const { strategy, ...given } = givenPlacement(part);
	const preset: Preset = strategy === undefined ? {} : PRESETS[strategy](pods);
	const own = given.affinity ?? part.affinity;
	const affinity = preset.affinity === undefined ? own : { ...preset.affinity, ...own };
	return {
		...preset,
		...(part.resources && { resources: part.resources }),
		...given,
		...(affinity && { affinity }),
	};
};

/** The affinity of the user, and its field. */
export const givenAffinity = ({ affinity, ...part }: Placeable): { affinity: Affinity | undefined; field: string } => ({
	affinity: givenPlacement(part).affinity ?? affinity,
	field: `${part.placement === undefined ? "runnerSpec" : "placement"}.affinity`,
});

const givenPlacement = ({ runnerSpec, placement }: Placeable): PodPlacement => placement ?? runnerSpec ?? {};

// ── Strategies ──────────────────────────────────────────────────────────────────────────────────────────────────────

type Preset = Pick<RunnerSpec, "affinity" | "tolerations" | "topologySpreadConstraints">;

const ZONE = "topology.kubernetes.io/zone";
const REGION = "topology.kubernetes.io/region";
const HOST = "kubernetes.io/hostname";

const PRESETS: Readonly<Record<Strategy, (pods: PlacedPods) => Preset>> = {
	ControlPlaneIsolation: ({ app }) => ({
		affinity: {
			podAntiAffinity: awayFrom(app === "prism-admin" ? ["prism-proxy", "prism"] : ["prism-admin"]),
			...(app === "prism-admin" && { nodeAffinity: preferring({ role: "prism-control-plane" }) }),
		},
	}),
	DataPlaneOptimization: () => ({
		affinity: { nodeAffinity: preferring({ tier: "data-plane" }) },
		tolerations: [tolerating("workload-type", "data-intensive")],
	}),
	PatternSpecific: ({ pattern }) => ({
		affinity: { nodeAffinity: preferring({ "prism.io/pattern": pattern }) },
		tolerations: [tolerating("prism.io/pattern", pattern)],
	}),
	CostOptimization: () => ({
		affinity: { nodeAffinity: preferring(SPOT_LABELS) },
		tolerations: [tolerating("node-lifecycle", "spot"), tolerating("kubernetes.azure.com/scalesetpriority", "spot")],
	}),
	MultiZone: () => ({ topologySpreadConstraints: [evenly(ZONE), evenly(HOST, "ScheduleAnyway")] }),
	MultiRegion: () => ({
		topologySpreadConstraints: [evenly(REGION), evenly(ZONE), evenly(HOST, "ScheduleAnyway")],
	}),
	DedicatedNodes: ({ app }) => ({
		affinity: {
			nodeAffinity: {
				requiredDuringSchedulingIgnoredDuringExecution: {
					nodeSelectorTerms: [{ matchExpressions: [{ key: "node-type", operator: "In", values: [nodesOf(app)] }] }],
				},
			},
		},
		tolerations: [tolerating("dedicated", nodesOf(app))],
	}),
};

/** Runners' pods are of the application prism. */
const nodesOf = (app: PlacedPods["app"]): string => (app === "prism" ? "prism-runner" : app);

/** Labels of spot nodes: of MEMO-036, Karpenter, EKS, GKE and AKS. */
const SPOT_LABELS = {
	"node-lifecycle": "spot",
	"karpenter.sh/capacity-type": "spot",
	"eks.amazonaws.com/capacityType": "SPOT",
	"cloud.google.com/gke-spot": "true",
	"kubernetes.azure.com/scalesetpriority": "spot",
};

/** Nodes with any of the labels. */
const preferring = (labels: Readonly<Record<string, string>>): NonNullable<Affinity["nodeAffinity"]> => ({
	preferredDuringSchedulingIgnoredDuringExecution: Object.entries(labels).map(([key, value]) => ({
		weight: 100,
		preference: { matchExpressions: [{ key, operator: "In" as const, values: [value] }] },
	})),
});

const awayFrom = (apps: readonly string[]): NonNullable<Affinity["podAntiAffinity"]> => ({
	requiredDuringSchedulingIgnoredDuringExecution: [
		{
			labelSelector: { matchExpressions: [{ key: "app", operator: "In" as const, values: [...apps] }] },
			topologyKey: HOST,
		},
	],
});

const tolerating = (key: string, value: string) => ({
	key,
	operator: "Equal" as const,
	value,
	effect: "NoSchedule" as const,
});

/** The selector matches the pods of the workload. */
const evenly = (topologyKey: string, whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway" = "DoNotSchedule") => ({
	maxSkew: 1,
	topologyKey,
	whenUnsatisfiable,
});
