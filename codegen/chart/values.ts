import { type TObject, type TSchema, Type } from "@sinclair/typebox";
import { Environment } from "../../server/variables.ts";
import {
	choice,
	count,
	DURATION,
	digest,
	flag,
	GLOBAL,
	group,
	name,
	object,
	objects,
	secretKey,
	text,
	texts,
} from "./fields.ts";
import { metacontroller } from "./values-metacontroller.ts";
import { collector, monitoring, tracing } from "./values-observability.ts";

// The values of the chart: the one definition from which values.yaml, its schema and the chart's page are made.
// A value without a default is optional, and named by a comment in values.yaml.

/** Variables of the server that the chart sets by itself, from other values. */
const DERIVED =
	/^(PORT|PRISM_(TOKEN_FILE|ALLOW_ANONYMOUS|TLS_.*|ADMIN_.*|KEDA|SERVICE_MONITORS|INLINE_CREDENTIALS|PROBE_IMAGE|OPERATOR_NAMESPACE|SLEEP_ACTION)|OTEL_.*)$/;

/** The server's other variables, by their own names: a new one is here as soon as the server knows it. */
const config = group(
	"Environment variables of the operator. docs/configuration.md describes them.",
	Object.fromEntries(
		Object.entries<TSchema>(Environment.properties)
			.filter(([variable]) => !DERIVED.test(variable))
			.map(([variable, { allowed: _allowed, default: fallback, ...schema }]) => [
				variable,
				Type.Optional(
					Type.Unsafe({
						...schema,
						description: `${schema.description ?? ""} Default of the operator: ${variable === "HOST" ? "0.0.0.0, set by the chart" : String(fallback)}.`,
					}),
				),
			]),
	),
);

const tls = group("Certificate of the webhook server.", {
	mode: choice(
		"generated: Helm generates the certificate once and keeps it (not for Argo CD, Flux dry-run or `helm template`, which can't look up existing Secrets); certManager; existingSecret; disabled: plain HTTP inside the cluster.",
		["generated", "certManager", "existingSecret", "disabled"],
	),
	generation: count("For mode generated: raise the number by one to generate another certificate.", 1, 1),
	validityDays: count("For mode generated: validity in days.", 3650, 1, 36_500),
	existingSecret: name(
		"For mode existingSecret: Secret of type kubernetes.io/tls in the release's namespace, with tls.crt for <fullname>.<namespace>.svc, tls.key and ca.crt.",
	),
	certManager: group("For mode certManager.", {
		issuerRef: group("Issuer of the certificate. Without a name, the release has its own certificate authority.", {
			name: name("Name of the issuer."),
			kind: text("Kind of the issuer.", "Issuer"),
			group: text("API group of the issuer.", "cert-manager.io"),
		}),
		duration: text("Validity of a certificate.", "2160h", DURATION),
		renewBefore: text("Time before expiry at which cert-manager renews the certificate.", "720h", DURATION),
	}),
	clients: group("Client certificates of callers (mutual TLS), in addition to a token or instead of it.", {
		ca: group(
			"Certificate authorities of client certificates. Without a name, callers need no certificate.",
			secretKey("PEM certificates", "ca.crt"),
		),
		secret: name(
			"Secret of type kubernetes.io/tls in the release's namespace with Metacontroller's client certificate.",
		),
	}),
});

const auth = group("Authentication of Metacontroller at the webhook server.", {
	mode: choice(
		"token: a bearer token; none: every client that reaches the webhook server can call it, unless tls.clients requires certificates.",
		["token", "none"],
	),
	generation: count(
		"Raise the number by one to rotate the generated token. The operator accepts the next token before the rotation.",
		1,
		1,
	),
	existingSecret: group("Your own Secret in the release's namespace, instead of a generated one.", {
		name: name("Name of the Secret."),
		tokensKey: text(
			"Key with the tokens that the operator accepts: one on each line, two during a rotation.",
			"tokens",
		),
		tokenKey: text(
			"Key with the token that Metacontroller sends. Set another key to make Metacontroller read the token again.",
			"token",
		),
	}),
});

const admin = group("Calls of the admin API of proxies.", {
	tokensSecret: name(
		"Secret with a key for each Kubernetes namespace. Its value is the token that the operator sends to the proxies in that namespace.",
	),
	tls: group("TLS of these calls.", {
		enabled: flag("Whether the operator calls proxies over TLS."),
		ca: group("Certificate authorities of the proxies' certificates.", secretKey("PEM certificates", "ca.crt")),
		clientSecret: name("Secret of type kubernetes.io/tls with the operator's client certificate (mutual TLS)."),
	}),
});

const ports = (description: string, fallback: number[], minItems = 0) =>
	Type.Unsafe<number[]>({
		type: "array",
		items: { type: "integer", minimum: 1, maximum: 65535 },
		uniqueItems: true,
		minItems,
		default: fallback,
		description,
	});

const limit = (description: string) =>
	Type.Unsafe<string[]>({
		type: "array",
		items: { type: "string", minLength: 1 },
		uniqueItems: true,
		default: ["any"],
		description,
	});

const namespace = (named: string) => ({ matchLabels: { "kubernetes.io/metadata.name": named } });

const peer = (description: string, named: string) =>
	group(description, {
		namespaceSelector: object("Selector of its namespaces.", namespace(named)),
		podSelector: object("Selector of its pods in these namespaces. Empty: all pods."),
	});

const networkPolicy = group("NetworkPolicies: allowed connections to the operator and from the operator.", {
	enabled: flag(
		"Whether the chart creates NetworkPolicies for the operator and for the Metacontroller of this release.",
		true,
	),
	metacontroller: peer("Pods of Metacontroller, if it is not this chart's own.", "metacontroller"),
	scraper: peer(
		"Pods that scrape /metrics. These pods can also reach the webhooks, because a NetworkPolicy restricts ports, not paths. To call a webhook, they still need the token.",
		"monitoring",
	),
	dns: objects("DNS servers, on port 53.", [{ namespaceSelector: namespace("kube-system") }]),
	adminPorts: ports(
		"Ports of admin APIs to which the operator may connect: spec.proxy.adminPort and spec.admin.port of stacks, spec.adminPort of shards. Empty: any port of proxies and control planes, because users choose the ports.",
		[],
	),
	apiServer: group("API server, for the Metacontroller of this release.", {
		peers: objects(
			"Peers of the API server. Empty: any address, on its ports, because the API server is not a pod of a namespace.",
		),
		ports: ports("Ports of the API server: the port of its Service, and the port of its endpoints.", [443, 6443], 1),
	}),
	collector,
	extraIngress: objects("Further ingress rules, as in a NetworkPolicy."),
	extraEgress: objects("Further egress rules, as in a NetworkPolicy."),
});

const image = group("Image of the operator.", {
	repository: text("Name of the image, with its registry.", "ghcr.io/prism/prism-operator", { pattern: "^\\S+$" }),
	tag: text("Tag of the image. Default: the chart's appVersion, with the prefix v."),
	digest,
	pullPolicy: choice("When the kubelet pulls the image.", ["IfNotPresent", "Always", "Never"]),
});

const probe = group("Backend probes: a pod for each BackendConfig with a health check.", {
	image: group("Image of the probes. It contains the client libraries of the backends.", {
		repository: text("Name of the image, with its registry. Empty: image.repository with the suffix -probe."),
		tag: text("Tag of the image. Default: image.tag, or the chart's appVersion with the prefix v."),
		digest,
	}),
});

const pods = {
	podAnnotations: texts("Further annotations of the operator's pods."),
	podLabels: texts("Further labels of the operator's pods."),
	resources: object("Resources of each pod of the operator. Node.js sizes its heap by the memory limit.", {
		requests: { cpu: "100m", memory: "128Mi" },
		limits: { memory: "512Mi" },
	}),
	extraEnv: Type.Unsafe<unknown[]>({
		type: "array",
		items: {
			type: "object",
			required: ["name"],
			properties: { name: { type: "string", not: { pattern: "^PRISM_" } } },
		},
		description:
			"Further environment variables of the container, such as NODE_OPTIONS. Set variables with the prefix PRISM_ in config.",
		default: [],
	}),
	nodeSelector: texts("Node selector of the operator's pods."),
	tolerations: objects("Tolerations of the operator's pods."),
	affinity: object("Affinity of the operator's pods."),
	topologySpreadConstraints: objects(
		"Topology spread constraints of the operator's pods. Empty: spread over zones and nodes if possible.",
	),
	priorityClassName: name("PriorityClass of the operator's pods."),
};

/** All values, in the order in which they are written everywhere. */
export const VALUES: TObject = group("Values of the chart prism-operator.", {
	fullnameOverride: text("Name of all objects. Default: a name derived from the release's name.", "", {
		pattern: "^([a-z]([-a-z0-9]{0,38}[a-z0-9])?)?$",
	}),
	replicas: count(
		"Replicas of the operator. They share no state. With two replicas, the operator survives the loss of a node.",
		2,
		0,
		100,
	),
	image,
	probe,
	imagePullSecrets: objects("Image pull Secrets: a list of {name}."),
	config,
	features: group(
		"Optional components of the cluster. Enable a feature only if the cluster has its CRDs: Metacontroller does not start a controller if a CRD of its children is missing.",
		{
			keda: flag("Whether the cluster has KEDA, so that KEDA may scale runners."),
			serviceMonitors: flag(
				"Whether the cluster has the Prometheus operator, so that stacks may have ServiceMonitors.",
			),
			inlineCredentials: flag(
				"Whether specs may have URLs with credentials. The operator then creates Secrets from them.",
			),
		},
	),
	rbac: group("RBAC for users.", {
		aggregate: flag(
			"Whether the ClusterRoles view, edit and admin get permissions on the CRDs. view reads all objects, edit also writes PrismNamespaces, and admin also writes the objects that run pods.",
		),
	}),
	exposure: group(
		"Limits for access from outside the cluster. In each list, [any] means no limit, and [] means that nothing is allowed.",
		{
			types: limit("Allowed types: LoadBalancer, NodePort, Ingress. ClusterIP is always allowed."),
			hostSuffixes: limit("Domains that are allowed as hosts of Ingresses, with their subdomains."),
			annotationPrefixes: limit(
				"Prefixes of the allowed annotations of Services and Ingresses. Snippets of ingress-nginx, and annotations on which other controllers act, are rejected unless their full name is in the list.",
			),
		},
	),
	images: group("Limits for images that specs name. They do not apply to the installation's default images.", {
		registries: limit("Allowed registries, with or without a path. [any]: no limit; []: none."),
	}),
	priorityClasses: limit("Allowed PriorityClasses of pods. [any]: no limit; []: none."),
	podFields: limit("Pod fields that specs may set: args, env, volumes. [any]: no limit; []: none."),
	auth,
	tls,
	admin,
	crds: group("CRDs of prism.io.", {
		enabled: flag("Whether the chart installs the CRDs.", true),
		keep: flag("Whether `helm uninstall` keeps the CRDs, and with them all custom resources.", true),
	}),
	controllers: group("Controllers: the CompositeControllers and DecoratorControllers of Metacontroller.", {
		enabled: flag("Whether the chart installs the controllers.", true),
		labels: texts(
			"Further labels, for a Metacontroller that selects its controllers by label (--target-label-selector).",
		),
	}),
	service: group("Service of the operator.", {
		port: count("Port of the Service and of the webhook server.", 8080, 1024, 65535),
		annotations: texts("Further annotations of the Service."),
	}),
	podDisruptionBudget: group("PodDisruptionBudget of the operator.", {
		enabled: flag(
			"Whether the chart creates a PodDisruptionBudget for the operator, and one for the Metacontroller of this release.",
			true,
		),
		maxUnavailable: count("Pods of the operator that may be evicted at once.", 1, 1, 99),
	}),
	networkPolicy,
	tracing,
	...monitoring,
	...pods,
	metacontroller,
	global: GLOBAL,
});
