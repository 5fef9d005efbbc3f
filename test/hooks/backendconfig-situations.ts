import { LONG_AGO, nothing, object, older, paused, type Situation } from "./situations.ts";

const url = { type: "messaging", connection: { url: "nats://nats:4222" } };
const inline = { type: "cache", connection: { url: "redis://:hunter2@redis:6379" } };
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
				"ConfigMap it-backend has not appeared within 30 s: an object of that name seems to belong to somebody else. See whose it is: kubectl get configmap it-backend -n prism -o yaml",
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
