import { validateHeaderName, validateHeaderValue } from "node:http";
import { type Static, Type } from "@sinclair/typebox";
import { halfPairs, known, UNSET } from "../settings.ts";
import { OWN_NAME, TRACING_VARIABLES } from "./variables.ts";

// Where traces go, and which.

export type TracingConfig = NonNullable<ReturnType<typeof tracingConfig>>;

const Variables = Type.Object(TRACING_VARIABLES);
export type TracingEnvironment = Static<typeof Variables>;

/** `undefined`: no traces. */
export function tracingConfig(read: TracingEnvironment) {
	const url = endpointOf(read);
	if (read.OTEL_SDK_DISABLED || read.OTEL_TRACES_EXPORTER === "none" || url === undefined) return undefined;
	return {
		/** Both can contain credentials. */
		url,
		headers: {
			...pairsOf(read.OTEL_EXPORTER_OTLP_HEADERS),
			...pairsOf(read.OTEL_EXPORTER_OTLP_TRACES_HEADERS),
		},
		compression: read.OTEL_EXPORTER_OTLP_COMPRESSION,
		timeoutMs: read.OTEL_EXPORTER_OTLP_TIMEOUT,
		delayMs: read.OTEL_BSP_SCHEDULE_DELAY,
		/** Maximum number of spans in the queue. */
		waiting: read.OTEL_BSP_MAX_QUEUE_SIZE,
		/** Paths. */
		tls: {
			ca: known(read.OTEL_EXPORTER_OTLP_CERTIFICATE),
			cert: known(read.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE),
			key: known(read.OTEL_EXPORTER_OTLP_CLIENT_KEY),
		},
		/** Attributes of the process, including service.name. */
		resource: resourceOf(read),
		sampler: read.OTEL_TRACES_SAMPLER,
		ratio: read.OTEL_TRACES_SAMPLER_ARG,
	};
}

/** Values that are valid alone, but not together, or that no pattern can check. Never quoted. */
export function tracingDisagreements(read: TracingEnvironment): string[] {
	const problems: string[] = [];
	for (const name of ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] as const) {
		const url = known(read[name]);
		if (url !== undefined && !URL.canParse(url)) problems.push(`${name}: is not a URL`);
	}
	for (const name of ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"] as const) {
		if (!areHeaders(read[name])) problems.push(`${name}: has a name or a value that no header can have`);
	}
	if (!isDecodable(read.OTEL_RESOURCE_ATTRIBUTES)) {
		problems.push("OTEL_RESOURCE_ATTRIBUTES: has a value that is not percent-encoded");
	}
	problems.push(...halfPairs(read, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY"));
	return problems;
}

function resourceOf(read: TracingEnvironment): Record<string, string> {
	const name = { "service.name": read.OTEL_SERVICE_NAME };
	const attributes = pairsOf(read.OTEL_RESOURCE_ATTRIBUTES);
	return read.OTEL_SERVICE_NAME === OWN_NAME ? { ...name, ...attributes } : { ...attributes, ...name };
}

function endpointOf(read: TracingEnvironment): string | undefined {
	const own = known(read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
	if (own !== undefined) return own;
	const base = known(read.OTEL_EXPORTER_OTLP_ENDPOINT);
	return base === undefined ? undefined : `${base.replace(/(?<!\/)\/+$/, "")}/v1/traces`;
}

/** Throws if a value is not valid percent-encoding. */
function pairsOf(text: string): Record<string, string> {
	if (text === UNSET) return {};
	const pairs = text.split(",").filter((pair) => pair.trim() !== "");
	return Object.fromEntries(
		pairs.map((pair) => {
			const at = pair.indexOf("=");
			return [decodeURIComponent(pair.slice(0, at).trim()), decodeURIComponent(pair.slice(at + 1).trim())];
		}),
	);
}

function isDecodable(text: string): boolean {
	try {
		pairsOf(text);
		return true;
	} catch {
		return false;
	}
}

function areHeaders(text: string): boolean {
	try {
		for (const [name, value] of Object.entries(pairsOf(text))) {
			validateHeaderName(name);
			validateHeaderValue(name, value);
		}
		return true;
	} catch {
		return false;
	}
}
