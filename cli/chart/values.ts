import { type TObject, type TSchema, Type } from "@sinclair/typebox";
import { Environment } from "../../server/variables.ts";
import { choice, count, DURATION, flag, GLOBAL, group, NAME, object, objects, text, texts } from "./fields.ts";
import { metacontroller } from "./values-metacontroller.ts";
import { collector, monitoring, tracing } from "./values-observability.ts";

// The values of the chart: the one definition from which values.yaml, its schema and the chart's page are made.
// A value without a default is optional, and named by a comment in values.yaml.

/** Variables of the server that the chart sets by itself, from other values. */
const DERIVED =
	/^(PORT|PRISM_(TOKEN_FILE|ALLOW_ANONYMOUS|TLS_.*|ADMIN_.*|KEDA|SERVICE_MONITORS|INLINE_CREDENTIALS|OPERATOR_IMAGE)|OTEL_.*)$/;

/** The server's other variables, by their own names: a new one is here as soon as the server knows it. */
const config = group(
	"Environment variables of the hooks, by their own names; the defaults are the server's. See docs/configuration.md.",
	Object.fromEntries(
		Object.entries<TSchema>(Environment.properties)
			.filter(([name]) => !DERIVED.test(name))
			.map(([name, { allowed: _allowed, default: fallback, ...schema }]) => [
				name,
				Type.Optional(
					Type.Unsafe({
						...schema,
						description: `${schema.description ?? ""} The server's default: ${name === "HOST" ? "0.0.0.0, set by the chart" : String(fallback)}.`,
					}),
				),
			]),
	),
);

const secretKey = (what: string, key: string) => ({
	name: text(`Secret with ${what}.`, "", NAME),
	key: text("Its key.", key),
});

const tls = group("How the hooks' certificate comes to be.", {
	mode: choice(
		"generated: by Helm, once, and kept (not for Argo CD, Flux in dry-run or `helm template`, which can't look up what there is); certManager; existingSecret; disabled: plain HTTP, inside the cluster's network.",
		["generated", "certManager", "existingSecret", "disabled"],
	),
	generation: count("With mode generated: raise it by one to get another certificate.", 1, 1),
	validityDays: count("With mode generated: days until it expires.", 3650, 1, 36_500),
	existingSecret: text(
		"With mode existingSecret: Secret of type kubernetes.io/tls in the release's namespace, with tls.crt for <fullname>.<namespace>.svc, tls.key and ca.crt.",
		"",
		NAME,
	),
	certManager: group("With mode certManager.", {
		issuerRef: group("Who signs. Without a name, an authority of this release's own is made.", {
			name: text("Name of the issuer.", "", NAME),
			kind: text("Its kind.", "Issuer"),
			group: text("Its group.", "cert-manager.io"),
		}),
		duration: text("Time that a certificate is valid.", "2160h", DURATION),
		renewBefore: text("Time before its end at which it is renewed.", "720h", DURATION),
	}),
	clients: group("Certificates of the callers (mutual TLS), beside or instead of a token.", {
		ca: group(
			"Authorities of the callers' certificates. Without a name, callers need none.",
			secretKey("them, PEM", "ca.crt"),
		),
		secret: text(
			"Secret of type kubernetes.io/tls, in the release's namespace, by which Metacontroller shows who it is.",
			"",
			NAME,
		),
	}),
});

const auth = group("How the hooks know Metacontroller.", {
	mode: choice(
		"token: a bearer token; none: whoever reaches the hooks can call, unless tls.clients asks for certificates.",
		["token", "none"],
	),
	generation: count("Raise it by one to rotate the generated token; the next one is accepted beforehand.", 1, 1),
	existingSecret: group("A Secret of your own in the release's namespace, instead of a generated one.", {
		name: text("Its name.", "", NAME),
		tokensKey: text("Key with the tokens that the hooks accept: one a line, two during a rotation.", "tokens"),
		tokenKey: text(
			"Key with the token that Metacontroller sends. Name another key to make it read the token again.",
			"token",
		),
	}),
});

const admin = group("How proxies' admin APIs are called.", {
	tokensSecret: text(
		"Secret with a key for each Kubernetes namespace, named like it: the token that is sent to the proxies in it.",
		"",
		NAME,
	),
	tls: group("TLS to the proxies.", {
		enabled: flag("Whether proxies are called over TLS.", false),
		ca: group("Authorities of the proxies' certificates.", secretKey("them, PEM", "ca.crt")),
		clientSecret: text("Secret of type kubernetes.io/tls by which proxies know the operator (mutual TLS).", "", NAME),
	}),
});

const networkPolicy = group("Who may reach the hooks, and whom they may reach.", {
	enabled: flag("Whether there is a NetworkPolicy.", true),
	metacontroller: group("Where Metacontroller runs, if it is not this chart's own.", {
		namespaceSelector: object("Its namespaces.", {
			matchLabels: { "kubernetes.io/metadata.name": "metacontroller" },
		}),
		podSelector: object("Its pods in them; empty: all."),
	}),
	scraper: group("Who reads /metrics. The policy knows ports, not paths: hooks ask it for the token all the same.", {
		namespaceSelector: object("Its namespaces.", { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } }),
		podSelector: object("Its pods in them; empty: all."),
	}),
	dns: objects("Peers that answer DNS, on port 53.", [
		{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } },
	]),
	adminPorts: Type.Unsafe<number[]>({
		type: "array",
		items: { type: "integer", minimum: 1, maximum: 65535 },
		uniqueItems: true,
		minItems: 1,
		default: [8981],
		description: "Ports of proxies' admin APIs: spec.proxy.adminPort of stacks and spec.adminPort of shards.",
	}),
	collector,
	extraIngress: objects("Further rules, as in a NetworkPolicy."),
	extraEgress: objects("Further rules, as in a NetworkPolicy."),
});

const image = group("Image of the hooks, which the backends' probes run too.", {
	repository: text("Its name, with its registry.", "ghcr.io/prism/prism-operator", { pattern: "^\\S+$" }),
	tag: text("Its tag. Empty: v and the chart's appVersion."),
	digest: text("Its digest, which wins over the tag.", "", { pattern: "^(sha256:[a-f0-9]{64})?$" }),
	pullPolicy: choice("When the kubelet pulls it.", ["IfNotPresent", "Always", "Never"]),
});

const pods = {
	podAnnotations: texts("Further annotations of the hooks' pods."),
	podLabels: texts("Further labels of the hooks' pods."),
	resources: object("What each pod of the hooks gets. Node sizes its heap by the limit of memory.", {
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
		description: "Further environment variables of the container, such as NODE_OPTIONS; PRISM_ ones are config's.",
		default: [],
	}),
	nodeSelector: texts("Labels of the nodes to run on."),
	tolerations: objects("Taints of nodes to tolerate."),
	affinity: object("Affinity of the pods."),
	topologySpreadConstraints: objects("How pods are spread. Empty: over zones and over nodes, as far as possible."),
	priorityClassName: text("Priority of the pods.", "", NAME),
};

/** All values, in the order in which they are written everywhere. */
export const VALUES: TObject = group("Values of the chart prism-operator.", {
	fullnameOverride: text("Name of everything, instead of one made of the release's.", "", {
		pattern: "^([a-z]([-a-z0-9]{0,38}[a-z0-9])?)?$",
	}),
	replicas: count("Pods of the hooks. They share nothing; two outlive the loss of a node.", 2, 0, 100),
	image,
	imagePullSecrets: objects("Secrets to pull images with: a list of {name}."),
	config,
	features: group(
		"Optional parts of the cluster: each is told to the hooks, and its kinds to Metacontroller, which does not start a controller whose kinds do not exist.",
		{
			keda: flag("Whether the cluster has KEDA, and runners may be scaled by it.", false),
			serviceMonitors: flag(
				"Whether the cluster has the Prometheus operator, and stacks may have ServiceMonitors.",
				false,
			),
			inlineCredentials: flag(
				"Whether URLs with credentials may be written in specs; the hooks then make Secrets of them.",
				false,
			),
		},
	),
	auth,
	tls,
	admin,
	crds: group("The kinds of prism.io.", {
		enabled: flag("Whether the chart installs them.", true),
		keep: flag("Whether they, and with them all objects of these kinds, outlive `helm uninstall`.", true),
	}),
	controllers: group("What Metacontroller is told.", {
		enabled: flag("Whether the chart installs the controllers.", true),
		labels: texts("Further labels, for a Metacontroller that selects its controllers (--target-label-selector)."),
	}),
	service: group("The Service of the hooks.", {
		port: count("Its port, and the one on which the hooks listen.", 8080, 1024, 65535),
		annotations: texts("Further annotations."),
	}),
	podDisruptionBudget: group("How many pods of the hooks may be away on purpose.", {
		enabled: flag("Whether there is a budget.", true),
		maxUnavailable: count("Pods that may be away at once.", 1, 1, 99),
	}),
	networkPolicy,
	tracing,
	...monitoring,
	...pods,
	metacontroller,
	global: GLOBAL,
});
