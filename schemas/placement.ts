import { type Static, Type } from "@sinclair/typebox";
import { Choice, ListBy, MapOf, ObjectName, Quantity } from "./common.ts";

// Kubernetes' own pod fields that our kinds embed: typed in full rather than free-form, so that a typo is an error of
// `kubectl apply` and not a scheduling rule that silently never holds.

// ── Resources ───────────────────────────────────────────────────────────────────────────────────────────────────────

const Quantities = (description: string) => MapOf(Quantity(), { description, maxProperties: 32 });

export const Resources = (description: string) =>
	Type.Object(
		{
			requests: Type.Optional(
				Quantities("What the scheduler reserves for each container, such as cpu: 500m, memory: 512Mi."),
			),
			limits: Type.Optional(Quantities("What each container may use at most, such as cpu: 2, memory: 2Gi.")),
		},
		{ description },
	);
export type Resources = Static<ReturnType<typeof Resources>>;

// ── Selectors and affinity ──────────────────────────────────────────────────────────────────────────────────────────

const LabelKey = (description: string) => Type.String({ description, minLength: 1, maxLength: 317 });
const LabelValues = Type.Array(Type.String({ maxLength: 63 }), {
	description: "Values to compare with; empty for Exists and DoesNotExist.",
	maxItems: 64,
});

export const LabelSelector = (description: string) =>
	Type.Object(
		{
			matchLabels: Type.Optional(
				MapOf(Type.String({ maxLength: 63 }), {
					description: "Labels that must all be there with these values.",
					maxProperties: 32,
				}),
			),
			matchExpressions: Type.Optional(
				Type.Array(
					Type.Object({
						key: LabelKey("Label key."),
						operator: Choice(["In", "NotIn", "Exists", "DoesNotExist"], {
							description: "How the label relates to values.",
						}),
						values: Type.Optional(LabelValues),
					}),
					{ description: "Requirements that must all hold.", maxItems: 32 },
				),
			),
		},
		{ description, "x-kubernetes-map-type": "atomic" },
	);

const NodeRequirements = (description: string) =>
	Type.Array(
		Type.Object({
			key: LabelKey("Node label or field."),
			operator: Choice(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"], {
				description: "How the node's value relates to values.",
			}),
			values: Type.Optional(LabelValues),
		}),
		{ description, maxItems: 32 },
	);

const NodeSelectorTerm = Type.Object(
	{
		matchExpressions: Type.Optional(NodeRequirements("Requirements on node labels, all of which must hold.")),
		matchFields: Type.Optional(NodeRequirements("Requirements on node fields, such as metadata.name.")),
	},
	{ description: "A set of requirements that must all hold.", "x-kubernetes-map-type": "atomic" },
);

const Weight = Type.Integer({
	description: "Weight of this preference, 1 to 100.",
	minimum: 1,
	maximum: 100,
	format: "int32",
});

const PodAffinityTerm = Type.Object(
	{
		labelSelector: Type.Optional(LabelSelector("Pods to be near to, or away from.")),
		namespaceSelector: Type.Optional(LabelSelector("Namespaces whose pods count, beside those in namespaces.")),
		namespaces: Type.Optional(
			Type.Array(Type.String({ maxLength: 63 }), {
				description: "Namespaces whose pods count. Empty: this pod's own.",
				maxItems: 32,
			}),
		),
		topologyKey: LabelKey("Node label that defines a place: kubernetes.io/hostname, topology.kubernetes.io/zone."),
		matchLabelKeys: Type.Optional(
			Type.Array(LabelKey("Label key."), {
				description: "Label keys whose values are taken from the pod itself and added to labelSelector.",
				maxItems: 16,
			}),
		),
		mismatchLabelKeys: Type.Optional(
			Type.Array(LabelKey("Label key."), {
				description: "Label keys whose values, taken from the pod itself, must not be there.",
				maxItems: 16,
			}),
		),
	},
	{ description: "Pods to be near to or away from, and what counts as near." },
);

const PodAffinity = (description: string) =>
	Type.Object(
		{
			requiredDuringSchedulingIgnoredDuringExecution: Type.Optional(
				Type.Array(PodAffinityTerm, {
					description: "Terms that must hold, or the pod stays unscheduled.",
					maxItems: 16,
				}),
			),
			preferredDuringSchedulingIgnoredDuringExecution: Type.Optional(
				Type.Array(Type.Object({ weight: Weight, podAffinityTerm: PodAffinityTerm }), {
					description: "Terms that the scheduler tries to meet, by weight.",
					maxItems: 16,
				}),
			),
		},
		{ description },
	);

export const Affinity = (description: string) =>
	Type.Object(
		{
			nodeAffinity: Type.Optional(
				Type.Object(
					{
						requiredDuringSchedulingIgnoredDuringExecution: Type.Optional(
							Type.Object(
								{
									nodeSelectorTerms: Type.Array(NodeSelectorTerm, {
										description: "Terms of which at least one must hold.",
										minItems: 1,
										maxItems: 16,
									}),
								},
								{
									description: "Requirements on nodes that must hold, or the pod stays unscheduled.",
									"x-kubernetes-map-type": "atomic",
								},
							),
						),
						preferredDuringSchedulingIgnoredDuringExecution: Type.Optional(
							Type.Array(Type.Object({ weight: Weight, preference: NodeSelectorTerm }), {
								description: "Requirements on nodes that the scheduler tries to meet, by weight.",
								maxItems: 16,
							}),
						),
					},
					{ description: "Which nodes the pods may or should run on." },
				),
			),
			podAffinity: Type.Optional(PodAffinity("Pods that these pods must or should run near to.")),
			podAntiAffinity: Type.Optional(PodAffinity("Pods that these pods must or should keep away from.")),
		},
		{ description },
	);
export type Affinity = Static<ReturnType<typeof Affinity>>;

// ── RunnerSpec ──────────────────────────────────────────────────────────────────────────────────────────────────────

const Toleration = Type.Object(
	{
		key: Type.Optional(Type.String({ description: "Taint key. Empty with Exists: every taint.", maxLength: 317 })),
		operator: Type.Optional(
			Choice(["Exists", "Equal"], { description: "Exists ignores value; Equal, the default, compares it." }),
		),
		value: Type.Optional(Type.String({ description: "Taint value.", maxLength: 63 })),
		effect: Type.Optional(
			Choice(["NoSchedule", "PreferNoSchedule", "NoExecute"], {
				description: "Taint effect. Left out: every effect.",
			}),
		),
		tolerationSeconds: Type.Optional(
			Type.Integer({
				description: "Seconds that the pod stays after a NoExecute taint appears. Left out: for ever.",
				format: "int64",
			}),
		),
	},
	{ description: "A taint that the pods tolerate." },
);

const TopologySpreadConstraint = Type.Object(
	{
		maxSkew: Type.Integer({
			description: "By how many pods two places may differ.",
			minimum: 1,
			maximum: 1000,
			format: "int32",
		}),
		topologyKey: LabelKey("Node label that defines a place: topology.kubernetes.io/zone, kubernetes.io/hostname."),
		whenUnsatisfiable: Choice(["DoNotSchedule", "ScheduleAnyway"], {
			description: "What to do when the skew can't be kept: leave the pod pending, or schedule it all the same.",
		}),
		labelSelector: Type.Optional(LabelSelector("Pods that count. Left out: the pods of this workload.")),
		minDomains: Type.Optional(
			Type.Integer({ description: "Least number of places to spread over.", minimum: 1, format: "int32" }),
		),
		nodeAffinityPolicy: Type.Optional(
			Choice(["Honor", "Ignore"], { description: "Whether nodes outside the pods' node affinity count." }),
		),
		nodeTaintsPolicy: Type.Optional(
			Choice(["Honor", "Ignore"], { description: "Whether tainted nodes that the pods don't tolerate count." }),
		),
		matchLabelKeys: Type.Optional(
			Type.Array(LabelKey("Label key."), {
				description: "Label keys whose values are taken from the pod itself.",
				maxItems: 16,
			}),
		),
	},
	{ description: "How evenly the pods spread over zones, nodes or other places." },
);

export const RunnerSpec = (description: string) =>
	Type.Object(
		{
			nodeSelector: Type.Optional(
				MapOf(Type.String({ maxLength: 63 }), {
					description: "Labels that a node must have to run these pods.",
					maxProperties: 32,
				}),
			),
			affinity: Type.Optional(Affinity("Rules that attract the pods to nodes and pods, or keep them away.")),
			tolerations: Type.Optional(
				Type.Array(Toleration, { description: "Taints that the pods tolerate.", maxItems: 32 }),
			),
			resources: Type.Optional(Resources("CPU and memory; wins over the resources beside runnerSpec.")),
			priorityClassName: Type.Optional(ObjectName({ description: "PriorityClass of the pods: who is evicted last." })),
			runtimeClassName: Type.Optional(
				ObjectName({ description: "RuntimeClass of the pods, such as gvisor or kata-containers." }),
			),
			topologySpreadConstraints: Type.Optional(
				ListBy(TopologySpreadConstraint, ["topologyKey", "whenUnsatisfiable"], {
					description: "Spread of the pods. Left out: a soft spread over zones and nodes when replicas exceed 1.",
					maxItems: 8,
				}),
			),
		},
		{ description },
	);
export type RunnerSpec = Static<ReturnType<typeof RunnerSpec>>;
