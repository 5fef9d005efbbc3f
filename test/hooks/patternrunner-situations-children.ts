import { recordAt, recordsAt } from "../laws/findings.ts";
import {
	autoscaledFrom,
	condition,
	corrected,
	delayed,
	deployments,
	expected,
	going,
	heldBack,
	LONG_AGO,
	object,
	older,
	only,
	type Situation,
	tampered,
	WARNED,
} from "./situations.ts";

// Children of a runner that are not as they were sent: refused, being deleted, or changed by someone else.

const mirrored = only("Deployment", undefined, (child) => ({
	...child,
	spec: {
		...recordAt(child, "spec"),
		template: {
			...recordAt(child, "spec", "template"),
			spec: {
				...recordAt(child, "spec", "template", "spec"),
				containers: recordsAt(child, "spec", "template", "spec", "containers").map((container) => ({
					...container,
					image: "mirror/runner:1",
				})),
			},
		},
	},
}));

const spec = { pattern: "keyvalue", backend: "memstore", replicas: 2 };

export const PATTERN_RUNNER_CHILD_SITUATIONS: readonly Situation[] = [
	{
		title: "no pod may be created, for longer than the deadline",
		parent: object("PatternRunner", spec),
		observed: deployments(
			"it",
			0,
			condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota: pods=0"),
			condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out"),
		),
		condition: {
			type: "Stalled",
			status: "True",
			reason: "ReplicaFailure",
		},
		phase: "Failed",
	},
	{
		title: "the API server rejects an edit of its Deployment",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "Deployment", name: "it", cause: "Outdated", since: LONG_AGO }),
		},
		observed: older("Deployment"),
		condition: expected("False", "ChildRefused"),
		phase: "Failed",
	},
	{
		title: "its Deployment was rejected before the latest edit",
		parent: {
			...object("PatternRunner", spec, { generation: 2 }),
			status: delayed({ kind: "Deployment", name: "it", cause: "Outdated", since: LONG_AGO }),
		},
		observed: older("Deployment"),
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "someone paused its Deployment in the middle",
		parent: object("PatternRunner", spec),
		observed: heldBack("Deployment", { paused: true }),
		condition: expected("False", "RolloutHeld"),
		phase: "Degraded",
	},
	{
		title: "someone paused its Deployment at rest",
		parent: object("PatternRunner", spec),
		observed: tampered("Deployment", { paused: true }),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "someone gave its Service another port, and the merge is rejected",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "Service", name: "it", cause: "Overridden", since: LONG_AGO }),
		},
		observed: tampered("Service", { ports: [{ name: "grpc", port: 9999, targetPort: "grpc", protocol: "TCP" }] }),
		condition: expected("False", "ChildRefused"),
		phase: "Failed",
	},
	{
		title: "someone gave its Service another port just now",
		parent: object("PatternRunner", spec),
		observed: tampered("Service", { ports: [{ name: "grpc", port: 9999, targetPort: "grpc", protocol: "TCP" }] }),
		condition: expected("True", "DeploymentReady"),
		phase: "Running",
	},
	{
		title: "admission stores another image",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "Deployment", name: "it", cause: "Overridden", since: LONG_AGO }),
		},
		observed: (ready) => corrected("Deployment", LONG_AGO)(mirrored(ready)),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "another image is stored, and sending ours again is rejected",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "Deployment", name: "it", cause: "Overridden", since: LONG_AGO }),
		},
		observed: (ready) => mirrored(ready),
		condition: expected("False", "ChildRefused"),
		phase: "Failed",
	},
	{
		title: "a count that was set while an autoscaler has it",
		parent: object("PatternRunner", {
			...spec,
			resources: { requests: { cpu: "100m" } },
			autoscaling: { minReplicas: 2, maxReplicas: 4, targetCPUUtilizationPercentage: 70 },
		}),
		observed: autoscaledFrom("Deployment", "1", 2),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "an autoscaler that was switched off",
		parent: object("PatternRunner", { ...spec, replicas: 1 }),
		observed: autoscaledFrom("Deployment", "1", 3),
		condition: WARNED,
		phase: "Pending",
	},
	{
		title: "someone else's autoscaler changes the count",
		parent: object("PatternRunner", spec),
		observed: tampered("Deployment", { replicas: 5 }),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "someone else's autoscaler changed the count three minutes ago",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "Deployment", name: "it", cause: "Rescaled", since: "2025-12-31T23:57:00Z" }),
		},
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "someone else's autoscaler changed the count long ago",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "Deployment", name: "it", cause: "Rescaled", since: LONG_AGO }),
		},
		condition: expected("True", "DeploymentReady"),
		phase: "Running",
	},
	{
		title: "someone gave its budget the other of two fields",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "PodDisruptionBudget", name: "it", cause: "Overridden", since: LONG_AGO }),
		},
		observed: only("PodDisruptionBudget", undefined, (child) => ({ ...child, spec: { minAvailable: 1 } })),
		condition: expected("False", "ChildRefused"),
		phase: "Failed",
	},
	{
		title: "its load balancer has no address",
		parent: {
			...object("PatternRunner", { ...spec, service: { type: "LoadBalancer" } }),
			status: delayed({ kind: "Service", name: "it", cause: "NoAddress", since: LONG_AGO }),
		},
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "its load balancer has an address",
		parent: object("PatternRunner", { ...spec, service: { type: "LoadBalancer" } }),
		observed: only("Service", undefined, (child) => ({
			...child,
			status: { loadBalancer: { ingress: [{ hostname: "lb.example.com" }] } },
		})),
		condition: expected("True", "DeploymentReady"),
		phase: "Running",
	},
	{
		title: "it is scaled up, and all that was available still is",
		parent: {
			...object("PatternRunner", { ...spec, replicas: 3 }),
			status: { availableReplicas: 2, conditions: [condition("Ready", "True", "DeploymentReady", "well")] },
		},
		observed: deployments("it", 2),
		condition: expected("True", "Progressing"),
		phase: "Running",
	},
	{
		title: "it is scaled up, and an old pod fell out",
		parent: {
			...object("PatternRunner", { ...spec, replicas: 3 }),
			status: { availableReplicas: 2, conditions: [condition("Ready", "True", "DeploymentReady", "well")] },
		},
		observed: deployments("it", 1),
		condition: expected("False", "ReplicasUnavailable"),
		phase: "Degraded",
	},
	{
		title: "it was scaled up long ago, and a pod does not come up",
		parent: {
			...object("PatternRunner", { ...spec, replicas: 3 }),
			status: {
				...delayed({ kind: "Deployment", name: "it", cause: "PodsUnavailable", since: LONG_AGO }),
				availableReplicas: 2,
				conditions: [condition("Ready", "True", "Progressing", "growing")],
			},
		},
		observed: deployments("it", 2),
		condition: expected("False", "ReplicasUnavailable"),
		phase: "Degraded",
	},
	{
		title: "someone narrowed its Service",
		parent: object("PatternRunner", spec),
		observed: tampered("Service", { selector: { app: "prism", runner: "it", track: "canary" } }),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "its Service is being deleted, and held by a finalizer",
		parent: object("PatternRunner", spec),
		observed: going("Service", "example.com/hold"),
		condition: {
			type: "Stalled",
			status: "True",
			reason: "ChildTerminating",
		},
		phase: "Failed",
	},
	{
		title: "a claim that spec names is being deleted while its pods start",
		parent: object("PatternRunner", {
			...spec,
			volumes: [{ name: "models", persistentVolumeClaim: { claimName: "models" } }],
		}),
		observed: deployments("it", 0),
		related: [
			{
				apiVersion: "v1",
				kind: "PersistentVolumeClaim",
				metadata: { name: "models", namespace: "prism", deletionTimestamp: LONG_AGO, finalizers: ["example.com/hold"] },
				status: { phase: "Bound" },
			},
		],
		condition: {
			type: "Stalled",
			status: "True",
			reason: "VolumeUnavailable",
		},
		phase: "Failed",
	},
];
