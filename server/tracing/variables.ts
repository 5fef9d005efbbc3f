import { Type } from "@sinclair/typebox";
import { file, flag, integer, text, UNSET, words } from "../settings.ts";

// The environment variables of tracing, as in the specification of OpenTelemetry.

export const OWN_NAME = "prism-operator";

export const SAMPLERS = [
	"always_on",
	"always_off",
	"traceidratio",
	"parentbased_always_on",
	"parentbased_always_off",
	"parentbased_traceidratio",
] as const;

const url = (description: string) =>
	text(description, UNSET, `an http or https URL, or ${UNSET}`, {
		maxLength: 2048,
		pattern: `^(${UNSET}|https?://\\S+)$`,
	});

/** Values are percent-encoded, so that they hold no comma. */
const pairs = (description: string) =>
	text(description, UNSET, `key=value[,key=value...], with percent-encoded values, or ${UNSET}`, {
		maxLength: 16_384,
		pattern: `^(${UNSET}|[^=,]+=[^,]*(,[^=,]+=[^,]*)*,?)$`,
	});

export const TRACING_VARIABLES = {
	OTEL_SDK_DISABLED: flag("Disables traces, whatever else is set."),
	OTEL_TRACES_EXPORTER: words("Whether traces are sent, if there is an endpoint.", "otlp", ["otlp", "none"]),
	OTEL_EXPORTER_OTLP_ENDPOINT: url(
		"Base URL of an OpenTelemetry collector (OTLP over HTTP, usually port 4318). The operator adds the path /v1/traces. Without an endpoint, there are no traces.",
	),
	OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url("Full URL for traces. Overrides OTEL_EXPORTER_OTLP_ENDPOINT."),
	OTEL_EXPORTER_OTLP_PROTOCOL: words("Protocol of the exporter.", "http/protobuf", ["http/protobuf"]),
	OTEL_EXPORTER_OTLP_HEADERS: pairs("Headers for the collector, such as credentials. A secret."),
	OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs(
		"Headers for traces, in addition to OTEL_EXPORTER_OTLP_HEADERS, which they override. A secret.",
	),
	OTEL_EXPORTER_OTLP_TIMEOUT: integer(
		"Time in milliseconds to send spans, with all attempts. After this time, the spans are dropped.",
		10_000,
		[1, 600_000],
	),
	OTEL_EXPORTER_OTLP_COMPRESSION: words("Compression of the exported data.", UNSET, [UNSET, "gzip"]),
	OTEL_EXPORTER_OTLP_CERTIFICATE: file(
		"File with the certificate authorities of the collector's certificate, PEM. The operator reads it at start.",
	),
	OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: file(
		"File with the operator's client certificate for the collector (mutual TLS), PEM. The operator reads it at start.",
	),
	OTEL_EXPORTER_OTLP_CLIENT_KEY: file(
		"PEM file with the private key of the certificate in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE, without a passphrase.",
	),
	OTEL_SERVICE_NAME: text(
		"Service name in traces. Overrides service.name in OTEL_RESOURCE_ATTRIBUTES.",
		OWN_NAME,
		"any text of at most 256 characters",
		{ minLength: 1, maxLength: 256 },
	),
	OTEL_RESOURCE_ATTRIBUTES: pairs("Further resource attributes, such as k8s.cluster.name=prod."),
	OTEL_TRACES_SAMPLER: words(
		"Sampler of traces. A sampler parentbased_<name> follows the decision in the caller's traceparent header. Without this header, it is the same as the sampler <name>.",
		"parentbased_always_on",
		SAMPLERS,
	),
	OTEL_TRACES_SAMPLER_ARG: Type.Number({
		minimum: 0,
		maximum: 1,
		default: 1,
		description: "Share of traces that the traceidratio samplers record.",
		allowed: "a number from 0 to 1",
	}),
	OTEL_BSP_MAX_QUEUE_SIZE: integer(
		"Largest number of spans that wait or are being sent. Further spans are dropped.",
		2048,
		[1, 100_000],
	),
	OTEL_BSP_SCHEDULE_DELAY: integer("Longest time in milliseconds that a span waits for its batch.", 5000, [1, 600_000]),
};
