import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { DEFAULT_OPERATOR_NAMESPACE, Installation } from "../schemas/installation.ts";
import { AUTO } from "./admin/names.ts";
import { file, flag, integer, logLevel, port, text, type Variable, variablesOf, words } from "./settings.ts";
import { TRACING_VARIABLES } from "./tracing/variables.ts";

// The environment variables of the server.

/** Who may read /metrics: any client, authenticated callers, or no client. */
export type MetricsAccess = "anonymous" | "authenticated" | "off";

const METRICS_ACCESS = ["anonymous", "authenticated", "off"] satisfies MetricsAccess[];

/** Value of a disabled setting; an empty one counts as not set. */
export const NONE = "none";
const AMOUNT = "(cpu|memory)=[0-9]+([.][0-9]+)?([KMGT]i|[mkMGT])?";
const QUANTITIES_PATTERN = `^(${NONE}|${AMOUNT}(,${AMOUNT})?)$`;
export const DEFAULT_IMAGE = "default";

/** Value of a list without a limit. */
export const ANY = "any";
const list = (description: string, allowed: string, one: string) =>
	text(
		`${description} ${ANY}: no limit. ${NONE}: nothing is allowed.`,
		ANY,
		`${ANY}, ${NONE}, or a comma-separated list of ${allowed}`,
		{
			pattern: `^(${ANY}|${NONE}|${one}(,${one})*)$`,
			maxLength: 4096,
		},
	);

const installation = Value.Create(Installation);

export const Environment = Type.Object({
	PORT: port("TCP port of the webhook server. 0: any free port.", 8080),
	HOST: text(
		"Address of the webhook server. On any address but loopback, callers must authenticate with a token or a client certificate.",
		"127.0.0.1",
		"an IP address or a host name",
		{ pattern: "^[A-Za-z0-9.:_-]+$" },
	),
	LOG_LEVEL: logLevel("Lowest severity in the log. Every webhook call is one line at info."),
	PRISM_TOKEN_FILE: file(
		"File with the accepted bearer tokens of callers: one on each line, at least 16 characters each, two during a rotation. The server reads it again when it changes.",
	),
	PRISM_ALLOW_ANONYMOUS: flag(
		"Whether to listen on other addresses than loopback without authentication. Every client that reaches the server can call it.",
	),
	PRISM_TLS_CERT_FILE: file(
		"File with the server's certificate and its chain, PEM. Enables TLS 1.2 or later. The server reads it again when it changes.",
	),
	PRISM_TLS_KEY_FILE: file(
		"PEM file with the private key of the certificate in PRISM_TLS_CERT_FILE, without a passphrase.",
	),
	PRISM_TLS_CLIENT_CA_FILE: file(
		"File with the certificate authorities of client certificates, PEM. Callers without a certificate from these authorities reach only /healthz and /readyz, and /metrics if PRISM_METRICS is anonymous.",
	),
	PRISM_ADMIN_TOKENS_DIR: file(
		"Folder with tokens for the proxies' admin API: a file for each Kubernetes namespace, with the namespace's name. The operator sends the content of the file as x-admin-token to the proxies in that namespace. For a namespace without a file, the operator sends no token. The operator reads the files again when they change.",
	),
	PRISM_ADMIN_TLS: flag(
		"Whether the operator calls proxies' admin APIs over TLS 1.2 or later. A proxy's certificate must cover its name inside the cluster, such as prism-orders-0.prism-orders.shop.svc. Without TLS, tokens are sent in clear text.",
	),
	PRISM_ADMIN_TLS_CA_FILE: file(
		"File with the certificate authorities of proxies' certificates, PEM. The operator reads it again when it changes.",
	),
	PRISM_ADMIN_TLS_CERT_FILE: file(
		"File with the operator's client certificate and its chain (mutual TLS), PEM. The operator reads it again when it changes.",
	),
	PRISM_ADMIN_TLS_KEY_FILE: file(
		"PEM file with the private key of the certificate in PRISM_ADMIN_TLS_CERT_FILE, without a passphrase.",
	),
	PRISM_REMINDER_SECONDS: integer(
		"Longest time in seconds until the operator sends a namespace again to a control plane or proxy that can't list its namespaces, such as prism-admin. The operator can't see whether such a server has lost the namespace.",
		240,
		[1, 300],
	),
	PRISM_METRICS: words(
		"Who may read /metrics. anonymous: everybody. authenticated: only clients with a token or client certificate that may also call webhooks. off: nobody. The metrics contain names of CRDs and shards, but no names of other objects.",
		"anonymous",
		METRICS_ACCESS,
	),
	PRISM_DASHBOARD: port(
		"TCP port of the dashboard, on loopback only: a page with the last webhook calls of each object. The page needs no login, and the operator redacts credentials in the calls. 0: no dashboard, and no call history.",
		0,
	),
	PRISM_DASHBOARD_CALLS: integer("Calls in the history of each object, if there is a dashboard.", 5, [1, 50]),
	PRISM_DASHBOARD_BYTES: integer(
		"Size of the whole call history in bytes, if there is a dashboard.",
		33_554_432,
		[1_048_576, 1_073_741_824],
	),
	PRISM_MAX_CONNECTIONS: integer(
		"Connections that may be open at the same time. At this limit, a new connection replaces the oldest idle connection of an unauthenticated caller. If there is no such connection, the server closes the new connection.",
		1024,
		[1, 65535],
	),
	PRISM_MAX_REQUESTS: integer(
		"Calls that may be in progress at the same time. Further calls get status 429, with a retry after 1 to 5 seconds.",
		128,
		[1, 65535],
	),
	PRISM_MAX_EVENT_LOOP_DELAY_MS: integer(
		"Delay of the event loop in milliseconds above which calls get status 429.",
		1000,
		[50, 60_000],
	),
	PRISM_IMAGE_REGISTRY: text(
		"Registry of the default images, with a path.",
		installation.imageRegistry,
		"host[:port][/path], without a scheme and without a trailing slash",
		{ pattern: "^[A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*$" },
	),
	PRISM_IMAGE_TAG: text(
		"Tag of the default images. It is also the tag of a plugin that a shard lists without a version, if there is no PrismPlugin with this name.",
		installation.imageTag,
		"an image tag of at most 128 letters, digits, '_', '.', '-'",
		{ pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$" },
	),
	PRISM_CLUSTER_ID: text(
		"Identifier of the cluster, if several clusters share proxies. On the proxies, each namespace has an owner, which starts with this identifier. Never change the identifier: the operator would treat its own namespaces as foreign.",
		installation.clusterId,
		"a DNS name of at most 63 characters",
		{ pattern: "^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$" },
	),
	PRISM_CLUSTER_DOMAIN: text(
		`Domain of the cluster's Services. The operator calls proxies and control planes by absolute names in this domain. A name without the domain, such as shop-admin.team-a.svc, can also match a Service in a Kubernetes namespace that is called svc. ${AUTO}: the domain that the operator's own pod searches. With any other value, the pods of stacks and shards get absolute names too; the operator replaces these pods.`,
		AUTO,
		`a DNS name, such as cluster.local, or ${AUTO}`,
		{ pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?([.][a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$", maxLength: 128 },
	),
	PRISM_INLINE_CREDENTIALS: flag(
		"Whether specs may have URLs with credentials. The operator stores such a URL in a generated Secret.",
		installation.inlineCredentials,
	),
	PRISM_PROBE_IMAGE: text(
		`Image of the backend probes. ${DEFAULT_IMAGE}: prism-operator-probe in the registry of the other images.`,
		DEFAULT_IMAGE,
		"an image reference",
		{ minLength: 1, maxLength: 512, pattern: "^\\S+$" },
	),
	PRISM_FS_GROUP: text(
		`Group ID of the volumes of shards and control planes without podSecurity.fsGroup. ${NONE}: no group, for clusters that assign a group, such as OpenShift. A change replaces their pods.`,
		"65532",
		`a group ID, or ${NONE}`,
		{ pattern: `^(${NONE}|[0-9]{1,9})$` },
	),
	PRISM_RUN_AS_USER: text(
		`User ID of control planes without podSecurity.runAsUser. Their pods need a user ID, because their image sets its user by name, and runAsNonRoot accepts only a number. ${NONE}: the image's user, or the user that the cluster assigns, such as in OpenShift. A change replaces their pods.`,
		"65532",
		`a user ID, or ${NONE}`,
		{ pattern: `^(${NONE}|[0-9]{1,9})$` },
	),
	PRISM_DEFAULT_REQUESTS: text(
		`Requests of each container whose spec has neither requests nor limits. Existing workloads keep their requests or limits until a restart. ${NONE}: no requests.`,
		"cpu=50m,memory=64Mi",
		`cpu=<quantity>,memory=<quantity>, one of them, or ${NONE}`,
		{ pattern: QUANTITIES_PATTERN },
	),
	PRISM_DEFAULT_LIMITS: text(
		`Limits of each container whose spec has none, for namespaces with a quota on limits. Existing workloads keep their requests or limits until a restart. ${NONE}: no limits.`,
		NONE,
		`cpu=<quantity>,memory=<quantity>, one of them, or ${NONE}`,
		{ pattern: QUANTITIES_PATTERN },
	),
	PRISM_EXPOSURE_TYPES: list(
		"Allowed types of access from outside the cluster: LoadBalancer, NodePort, Ingress. ClusterIP is always allowed.",
		"LoadBalancer, NodePort, Ingress",
		"(LoadBalancer|NodePort|Ingress)",
	),
	PRISM_EXPOSURE_HOST_SUFFIXES: list(
		"Domains that are allowed as hosts of Ingresses, with their subdomains.",
		"domains",
		"[a-z0-9]([-a-z0-9.]*[a-z0-9])?",
	),
	PRISM_EXPOSURE_ANNOTATION_PREFIXES: list(
		"Prefixes of the allowed annotations of Services and Ingresses. Snippets of ingress-nginx, and annotations on which Metacontroller, kubectl, Helm, Argo CD or Flux act, are rejected unless their full name is in the list.",
		"prefixes of annotations",
		"[-A-Za-z0-9._/]+",
	),
	PRISM_ALLOWED_REGISTRIES: list(
		"Allowed registries of images in specs, with or without a path. The limit does not apply to the installation's default images.",
		"host[:port][/path]",
		"[A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*",
	),
	PRISM_ALLOWED_PRIORITY_CLASSES: list(
		"Allowed PriorityClasses of pods.",
		"names of PriorityClasses",
		"[a-z0-9]([-a-z0-9.]*[a-z0-9])?",
	),
	PRISM_ALLOWED_POD_FIELDS: list(
		"Which of the pod fields args, env and volumes specs may set.",
		"args, env, volumes",
		"(args|env|volumes)",
	),
	PRISM_KEDA: flag("Whether the cluster has KEDA, so that KEDA may scale runners and proxies."),
	PRISM_SERVICE_MONITORS: flag(
		"Whether the cluster has the CRD of ServiceMonitors (Prometheus operator).",
		installation.serviceMonitors,
	),
	PRISM_PROXY_ARGUMENTS: flag(
		"Whether proxies get the arguments --admin-endpoint and --proxy-id (ADR-055). A change replaces the pods of proxies whose spec has no args.",
	),
	PRISM_SLEEP_ACTION: flag(
		"Whether a terminating pod waits 5 s before SIGTERM (preStop sleep), until the endpoints of its Services are updated. This needs Kubernetes 1.30 or newer: older versions reject such pods. A workload keeps its setting until a restart.",
		true,
	),
	PRISM_WATCH_CHILD_NAMES: flag(
		"Whether Metacontroller watches the objects that have the names of children, so that conditions distinguish a name in use (NameTaken) from a creation that the API server rejected. For each event of such an object, Metacontroller checks every custom resource of the controller. Disable this watch if there are about 2,000 or more custom resources of one kind. `kubectl prism why` finds the cause in any case.",
		true,
	),
	PRISM_OPERATOR_NAMESPACE: text(
		"Kubernetes namespace of the operator. NetworkPolicies of stacks and shards allow traffic from it.",
		DEFAULT_OPERATOR_NAMESPACE,
		"a name of a namespace",
		{ pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" },
	),
	BODY_LIMIT_BYTES: integer(
		"Largest request body in bytes. An object with a larger request is not reconciled.",
		16_777_216,
		[1024, 268_435_456],
	),
	REQUEST_TIMEOUT_SECONDS: integer("Time in seconds within which a whole request must arrive.", 30, [1, 600]),
	SHUTDOWN_GRACE_SECONDS: integer("Time in seconds for requests to finish after SIGTERM.", 20, [0, 600]),
	...TRACING_VARIABLES,
});
export type Environment = Static<typeof Environment>;

/** Every variable, in the order of the documentation. */
export const variables: readonly Variable[] = variablesOf(Environment);
