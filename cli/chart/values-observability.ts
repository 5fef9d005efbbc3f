import { Type } from "@sinclair/typebox";
import { SAMPLERS } from "../../server/tracing/variables.ts";
import { count, DURATION, flag, group, NAME, objects, text, texts } from "./fields.ts";

// Values of what watches the operator: Prometheus, Grafana, kube-state-metrics and a collector of traces.

const RUNBOOKS = "Where your copy of docs/runbooks/ is; each alert then links to its page there.";

export const monitoring = {
	serviceMonitor: group("For the Prometheus operator.", {
		enabled: flag("Whether there is a ServiceMonitor for the hooks. Needs its CRD.", false),
		interval: text("Time between two scrapes.", "30s", DURATION),
		labels: texts("Further labels, by which a Prometheus selects it."),
	}),
	prometheusRule: group("For the Prometheus operator.", {
		enabled: flag(
			"Whether there is a PrometheusRule with alerts about the hooks and, with kubeStateMetrics.enabled, about Prism objects. Needs its CRD.",
			false,
		),
		labels: texts("Further labels, by which a Prometheus selects it."),
		runbookUrl: text(RUNBOOKS, "", { pattern: "^(https?://\\S+)?$" }),
	}),
	dashboards: group("For Grafana.", {
		enabled: flag("Whether there is a ConfigMap for each dashboard, which Grafana's sidecar loads.", false),
		labels: texts("Labels by which the sidecar finds them.", { grafana_dashboard: "1" }),
		annotations: texts("Annotations, such as the folder of the sidecar's folderAnnotation."),
		namespace: text("Where they are. Empty: in the release's namespace.", "", NAME),
	}),
	kubeStateMetrics: group("For kube-state-metrics.", {
		enabled: flag(
			"Whether there is a ConfigMap with its configuration for the Prism kinds. docs/observability.md says how to mount it, and which rights it needs.",
			false,
		),
		labels: texts("Further labels of the ConfigMap."),
		namespace: text("Where it is: that of kube-state-metrics. Empty: in the release's namespace.", "", NAME),
	}),
};

export const tracing = group("Traces, by OpenTelemetry: what the hooks do, and which proxies they call.", {
	endpoint: text(
		"Base URL of a collector that speaks OTLP over HTTP, such as http://otel-collector.observability.svc:4318. Empty: no traces.",
		"",
		{ pattern: "^(https?://\\S+)?$" },
	),
	sampler: Type.Unsafe<string>({
		type: "string",
		enum: [...SAMPLERS],
		default: "parentbased_always_on",
		description: "Which traces are recorded (OTEL_TRACES_SAMPLER).",
	}),
	samplerArg: Type.Number({
		minimum: 0,
		maximum: 1,
		default: 1,
		description: "Share of the traces that *traceidratio samplers record.",
	}),
	serviceName: text("Name of the service in traces.", "prism-operator", { pattern: "^[^$]{1,256}$" }),
	resourceAttributes: texts("Further attributes of the process; namespace, pod and node are there already."),
	headersSecret: group("Headers for the collector, such as credentials. Pods read them at their start.", {
		name: text("Secret with them.", "", NAME),
		key: text("Its key: name=value[,name=value...], with percent-encoded values.", "headers"),
	}),
	ca: group("Authorities of the collector's certificate. Without a name, the public ones.", {
		name: text("Secret with them, PEM.", "", NAME),
		key: text("Its key.", "ca.crt"),
	}),
});

/** A part of the NetworkPolicy's values. */
export const collector = group("The collector of traces, if tracing.endpoint is set.", {
	peers: objects(
		"Where it is. Empty: in the namespace that its name says (name.namespace.svc), in the release's if it says none; anywhere if it is outside the cluster.",
	),
	port: count("Port of its pods. 0: that of tracing.endpoint.", 0, 0, 65_535),
});
