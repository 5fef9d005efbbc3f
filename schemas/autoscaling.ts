import { type Static, type TProperties, Type } from "@sinclair/typebox";
import {
	type CelRule,
	Choice,
	checked,
	DNS_LABEL_PATTERN,
	MapOf,
	ObjectName,
	PositiveQuantity,
	rules,
} from "./common.ts";
import { LabelSelector } from "./scheduling.ts";

// Autoscaling of runners, proxies and shards: HorizontalPodAutoscaler v2, or KEDA if the installation enables it.

const Replicas = (description: string, options: { minimum: number; default?: number }) =>
	Type.Integer({ description, maximum: 1000, format: "int32", ...options });

const Percent = (description: string) =>
	Type.Optional(Type.Integer({ description, minimum: 1, maximum: 1000, format: "int32" }));

const Seconds = (description: string, maximum: number) =>
	Type.Integer({ description, minimum: 0, maximum, format: "int32" });

/** A path segment in metrics APIs. */
const MetricName = (description: string) =>
	Type.String({
		description: `${description} Without / and %.`,
		minLength: 1,
		maxLength: 253,
		pattern: "^[.]*[^/%.][^/%]*$",
	});

const Selector = Type.Optional(LabelSelector("Labels that select the series of the metric."));

const MetricIdentifier = Type.Object(
	{ name: MetricName("Name of the metric in the metrics API."), selector: Selector },
	{ description: "The metric." },
);

const AverageValue = PositiveQuantity({ description: "Target value per pod, such as 100 or 500m." });

/** The target value of a metric: each type has its own field and rejects the others. */
const Target = <const Types extends readonly [string, string], Fields extends TProperties>(
	types: Types,
	fields: Fields,
	[first, second]: readonly [string, string],
) =>
	Type.Object(
		{ type: Choice(types, { description: "Kind of target value." }), ...fields },
		{
			description: "Target value.",
			...rules({
				rule: `self.type == '${types[0]}' ? has(self.${first}) && !has(self.${second}) : has(self.${second}) && !has(self.${first})`,
				message: `type ${types[0]} needs ${first}, type ${types[1]} needs ${second}, and the other one must not be set`,
			}),
		},
	);

const ResourceTarget = Target(
	["Utilization", "AverageValue"],
	{
		averageUtilization: Percent("Target utilization, in percent of the pods' requests."),
		averageValue: Type.Optional(AverageValue),
	},
	["averageUtilization", "averageValue"],
);

const ValueTarget = Target(
	["Value", "AverageValue"],
	{
		value: Type.Optional(PositiveQuantity({ description: "Target value, independent of the number of pods." })),
		averageValue: Type.Optional(AverageValue),
	},
	["value", "averageValue"],
);

const MeasuredResource = Choice(["cpu", "memory"], { description: "Resource to measure." });

const METRIC_FIELDS = {
	resource: Type.Object(
		{ name: MeasuredResource, target: ResourceTarget },
		{ description: "CPU or memory of the pods, sum of all containers. For type Resource." },
	),
	containerResource: Type.Object(
		{
			name: MeasuredResource,
			container: Type.String({
				description: "Name of the container.",
				minLength: 1,
				maxLength: 63,
				pattern: DNS_LABEL_PATTERN,
			}),
			target: ResourceTarget,
		},
		{ description: "CPU or memory of one container of each pod. For type ContainerResource." },
	),
	pods: Type.Object(
		{
			metric: MetricIdentifier,
			target: Type.Object(
				{
					type: Type.Unsafe<"AverageValue">(
						Type.String({ description: "Only AverageValue is possible.", pattern: "^AverageValue$", maxLength: 12 }),
					),
					averageValue: AverageValue,
				},
				{ description: "Target value." },
			),
		},
		{ description: "A metric of each pod. For type Pods." },
	),
	object: Type.Object(
		{
			describedObject: Type.Object(
				{
					apiVersion: Type.Optional(
						Type.String({
							description: "API version of the object, such as networking.k8s.io/v1.",
							maxLength: 253,
							pattern: "^([-a-z0-9.]+/)?v[a-z0-9]+$",
						}),
					),
					kind: Type.String({
						description: "Kind of the object, such as Ingress.",
						minLength: 1,
						maxLength: 63,
						pattern: "^[A-Z][A-Za-z0-9]*$",
					}),
					name: ObjectName({ description: "Name of the object, in this namespace." }),
				},
				{ description: "The object." },
			),
			metric: MetricIdentifier,
			target: ValueTarget,
		},
		{ description: "A metric of another object. For type Object." },
	),
	external: Type.Object(
		{ metric: MetricIdentifier, target: ValueTarget },
		{ description: "A metric from outside the cluster. For type External." },
	),
};

const METRIC_TYPES = ["Resource", "ContainerResource", "Pods", "Object", "External"] as const;
const fieldOfType = (type: string): string => `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
const SHORT_FIELDS = ["name", "averageValue", "selector"];
const all = (terms: readonly string[]): string => terms.join(" && ");

const Metric = Type.Object(
	{
		name: Type.Optional(MetricName("In the short form: name of the metric in the metrics API.")),
		source: Choice(["Pods", "External"], {
			description:
				"In the short form: Pods (average over the pods) or External (a metric from outside the cluster). No effect if type is set.",
			default: "Pods",
		}),
		averageValue: Type.Optional(
			PositiveQuantity({ description: "In the short form: target value per pod, such as 100 or 500m." }),
		),
		selector: Type.Optional(LabelSelector("In the short form: labels that select the series of the metric.")),
		type: Type.Optional(
			Choice(METRIC_TYPES, {
				description: "In the form of a HorizontalPodAutoscaler: the field with the metric, such as Pods for pods.",
			}),
		),
		resource: Type.Optional(METRIC_FIELDS.resource),
		containerResource: Type.Optional(METRIC_FIELDS.containerResource),
		pods: Type.Optional(METRIC_FIELDS.pods),
		object: Type.Optional(METRIC_FIELDS.object),
		external: Type.Optional(METRIC_FIELDS.external),
	},
	{
		description:
			"A target metric. Short form: a custom or external metric, by name and averageValue. Form of a HorizontalPodAutoscaler (autoscaling/v2): any metric, by type.",
		...rules({
			rule: `has(self.type) ? ${all([
				...SHORT_FIELDS.map((field) => `!has(self.${field})`),
				...METRIC_TYPES.map((type) => `has(self.${fieldOfType(type)}) == (self.type == '${type}')`),
			])} : has(self.name) && has(self.averageValue) && ${all(METRIC_TYPES.map((type) => `!has(self.${fieldOfType(type)})`))}`,
			message:
				"A metric is either name and averageValue, or type with the field of that type alone: resource, containerResource, pods, object or external",
		}),
	},
);
export type Metric = Static<typeof Metric>;

const ScalingRules = (description: string) =>
	Type.Object(
		{
			stabilizationWindowSeconds: Type.Optional(Seconds("Stabilization window in seconds, against flapping.", 3600)),
			selectPolicy: Type.Optional(
				Choice(["Max", "Min", "Disabled"], {
					description: "Which policy applies if there are several. Disabled: never scale in this direction.",
				}),
			),
			policies: Type.Optional(
				Type.Array(
					Type.Object({
						type: Choice(["Pods", "Percent"], { description: "Unit of value." }),
						value: Type.Integer({
							description: "Maximum change in a period: number or percent of pods.",
							minimum: 1,
							format: "int32",
						}),
						periodSeconds: Type.Integer({
							description: "Length of the period in seconds.",
							minimum: 1,
							maximum: 1800,
							format: "int32",
						}),
					}),
					{ description: "Policies for the scaling speed.", maxItems: 8 },
				),
			),
		},
		{ description },
	);

const ScalingBehavior = Type.Object(
	{
		scaleUp: Type.Optional(ScalingRules("Scaling speed when pods are added.")),
		scaleDown: Type.Optional(ScalingRules("Scaling speed when pods are removed.")),
	},
	{ description: "Scaling speed in each direction." },
);

export const TRIGGERS_MESSAGE = "Two triggers have the same name: names of triggers must be unique";

const Trigger = Type.Object(
	{
		type: Type.String({
			description: "KEDA scaler, such as kafka, redis-streams, prometheus.",
			minLength: 1,
			maxLength: 63,
		}),
		name: Type.Optional(Type.String({ description: "Name of the trigger, unique in the list.", maxLength: 63 })),
		metadata: MapOf(Type.String({ maxLength: 4096 }), {
			description: "Settings of the scaler.",
			maxProperties: 64,
		}),
		authenticationRef: Type.Optional(
			Type.Object(
				{ name: ObjectName({ description: "Name of a TriggerAuthentication in this namespace." }) },
				{ description: "Credentials of the scaler." },
			),
		),
	},
	{ description: "A KEDA trigger." },
);

const bounds = (least: { description: string; minimum: number }) => ({
	minReplicas: Replicas(least.description, { minimum: least.minimum, default: 1 }),
	maxReplicas: Replicas("Maximum number of pods.", { minimum: 1 }),
});

const scaledOn = {
	targetCPUUtilizationPercentage: Percent("Target CPU utilization, in percent of the pods' requests."),
	targetMemoryUtilizationPercentage: Percent("Target memory utilization, in percent of the pods' requests."),
	metrics: Type.Optional(
		Type.Array(Metric, { description: "Target metrics. The metric that needs the most pods decides.", maxItems: 16 }),
	),
	behavior: Type.Optional(ScalingBehavior),
};

const BOUNDS_RULE: CelRule = {
	rule: "self.minReplicas <= self.maxReplicas",
	message: "minReplicas must be at most maxReplicas",
	fieldPath: ".minReplicas",
};

const SCALED_ON =
	"has(self.targetCPUUtilizationPercentage) || has(self.targetMemoryUtilizationPercentage) || has(self.metrics) && size(self.metrics) > 0";

const Enabled = Type.Boolean({ description: "Whether an autoscaler sets the number of pods.", default: true });
const DESCRIPTION = "Autoscaling of the pods. While it is enabled, replicas has no effect.";

export const Autoscaling = Type.Object(
	{
		enabled: Enabled,
		scaler: Choice(["hpa", "keda"], {
			description:
				"hpa: HorizontalPodAutoscaler. keda: ScaledObject. If the installation has no KEDA, the pods are not scaled, and the object has a Warning.",
			default: "hpa",
		}),
		...bounds({ description: "Minimum number of pods. 0 only with keda.", minimum: 0 }),
		...scaledOn,
		triggers: Type.Optional(
			Type.Array(Trigger, {
				description: "KEDA triggers.",
				maxItems: 16,
				...checked("triggers"),
				...rules({
					rule: "self.all(t, !has(t.name) || t.name == '' || self.exists_one(u, has(u.name) && u.name == t.name))",
					message: TRIGGERS_MESSAGE,
				}),
			}),
		),
		pollingInterval: Type.Optional(Seconds("Polling interval of KEDA, in seconds.", 86400)),
		cooldownPeriod: Type.Optional(Seconds("Seconds without load after which KEDA scales to zero.", 86400)),
	},
	{
		description: DESCRIPTION,
		...rules(
			BOUNDS_RULE,
			{
				rule: "self.scaler == 'keda' || self.minReplicas >= 1",
				message: "minReplicas 0 needs scaler: keda; a HorizontalPodAutoscaler keeps at least 1",
				fieldPath: ".minReplicas",
			},
			{
				rule: `!self.enabled || self.scaler == 'keda' || ${SCALED_ON}`,
				message:
					"scaler hpa needs targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage or metrics to scale on",
			},
			{
				rule: "!self.enabled || self.scaler == 'hpa' || has(self.triggers) && size(self.triggers) > 0",
				message: "scaler keda needs triggers to scale on",
				fieldPath: ".triggers",
			},
		),
	},
);
export type Autoscaling = Static<typeof Autoscaling>;

/** Of a shard, whose pods have volumes: KEDA does not scale them to zero. */
export const ShardAutoscaling = Type.Object(
	{
		enabled: Enabled,
		...bounds({ description: "Minimum number of pods.", minimum: 1 }),
		targetRPS: Type.Optional(
			Type.Integer({
				description: "Target requests per second and pod, by the pods' metric prism_requests_per_second.",
				minimum: 1,
				maximum: 1_000_000_000,
				format: "int64",
			}),
		),
		...scaledOn,
	},
	{
		description: DESCRIPTION,
		...rules(BOUNDS_RULE, {
			rule: `!self.enabled || has(self.targetRPS) || ${SCALED_ON}`,
			message:
				"autoscaling needs targetRPS, targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage or metrics to scale on",
		}),
	},
);
export type ShardAutoscaling = Static<typeof ShardAutoscaling>;
