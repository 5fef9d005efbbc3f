import { recordAt, recordsAt } from "../laws/findings.ts";
import {
	autoscaledFrom,
	condition,
	corrected,
	delayed,
	deployments,
	going,
	heldBack,
	LONG_AGO,
	object,
	older,
	only,
	type Situation,
	tampered,
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
const expected = (status: string, reason: Situation["condition"]["reason"], message: string) => ({
	status,
	reason,
	message,
});
const warning = (message: string) => ({ type: "Warning", status: "True", reason: "Warnings", message }) as const;

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
			message: "Deployment it can't create its pods: exceeded quota: pods=0",
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
		condition: expected(
			"False",
			"ChildRefused",
			"Deployment it was not updated within 30 s: rejected by the API server",
		),
		phase: "Failed",
	},
	{
		title: "its Deployment was rejected before the latest edit",
		parent: {
			...object("PatternRunner", spec, { generation: 2 }),
			status: delayed({ kind: "Deployment", name: "it", cause: "Outdated", since: LONG_AGO }),
		},
		observed: older("Deployment"),
		condition: expected("False", "Progressing", "Deployment it is being created or changed"),
		phase: "Pending",
	},
	{
		title: "someone paused its Deployment in the middle",
		parent: object("PatternRunner", spec),
		observed: heldBack("Deployment", { paused: true }),
		condition: expected("False", "RolloutHeld", "Deployment it is not rolled out: spec.paused is true"),
		phase: "Degraded",
	},
	{
		title: "someone paused its Deployment at rest",
		parent: object("PatternRunner", spec),
		observed: tampered("Deployment", { paused: true }),
		condition: warning("Deployment it will not be rolled out at the next change: spec.paused is true"),
		phase: "Running",
	},
	{
		title: "someone gave its Service another port, and the merge is rejected",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "Service", name: "it", cause: "Overridden", since: LONG_AGO }),
		},
		observed: tampered("Service", { ports: [{ name: "grpc", port: 9999, targetPort: "grpc", protocol: "TCP" }] }),
		condition: expected(
			"False",
			"ChildRefused",
			"Service it lacks spec.ports[port=8080], and was not corrected within 30 s: rejected by the API server",
		),
		phase: "Failed",
	},
	{
		title: "someone gave its Service another port just now",
		parent: object("PatternRunner", spec),
		observed: tampered("Service", { ports: [{ name: "grpc", port: 9999, targetPort: "grpc", protocol: "TCP" }] }),
		condition: expected("True", "DeploymentReady", "2 of 2 pods are available"),
		phase: "Running",
	},
	{
		title: "admission stores another image",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "Deployment", name: "it", cause: "Overridden", since: LONG_AGO }),
		},
		observed: (ready) => corrected("Deployment", LONG_AGO)(mirrored(ready)),
		condition: warning(
			"Deployment it is stored with other values than the operator sends: spec.template.spec.containers[name=keyvalue-runner].image is mirror/runner:1, not ghcr.io/prism/keyvalue-runner:v1.0.0",
		),
		phase: "Running",
	},
	{
		title: "another image is stored, and sending ours again is rejected",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "Deployment", name: "it", cause: "Overridden", since: LONG_AGO }),
		},
		observed: (ready) => mirrored(ready),
		condition: expected(
			"False",
			"ChildRefused",
			"Deployment it has another spec.template.spec.containers[name=keyvalue-runner].image, and was not corrected within 30 s: rejected by the API server",
		),
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
		condition: warning(
			"spec.replicas was set to 2, without effect while spec.autoscaling is on: change minReplicas or maxReplicas",
		),
		phase: "Running",
	},
	{
		title: "an autoscaler that was switched off",
		parent: object("PatternRunner", { ...spec, replicas: 1 }),
		observed: autoscaledFrom("Deployment", "1", 3),
		condition: warning(
			"spec.replicas is 1, and 3 pods are kept from the autoscaling that was switched off, until spec.replicas is changed",
		),
		phase: "Pending",
	},
	{
		title: "someone else's autoscaler changes the count",
		parent: object("PatternRunner", spec),
		observed: tampered("Deployment", { replicas: 5 }),
		condition: warning(
			"Deployment it: another client changes spec.replicas, and the operator reverts it; remove that autoscaler, or set autoscaling in the spec",
		),
		phase: "Running",
	},
	{
		title: "someone else's autoscaler changed the count three minutes ago",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "Deployment", name: "it", cause: "Rescaled", since: "2025-12-31T23:57:00Z" }),
		},
		condition: warning(
			"Deployment it: another client changes spec.replicas, and the operator reverts it; remove that autoscaler, or set autoscaling in the spec",
		),
		phase: "Running",
	},
	{
		title: "someone else's autoscaler changed the count long ago",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "Deployment", name: "it", cause: "Rescaled", since: LONG_AGO }),
		},
		condition: expected("True", "DeploymentReady", "2 of 2 pods are available"),
		phase: "Running",
	},
	{
		title: "someone gave its budget the other of two fields",
		parent: {
			...object("PatternRunner", spec),
			status: delayed({ kind: "PodDisruptionBudget", name: "it", cause: "Overridden", since: LONG_AGO }),
		},
		observed: only("PodDisruptionBudget", undefined, (child) => ({ ...child, spec: { minAvailable: 1 } })),
		condition: expected(
			"False",
			"ChildRefused",
			"PodDisruptionBudget it lacks spec.maxUnavailable, and was not corrected within 30 s: rejected by the API server",
		),
		phase: "Failed",
	},
	{
		title: "its load balancer has no address",
		parent: {
			...object("PatternRunner", { ...spec, service: { type: "LoadBalancer" } }),
			status: delayed({ kind: "Service", name: "it", cause: "NoAddress", since: LONG_AGO }),
		},
		condition: warning("Service it is of type LoadBalancer, and has had no address for 60 s"),
		phase: "Running",
	},
	{
		title: "its load balancer has an address",
		parent: object("PatternRunner", { ...spec, service: { type: "LoadBalancer" } }),
		observed: only("Service", undefined, (child) => ({
			...child,
			status: { loadBalancer: { ingress: [{ hostname: "lb.example.com" }] } },
		})),
		condition: expected("True", "DeploymentReady", "2 of 2 pods are available"),
		phase: "Running",
	},
	{
		title: "it is scaled up, and all that was available still is",
		parent: {
			...object("PatternRunner", { ...spec, replicas: 3 }),
			status: { availableReplicas: 2, conditions: [condition("Ready", "True", "DeploymentReady", "well")] },
		},
		observed: deployments("it", 2),
		condition: expected("True", "Progressing", "Deployment it is scaled up: 2 of 3 pods are available"),
		phase: "Running",
	},
	{
		title: "it is scaled up, and an old pod fell out",
		parent: {
			...object("PatternRunner", { ...spec, replicas: 3 }),
			status: { availableReplicas: 2, conditions: [condition("Ready", "True", "DeploymentReady", "well")] },
		},
		observed: deployments("it", 1),
		condition: expected("False", "ReplicasUnavailable", "Deployment it: 1 of 3 pods are available"),
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
		condition: expected("False", "ReplicasUnavailable", "Deployment it: 2 of 3 pods are available"),
		phase: "Degraded",
	},
	{
		title: "someone narrowed its Service",
		parent: object("PatternRunner", spec),
		observed: tampered("Service", { selector: { app: "prism", runner: "it", track: "canary" } }),
		condition: warning(
			"Service it selects labels that the operator did not set: track=canary; pods without them get no requests",
		),
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
			message:
				"Service it is being deleted since 2025-12-01T00:00:00Z, finalizers: example.com/hold; it is created again after that",
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
			message:
				"Deployment it waits for a volume: PersistentVolumeClaim models is being deleted since 2025-12-01T00:00:00Z, finalizers: example.com/hold",
		},
		phase: "Failed",
	},
];
