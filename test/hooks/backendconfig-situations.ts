import {
	condition,
	deployments,
	LONG_AGO,
	nothing,
	object,
	older,
	paused,
	type Situation,
	without,
} from "./situations.ts";

const url = { type: "messaging", connection: { url: "nats://nats:4222" } };
const inline = { type: "cache", connection: { url: "redis://:hunter2@redis:6379" } };
const healthCheck = { enabled: true };
const unavailable = condition("Available", "False", "MinimumReplicasUnavailable", "not available");
const unhealthy = {
	status: "False",
	reason: "BackendUnhealthy",
	message: "the backend (nats) does not answer as it should. See why: kubectl logs deployment/it-probe",
} as const;
const published = {
	status: "True",
	reason: "NotChecked",
	message: "the connection (nats) is published in ConfigMap it-backend; whether the backend answers is not checked",
} as const;

export const BACKEND_CONFIG_SITUATIONS: readonly Situation[] = [
	{ title: "published", parent: object("BackendConfig", url), condition: published, phase: "Ready" },
	{
		title: "just created",
		parent: object("BackendConfig", url),
		observed: nothing,
		condition: { status: "False", reason: "Progressing", message: "being created or changed: ConfigMap it-backend" },
		phase: "Pending",
	},
	{
		title: "its ConfigMap is old",
		parent: object("BackendConfig", url),
		observed: older("ConfigMap"),
		condition: { status: "False", reason: "Progressing", message: "being created or changed: ConfigMap it-backend" },
		phase: "Pending",
	},
	{
		title: "its ConfigMap's name belongs to somebody else",
		parent: {
			...object("BackendConfig", url),
			status: { missing: [{ kind: "ConfigMap", name: "it-backend", since: LONG_AGO }] },
		},
		observed: nothing,
		condition: {
			status: "False",
			reason: "NameTaken",
			message:
				"ConfigMap it-backend has not appeared within 30 s: an object of that name seems to belong to somebody else, or the API server refuses it. See whose it is: kubectl get configmap it-backend -n prism -o yaml; or why it is refused: kubectl get events -n prism --field-selector reason=SyncError,involvedObject.name=it",
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
				'spec.connection.secretRef.namespace is "db", but pods can only mount Secrets of their own namespace "prism": copy it (kubectl get secret pg -n db -o yaml | sed \'s/namespace: db/namespace: prism/\' | kubectl create -f -) and remove the field',
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
				"spec.connection.url carries credentials: put the URL into a Secret of this namespace and name it in spec.connection.secretRef (keys.url), or let the installation allow inline credentials",
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
		condition: {
			status: "True",
			reason: "BackendHealthy",
			message: "the connection (nats) is published in ConfigMap it-backend, and the backend answers its probe",
		},
		phase: "Ready",
	},
	{
		title: "memory, which needs no backend",
		parent: object("BackendConfig", { type: "cache", provider: "memstore", healthCheck }),
		condition: {
			status: "True",
			reason: "BackendHealthy",
			message: "the connection (memstore) is published in ConfigMap it-backend, and needs no backend",
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
			message: "Deployment it-probe has not told yet whether the backend answers",
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
				'spec.healthCheck.enabled is true, but there is no probe for provider "s3": one of redis, nats, postgres, kafka is checked',
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
			message: "paused before this was done: being created or changed: ConfigMap it-backend",
		},
		phase: "Pending",
	},
];
