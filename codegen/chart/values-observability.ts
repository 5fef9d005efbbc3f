import { Type } from "@sinclair/typebox";
import { SAMPLERS } from "../../server/tracing/variables.ts";
import { count, DURATION, flag, group, name, objects, secretKey, text, texts } from "./fields.ts";

// Values for monitoring: Prometheus, Grafana, kube-state-metrics and a trace collector.

const RUNBOOKS = "URL of your copy of docs/runbooks/. Each alert then links to its runbook there.";

export const monitoring = {
	serviceMonitor: group("ServiceMonitor for the Prometheus operator.", {
		enabled: flag("Whether the chart creates a ServiceMonitor for the operator. Needs the CRD of ServiceMonitors."),
		interval: text("Scrape interval.", "30s", DURATION),
		labels: texts("Further labels of the ServiceMonitor, with which Prometheus selects it."),
	}),
	prometheusRule: group("PrometheusRule for the Prometheus operator.", {
		enabled: flag(
			"Whether the chart creates a PrometheusRule with alerts about the operator and, with kubeStateMetrics.enabled, about custom resources. Needs the CRD of PrometheusRules.",
		),
		labels: texts("Further labels of the PrometheusRule, with which Prometheus selects it."),
		runbookUrl: text(RUNBOOKS, "", { pattern: "^(https?://\\S+)?$" }),
	}),
	dashboards: group("Dashboards for Grafana.", {
		enabled: flag("Whether the chart creates a ConfigMap for each dashboard, which Grafana's sidecar loads."),
		labels: texts("Labels with which the sidecar finds the ConfigMaps.", { grafana_dashboard: "1" }),
		annotations: texts("Annotations of the ConfigMaps, such as the sidecar's folderAnnotation."),
		namespace: name("Namespace of the ConfigMaps. Empty: the release's namespace."),
	}),
	kubeStateMetrics: group("Configuration for kube-state-metrics.", {
		enabled: flag(
			"Whether the chart creates a ConfigMap with the configuration of kube-state-metrics for the CRDs. docs/observability.md describes how to mount it, and the RBAC permissions.",
		),
		labels: texts("Further labels of the ConfigMap."),
		namespace: name("Namespace of the ConfigMap: the namespace of kube-state-metrics. Empty: the release's namespace."),
	}),
};

export const tracing = group("OpenTelemetry traces of webhook calls and of calls to proxies.", {
	endpoint: text(
		"Base URL of a collector with OTLP over HTTP, such as http://otel-collector.observability.svc:4318. Empty: no traces.",
		"",
		{ pattern: "^(https?://\\S+)?$" },
	),
	sampler: Type.Unsafe<string>({
		type: "string",
		enum: [...SAMPLERS],
		default: "parentbased_always_on",
		description: "Sampler of traces (OTEL_TRACES_SAMPLER).",
	}),
	samplerArg: Type.Number({
		minimum: 0,
		maximum: 1,
		default: 1,
		description: "Share of traces that the traceidratio samplers record.",
	}),
	serviceName: text("Service name in traces.", "prism-operator", { pattern: "^[^$]{1,256}$" }),
	resourceAttributes: texts("Further resource attributes. Namespace, pod and node are always set."),
	headersSecret: group("Headers for the collector, such as credentials. Pods read them when they start.", {
		name: name("Secret with the headers."),
		key: text("Key in the Secret. Its value is name=value[,name=value...], with percent-encoded values.", "headers"),
	}),
	ca: group(
		"Certificate authorities of the collector's certificate. Without a name: the public CAs.",
		secretKey("PEM certificates", "ca.crt"),
	),
});

/** A part of the NetworkPolicy's values. */
export const collector = group("Trace collector, if tracing.endpoint is set.", {
	peers: objects(
		"Peers of the collector. Empty: the namespace in the endpoint's name (name.namespace.svc). If the name has no namespace: the release's namespace. If the endpoint is outside the cluster: any address.",
	),
	port: count("Port of the collector's pods. 0: the port of tracing.endpoint.", 0, 0, 65_535),
});
