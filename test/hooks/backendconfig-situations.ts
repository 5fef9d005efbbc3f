import type { Condition, KubeObject } from "../../schemas/common.ts";
import {
	condition,
	deployments,
	LONG_AGO,
	nothing,
	object,
	older,
	paused,
	type Situation,
	somebodys,
	without,
} from "./situations.ts";

const url = { type: "messaging", connection: { url: "nats://nats:4222" } };
const inline = { type: "cache", connection: { url: "redis://:hunter2@redis:6379" } };
const healthCheck = { enabled: true };
const unavailable = condition("Available", "False", "MinimumReplicasUnavailable", "not available");
const unhealthy = {
	status: "False",
	reason: "BackendUnhealthy",
	message: "The health check of the backend (nats) fails",
} as const;
const published = {
	status: "True",
	reason: "NotChecked",
	message: "The connection (nats) is published in ConfigMap it-backend; whether the backend answers is not checked",
} as const;

const answered = {
	status: "True",
	reason: "BackendHealthy",
	message: "The connection (nats) is published in ConfigMap it-backend, and the backend answers its probe",
} as const;
/** A probe whose new pod is there beside the old one, which is available. */
const replaced = (children: readonly KubeObject[], ...more: Condition[]): readonly KubeObject[] =>
	deployments(
		"it-probe",
		1,
		condition("Available", "True", "MinimumReplicasAvailable", "available"),
		...more,
	)(children).map((child) =>
		child.kind === "Deployment" ? { ...child, status: { ...(child["status"] as object), replicas: 2 } } : child,
	);

export const BACKEND_CONFIG_SITUATIONS: readonly Situation[] = [
	{ title: "published", parent: object("BackendConfig", url), condition: published, phase: "Ready" },
	{
		title: "just created",
		parent: object("BackendConfig", url),
		observed: nothing,
		condition: { status: "False", reason: "Progressing", message: "Being created or changed: ConfigMap it-backend" },
		phase: "Pending",
	},
	{
		title: "its ConfigMap is old",
		parent: object("BackendConfig", url),
		observed: older("ConfigMap"),
		condition: { status: "False", reason: "Progressing", message: "Being created or changed: ConfigMap it-backend" },
		phase: "Pending",
	},
	{
		title: "its ConfigMap's name belongs to somebody else",
		parent: {
			...object("BackendConfig", url),
			status: { missing: [{ kind: "ConfigMap", name: "it-backend", since: LONG_AGO }] },
		},
		observed: nothing,
		related: [somebodys("v1", "ConfigMap", "it-backend")],
		condition: {
			status: "False",
			reason: "NameTaken",
			message:
				"ConfigMap it-backend was not created within 30 s: the name is in use by an object that this controller does not own",
		},
		phase: "Failed",
	},
	{
		title: "a ConfigMap that the API server rejects",
		parent: {
			...object("BackendConfig", url),
			status: { missing: [{ kind: "ConfigMap", name: "it-backend", since: LONG_AGO }] },
		},
		observed: nothing,
		condition: {
			status: "False",
			reason: "ChildRefused",
			message: "ConfigMap it-backend was not created within 30 s: rejected by the API server",
		},
		phase: "Failed",
	},
	{
		title: "a spec that the schema refuses",
		parent: object("BackendConfig", { type: 5 }),
		condition: { status: "False", reason: "InvalidSpec", message: "spec.type: expected string, got 5" },
		phase: "Failed",
	},
	{
		title: "a Secret in another namespace",
		parent: object("BackendConfig", { type: "db", connection: { secretRef: { name: "pg", namespace: "db" } } }),
		condition: {
			status: "False",
			reason: "CrossNamespaceReference",
			message:
				'spec.connection.secretRef.namespace is "db", but pods can only mount Secrets of their own namespace "prism": copy the Secret, and remove the field',
		},
		phase: "Failed",
	},
	{
		title: "credentials in the URL",
		parent: object("BackendConfig", inline),
		condition: {
			status: "False",
			reason: "InlineCredentials",
			message:
				"spec.connection.url carries credentials: put the URL into a Secret, and name it in spec.connection.secretRef",
		},
		phase: "Failed",
	},
	{
		title: "credentials in the URL, where they are allowed",
		parent: object("BackendConfig", inline),
		installation: { inlineCredentials: true },
		condition: {
			type: "Warning",
			status: "True",
			reason: "Warnings",
			message: "spec.connection.url carries credentials in clear text: move it into a Secret and name it in secretRef",
		},
		phase: "Ready",
	},
	{
		title: "a URL beside a Secret's",
		parent: object("BackendConfig", {
			...url,
			connection: { ...url.connection, secretRef: { name: "nats", keys: { url: "nats-url" } } },
		}),
		condition: {
			type: "Warning",
			status: "True",
			reason: "Warnings",
			message: "spec.connection.url is not used: key nats-url of Secret nats wins",
		},
		phase: "Ready",
	},
	{
		title: "its probe is answered",
		parent: object("BackendConfig", { ...url, healthCheck }),
		condition: answered,
		phase: "Ready",
	},
	{
		title: "memory, which needs no backend",
		parent: object("BackendConfig", { type: "cache", provider: "memstore", healthCheck }),
		condition: {
			status: "True",
			reason: "BackendHealthy",
			message: "The connection (memstore) is published in ConfigMap it-backend, and needs no backend",
		},
		phase: "Ready",
	},
	{
		title: "its probe is being created",
		parent: object("BackendConfig", { ...url, healthCheck }),
		observed: without("Deployment"),
		condition: {
			status: "False",
			reason: "Progressing",
			message: "Deployment it-probe is being created or changed",
		},
		phase: "Pending",
	},
	{
		title: "its probe has not answered yet",
		parent: object("BackendConfig", { ...url, healthCheck }),
		observed: deployments("it-probe", 0, { ...unavailable, lastTransitionTime: "2025-12-31T23:59:50Z" }),
		condition: {
			status: "False",
			reason: "Progressing",
			message: "Deployment it-probe has not reported yet whether the backend answers",
		},
		phase: "Pending",
	},
	{
		title: "its probe has never been answered",
		parent: object("BackendConfig", { ...url, healthCheck }),
		observed: deployments("it-probe", 0, unavailable),
		condition: unhealthy,
		phase: "Degraded",
	},
	{
		title: "its probe is no longer answered",
		parent: { ...object("BackendConfig", { ...url, healthCheck }), status: { healthy: true } },
		observed: deployments("it-probe", 0, { ...unavailable, lastTransitionTime: "2025-12-31T23:59:59Z" }),
		condition: unhealthy,
		phase: "Degraded",
	},
	{
		title: "its probe was not answered a moment ago, and still is not",
		parent: { ...object("BackendConfig", { ...url, healthCheck }), status: { healthy: false } },
		observed: deployments("it-probe", 0, { ...unavailable, lastTransitionTime: "2025-12-31T23:59:58Z" }),
		condition: unhealthy,
		phase: "Degraded",
	},
	{
		title: "its probe can't be created",
		parent: object("BackendConfig", { ...url, healthCheck }),
		observed: deployments("it-probe", 0, condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota")),
		condition: {
			status: "False",
			reason: "ReplicaFailure",
			message: "Deployment it-probe can't create its pods: exceeded quota",
		},
		phase: "Failed",
	},
	{
		title: "a provider that nobody can probe",
		parent: object("BackendConfig", { type: "archive", connection: { url: "s3://bucket" }, healthCheck }),
		condition: {
			type: "Warning",
			status: "True",
			reason: "Warnings",
			message:
				'spec.healthCheck.enabled is true, but there is no probe for provider "s3": only redis, nats, postgres, kafka have one',
		},
		phase: "Ready",
	},
	{
		title: "paused when all was done",
		parent: object("BackendConfig", url, paused),
		condition: published,
		phase: "Ready",
	},
	{
		title: "paused in the middle",
		parent: object("BackendConfig", url, paused),
		observed: older("ConfigMap"),
		condition: {
			status: "False",
			reason: "PausedByAnnotation",
			message: "Paused before this was done: Being created or changed: ConfigMap it-backend",
		},
		phase: "Pending",
	},
	{
		title: "its probe is replaced, and the old one is answered",
		parent: { ...object("BackendConfig", { ...url, healthCheck }), status: { healthy: true, observedGeneration: 1 } },
		observed: replaced,
		condition: answered,
		phase: "Ready",
	},
	{
		title: "its probe is replaced, and the new image can't be pulled",
		parent: { ...object("BackendConfig", { ...url, healthCheck }), status: { healthy: true, observedGeneration: 1 } },
		observed: (children) => replaced(children, condition("Progressing", "False", "ProgressDeadlineExceeded", "late")),
		condition: answered,
		phase: "Ready",
	},
	{
		title: "its probe is replaced after an edit, and the old one is answered",
		parent: { ...object("BackendConfig", { ...url, healthCheck }), status: { observedGeneration: 1 } },
		observed: replaced,
		condition: {
			status: "False",
			reason: "Progressing",
			message: "Deployment it-probe has not reported yet whether the backend answers",
		},
		phase: "Pending",
	},
];
