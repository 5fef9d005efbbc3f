import { Type } from "@sinclair/typebox";

// The environment variables of tracing: OpenTelemetry's own, by the names and with the meanings of its specification.

export const UNSET = "none";
export const OWN_NAME = "prism-operator";

export const SAMPLERS = [
	"always_on",
	"always_off",
	"traceidratio",
	"parentbased_always_on",
	"parentbased_always_off",
	"parentbased_traceidratio",
] as const;

const words = <Word extends string>(description: string, fallback: NoInfer<Word>, list: readonly Word[]) =>
	Type.Unsafe<Word>({
		type: "string",
		enum: [...list],
		default: fallback,
		description,
		allowed: list.length === 1 ? `${list[0]} only` : `one of ${list.join(", ")}`,
	});

const url = (description: string) =>
	Type.String({
		maxLength: 2048,
		pattern: `^(${UNSET}|https?://\\S+)$`,
		default: UNSET,
		description,
		allowed: `an http or https URL, or ${UNSET}`,
	});

/** Values are percent-encoded, so that they hold no comma. */
const pairs = (description: string) =>
	Type.String({
		maxLength: 16_384,
		pattern: `^(${UNSET}|[^=,]+=[^,]*(,[^=,]+=[^,]*)*,?)$`,
		default: UNSET,
		description,
		allowed: `key=value[,key=value...], with percent-encoded values, or ${UNSET}`,
	});

const file = (description: string) =>
	Type.String({ maxLength: 4096, default: UNSET, description, allowed: `a path, or ${UNSET}` });

export const TRACING_VARIABLES = {
	OTEL_SDK_DISABLED: Type.Boolean({
		default: false,
		description: "Switches traces off, whatever else is set.",
		allowed: "true or false",
	}),
	OTEL_TRACES_EXPORTER: words("Whether traces are sent, where there is an endpoint.", "otlp", ["otlp", "none"]),
	OTEL_EXPORTER_OTLP_ENDPOINT: url(
		"Base URL of an OpenTelemetry collector (OTLP over HTTP, usually port 4318): traces go to /v1/traces below it. Without an endpoint there are no traces.",
	),
	OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url("URL to which traces go as it is; wins over OTEL_EXPORTER_OTLP_ENDPOINT."),
	OTEL_EXPORTER_OTLP_PROTOCOL: words("How traces are sent.", "http/protobuf", ["http/protobuf"]),
	OTEL_EXPORTER_OTLP_HEADERS: pairs("Headers sent along, such as credentials. A secret."),
	OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs(
		"Headers sent along with traces, beside OTEL_EXPORTER_OTLP_HEADERS and winning over them. A secret.",
	),
	OTEL_EXPORTER_OTLP_TIMEOUT: Type.Integer({
		minimum: 1,
		maximum: 600_000,
		default: 10_000,
		description: "Time within which spans must have been sent, attempts together, in milliseconds; then they are lost.",
		allowed: "an integer from 1 to 600000",
	}),
	OTEL_EXPORTER_OTLP_COMPRESSION: words("How what is sent is compressed.", UNSET, [UNSET, "gzip"]),
	OTEL_EXPORTER_OTLP_CERTIFICATE: file(
		"File with the authorities that sign the collector's certificate, PEM. It is read at the start.",
	),
	OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: file(
		"File with the certificate by which the collector knows the operator (mutual TLS), PEM. It is read at the start.",
	),
	OTEL_EXPORTER_OTLP_CLIENT_KEY: file("File with that certificate's private key, PEM, without a passphrase."),
	OTEL_SERVICE_NAME: Type.String({
		minLength: 1,
		maxLength: 256,
		default: OWN_NAME,
		description: "Name of the service in traces; wins over service.name in OTEL_RESOURCE_ATTRIBUTES.",
		allowed: "any text of at most 256 characters",
	}),
	OTEL_RESOURCE_ATTRIBUTES: pairs("Further attributes of the process, such as k8s.cluster.name=prod."),
	OTEL_TRACES_SAMPLER: words(
		"Which traces are recorded. parentbased_*: as the caller decided, who tells it by the header traceparent; otherwise as the rest of the word says.",
		"parentbased_always_on",
		SAMPLERS,
	),
	OTEL_TRACES_SAMPLER_ARG: Type.Number({
		minimum: 0,
		maximum: 1,
		default: 1,
		description: "Share of the traces that *traceidratio samplers record.",
		allowed: "a number from 0 to 1",
	}),
	OTEL_BSP_MAX_QUEUE_SIZE: Type.Integer({
		minimum: 1,
		maximum: 100_000,
		default: 2048,
		description: "Spans that may wait to be sent, or are being sent; further ones are lost.",
		allowed: "an integer from 1 to 100000",
	}),
	OTEL_BSP_SCHEDULE_DELAY: Type.Integer({
		minimum: 1,
		maximum: 600_000,
		default: 5000,
		description: "Longest time that a span waits for others to be sent with, in milliseconds.",
		allowed: "an integer from 1 to 600000",
	}),
};
