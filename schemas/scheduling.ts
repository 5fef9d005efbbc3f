import { type Static, Type } from "@sinclair/typebox";
import {
	Amount,
	type CelRule,
	type Checked,
	Choice,
	checked,
	DNS_LABEL_PATTERN,
	LABEL_KEY_PATTERN,
	LabelValue,
	ListBy,
	MapOf,
	ObjectName,
	rules,
} from "./common.ts";

// Pod fields of Kubernetes that the CRDs embed. They are typed in full: a free-form field would accept a typo, and the scheduler would
// ignore the rule without an error.

// ── Resources ───────────────────────────────────────────────────────────────────────────────────────────────────────

const Quantities = (description: string) =>
	MapOf(Amount(), { description, maxProperties: 32, ...checked("resourceNames") });

export const Resources = (description: string) =>
	Type.Object(
		{
			requests: Type.Optional(
				Quantities(
					'What the scheduler reserves for each container, such as cpu: 500m, memory: 512Mi. Quote fractions: cpu: "0.5".',
				),
			),
			limits: Type.Optional(Quantities("What each container may use at most, such as cpu: 2, memory: 2Gi.")),
		},
		{ description },
	);
export type Resources = Static<ReturnType<typeof Resources>>;

// ── Selectors and affinity ──────────────────────────────────────────────────────────────────────────────────────────

const LabelKey = (description: string) =>
	Type.String({ description, minLength: 1, maxLength: 317, pattern: LABEL_KEY_PATTERN });
const LabelValues = Type.Array(LabelValue(), {
	description: "Values to compare with; empty for Exists and DoesNotExist.",
	maxItems: 64,
});

export const LabelSelector = (description: string) =>
	Type.Object(
		{
			matchLabels: Type.Optional(
				MapOf(LabelValue(), {
					description: "Required labels and values.",
					maxProperties: 32,
					...checked("labelKeys"),
				}),
			),
			matchExpressions: Type.Optional(
				Type.Array(
					Type.Object(
						{
							key: LabelKey("Label key."),
							operator: Choice(["In", "NotIn", "Exists", "DoesNotExist"], {
								description: "How the label relates to values.",
							}),
							values: Type.Optional(LabelValues),
						},
						checked("labelRequirement"),
					),
					{ description: "Requirements that must all hold.", maxItems: 32 },
				),
			),
		},
		{ description, "x-kubernetes-map-type": "atomic" },
	);

const NodeRequirements = (description: string, kind: Checked) =>
	Type.Array(
		Type.Object(
			{
				key: LabelKey("Node label or field."),
				operator: Choice(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"], {
					description: "How the node's value relates to values.",
				}),
				values: Type.Optional(LabelValues),
			},
			checked(kind),
		),
		{ description, maxItems: 32 },
	);

const NodeSelectorTerm = Type.Object(
	{
		matchExpressions: Type.Optional(
			NodeRequirements("Requirements on node labels, all of which must hold.", "nodeRequirement"),
		),
		matchFields: Type.Optional(
			NodeRequirements("Requirements on node fields, such as metadata.name.", "fieldRequirement"),
		),
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
		labelSelector: Type.Optional(LabelSelector("Pods to run near, or away from.")),
		namespaceSelector: Type.Optional(LabelSelector("Namespaces whose pods count, in addition to namespaces.")),
		namespaces: Type.Optional(
			Type.Array(Type.String({ maxLength: 63, pattern: DNS_LABEL_PATTERN }), {
				description: "Namespaces whose pods count. Empty: this pod's own.",
				maxItems: 32,
			}),
		),
		topologyKey: LabelKey(
			"Node label that defines a topology domain: kubernetes.io/hostname, topology.kubernetes.io/zone.",
		),
		matchLabelKeys: Type.Optional(
			Type.Array(LabelKey("Label key."), {
				description: "Label keys whose values are taken from the pod itself and added to labelSelector.",
				maxItems: 16,
			}),
		),
		mismatchLabelKeys: Type.Optional(
			Type.Array(LabelKey("Label key."), {
				description: "Label keys whose values, taken from the pod itself, must not match.",
				maxItems: 16,
			}),
		),
	},
	{ description: "Pods to run near or away from, and what counts as near.", ...checked("podTerm") },
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
			podAffinity: Type.Optional(PodAffinity("Pods that these pods must or should run near.")),
			podAntiAffinity: Type.Optional(PodAffinity("Pods that these pods must or should keep away from.")),
		},
		{ description },
	);
export type Affinity = Static<ReturnType<typeof Affinity>>;

// ── RunnerSpec ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Errors of a toleration by field. The API server reports them for new objects, the hooks for objects that were stored earlier. */
export const TOLERATION_MESSAGES = {
	operator: "Without key, operator must be Exists: it tolerates every taint",
	value: "value is for operator Equal only: remove value, or set operator: Equal",
	tolerationSeconds: "tolerationSeconds is for effect NoExecute only: set effect: NoExecute, or remove it",
} as const;

const Toleration = Type.Object(
	{
		key: Type.Optional(
			Type.String({
				description: "Taint key. Empty with Exists: every taint.",
				maxLength: 317,
				pattern: `^$|${LABEL_KEY_PATTERN}`,
			}),
		),
		operator: Type.Optional(
			Choice(["Exists", "Equal"], { description: "Exists ignores value; Equal, the default, compares it." }),
		),
		value: Type.Optional(LabelValue({ description: "Taint value." })),
		effect: Type.Optional(
			Choice(["NoSchedule", "PreferNoSchedule", "NoExecute"], {
				description: "Taint effect. Default: every effect.",
			}),
		),
		tolerationSeconds: Type.Optional(
			Type.Integer({
				description: "Seconds that the pod stays after a NoExecute taint appears. Default: forever.",
				format: "int64",
			}),
		),
	},
	{
		description: "A taint that the pods tolerate.",
		...checked("toleration"),
		...rules(
			{
				rule: "has(self.key) && self.key != '' || has(self.operator) && self.operator == 'Exists'",
				message: TOLERATION_MESSAGES.operator,
				fieldPath: ".operator",
			},
			{
				rule: "!has(self.value) || self.value == '' || !has(self.operator) || self.operator == 'Equal'",
				message: TOLERATION_MESSAGES.value,
				fieldPath: ".value",
			},
			{
				rule: "!has(self.tolerationSeconds) || has(self.effect) && self.effect == 'NoExecute'",
				message: TOLERATION_MESSAGES.tolerationSeconds,
				fieldPath: ".tolerationSeconds",
			},
		),
	},
);

const TopologySpreadConstraint = Type.Object(
	{
		maxSkew: Type.Integer({
			description: "Maximum difference in pods between two domains.",
			minimum: 1,
			maximum: 1000,
			format: "int32",
		}),
		topologyKey: LabelKey(
			"Node label that defines a topology domain: topology.kubernetes.io/zone, kubernetes.io/hostname.",
		),
		whenUnsatisfiable: Choice(["DoNotSchedule", "ScheduleAnyway"], {
			description: "What to do if maxSkew can't be met: leave the pod pending, or schedule it nevertheless.",
		}),
		labelSelector: Type.Optional(LabelSelector("Pods that count. Default: the pods of this workload.")),
		minDomains: Type.Optional(Type.Integer({ description: "Minimum number of domains.", minimum: 1, format: "int32" })),
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
	{ description: "How evenly the pods spread over zones, nodes or other topology domains.", ...checked("spread") },
);

const runnerSpecFields = () => ({
	nodeSelector: Type.Optional(
		MapOf(LabelValue(), {
			description: "Labels that a node must have to run these pods.",
			maxProperties: 32,
			...checked("labelKeys"),
		}),
	),
	affinity: Type.Optional(Affinity("Rules that attract the pods to nodes and pods, or keep them away.")),
	tolerations: Type.Optional(Type.Array(Toleration, { description: "Taints that the pods tolerate.", maxItems: 32 })),
	resources: Type.Optional(Resources("CPU and memory. Overrides the resources next to runnerSpec.")),
	priorityClassName: Type.Optional(ObjectName({ description: "PriorityClass of the pods." })),
	runtimeClassName: Type.Optional(
		ObjectName({ description: "RuntimeClass of the pods, such as gvisor or kata-containers." }),
	),
	topologySpreadConstraints: Type.Optional(
		ListBy(TopologySpreadConstraint, ["topologyKey", "whenUnsatisfiable"], {
			description: "Spread of the pods. Default: a soft spread over zones and nodes.",
			maxItems: 8,
		}),
	),
});

export const RunnerSpec = (description: string) => Type.Object(runnerSpecFields(), { description });
export type RunnerSpec = Static<ReturnType<typeof RunnerSpec>>;

// ── Placement ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The five strategies of MEMO-036, and two more from its examples. */
export const STRATEGIES = [
	"ControlPlaneIsolation",
	"DataPlaneOptimization",
	"PatternSpecific",
	"CostOptimization",
	"MultiZone",
	"MultiRegion",
	"DedicatedNodes",
] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** runnerSpec under its name in the later MEMO-036, with a strategy. */
export const PodPlacement = () =>
	Type.Object(
		{
			strategy: Type.Optional(
				Choice(STRATEGIES, {
					description:
						"Predefined spread, affinity and tolerations. tolerations, topologySpreadConstraints and the parts of affinity override the same fields of the strategy.",
				}),
			),
			...runnerSpecFields(),
		},
		{ description: "The fields of runnerSpec, and strategy. Set either placement or runnerSpec." },
	);
export type PodPlacement = Static<ReturnType<typeof PodPlacement>>;

export const PLACEMENT_RULE: CelRule = {
	rule: "!has(self.placement) || !has(self.runnerSpec)",
	message: "placement and runnerSpec are two names of one field: remove one of them, and move its fields to the other",
	fieldPath: ".placement",
};
