import { type Static, Type } from "@sinclair/typebox";
import { Choice, MapOf, ObjectName, Quantity } from "./common.ts";
import { LabelSelector } from "./placement.ts";

// Autoscaling of a runner: HorizontalPodAutoscaler v2, or KEDA where the installation has it.

const Replicas = (description: string, options: { minimum: number; default?: number }) =>
	Type.Integer({ description, maximum: 1000, format: "int32", ...options });

const Percent = (description: string) =>
	Type.Optional(Type.Integer({ description, minimum: 1, maximum: 1000, format: "int32" }));

const Seconds = (description: string, maximum: number) =>
	Type.Integer({ description, minimum: 0, maximum, format: "int32" });

const Metric = Type.Object(
	{
		name: Type.String({ description: "Name of the metric in the metrics API.", minLength: 1, maxLength: 253 }),
		source: Choice(["Pods", "External"], {
			description: "Pods: the average over the runner's pods. External: a metric from outside the cluster.",
			default: "Pods",
		}),
		averageValue: Quantity({ description: "Value per pod to hold, such as 100 or 500m." }),
		selector: Type.Optional(LabelSelector("Labels that pick the series of the metric.")),
	},
	{ description: "A custom or external metric to hold at a value per pod." },
);

const ScalingRules = (description: string) =>
	Type.Object(
		{
			stabilizationWindowSeconds: Type.Optional(
				Seconds("Seconds of past recommendations that are considered, against flapping.", 3600),
			),
			selectPolicy: Type.Optional(
				Choice(["Max", "Min", "Disabled"], {
					description: "Which policy wins when several apply; Disabled: never scale in this direction.",
				}),
			),
			policies: Type.Optional(
				Type.Array(
					Type.Object({
						type: Choice(["Pods", "Percent"], { description: "Unit of value." }),
						value: Type.Integer({
							description: "Pods, or percent of them, that may change in a period.",
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
					{ description: "How fast the count may change.", maxItems: 8 },
				),
			),
		},
		{ description },
	);

export const ScalingBehavior = Type.Object(
	{
		scaleUp: Type.Optional(ScalingRules("How fast pods are added.")),
		scaleDown: Type.Optional(ScalingRules("How fast pods are removed.")),
	},
	{ description: "How fast the count may change in each direction." },
);

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

export const Autoscaling = Type.Object(
	{
		enabled: Type.Boolean({ description: "Whether the count of pods follows the load.", default: true }),
		scaler: Choice(["hpa", "keda"], {
			description: "hpa: HorizontalPodAutoscaler. keda: ScaledObject, where the installation has KEDA.",
			default: "hpa",
		}),
		minReplicas: Replicas("Least number of pods; 0 only with keda.", { minimum: 0, default: 1 }),
		maxReplicas: Replicas("Greatest number of pods.", { minimum: 1 }),
		targetCPUUtilizationPercentage: Percent("CPU to hold, in percent of the pods' requests."),
		targetMemoryUtilizationPercentage: Percent("Memory to hold, in percent of the pods' requests."),
		metrics: Type.Optional(Type.Array(Metric, { description: "Custom and external metrics to hold.", maxItems: 16 })),
		behavior: Type.Optional(ScalingBehavior),
		triggers: Type.Optional(Type.Array(Trigger, { description: "KEDA triggers.", maxItems: 16 })),
		pollingInterval: Type.Optional(Seconds("Seconds between two looks of KEDA at its triggers.", 86400)),
		cooldownPeriod: Type.Optional(Seconds("Seconds without load after which KEDA scales to zero.", 86400)),
	},
	{
		description: "Lets the count of pods follow the load. While it is on, replicas is without effect.",
		"x-kubernetes-validations": [
			{
				rule: "self.minReplicas <= self.maxReplicas",
				message: "minReplicas must be at most maxReplicas",
				fieldPath: ".minReplicas",
			},
			{
				rule: "self.scaler == 'keda' || self.minReplicas >= 1",
				message: "minReplicas 0 needs scaler: keda; a HorizontalPodAutoscaler keeps at least 1",
				fieldPath: ".minReplicas",
			},
			{
				rule: "!self.enabled || self.scaler == 'keda' || has(self.targetCPUUtilizationPercentage) || has(self.targetMemoryUtilizationPercentage) || has(self.metrics) && size(self.metrics) > 0",
				message:
					"scaler hpa needs targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage or metrics to scale on",
			},
			{
				rule: "!self.enabled || self.scaler == 'hpa' || has(self.triggers) && size(self.triggers) > 0",
				message: "scaler keda needs triggers to scale on",
				fieldPath: ".triggers",
			},
		],
	},
);
export type Autoscaling = Static<typeof Autoscaling>;
