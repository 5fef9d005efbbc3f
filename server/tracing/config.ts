import { validateHeaderName, validateHeaderValue } from "node:http";
import { type Static, Type } from "@sinclair/typebox";
import { OWN_NAME, type SAMPLERS, TRACING_VARIABLES, UNSET } from "./variables.ts";

// Where traces go, and which.

export interface TracingConfig {
	/** May hold credentials. */
	readonly url: string;
	/** May hold credentials. */
	readonly headers: Readonly<Record<string, string>>;
	readonly compression: "none" | "gzip";
	readonly timeoutMs: number;
	readonly delayMs: number;
	/** Spans that may wait to be sent. */
	readonly waiting: number;
	/** Paths. */
	readonly tls: {
		readonly ca: string | undefined;
		readonly cert: string | undefined;
		readonly key: string | undefined;
	};
	/** What is told of the process, service.name included. */
	readonly resource: Readonly<Record<string, string>>;
	readonly sampler: (typeof SAMPLERS)[number];
	readonly ratio: number;
}

const Variables = Type.Object(TRACING_VARIABLES);
export type TracingEnvironment = Static<typeof Variables>;

/** `undefined`: there are no traces. */
export function tracingConfig(read: TracingEnvironment): TracingConfig | undefined {
	const url = endpointOf(read);
	if (read.OTEL_SDK_DISABLED || read.OTEL_TRACES_EXPORTER === "none" || url === undefined) return undefined;
	return {
		url,
		headers: {
			...pairsOf(read.OTEL_EXPORTER_OTLP_HEADERS),
			...pairsOf(read.OTEL_EXPORTER_OTLP_TRACES_HEADERS),
		},
		compression: read.OTEL_EXPORTER_OTLP_COMPRESSION,
		timeoutMs: read.OTEL_EXPORTER_OTLP_TIMEOUT,
		delayMs: read.OTEL_BSP_SCHEDULE_DELAY,
		waiting: read.OTEL_BSP_MAX_QUEUE_SIZE,
		tls: {
			ca: known(read.OTEL_EXPORTER_OTLP_CERTIFICATE),
			cert: known(read.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE),
			key: known(read.OTEL_EXPORTER_OTLP_CLIENT_KEY),
		},
		resource: resourceOf(read),
		sampler: read.OTEL_TRACES_SAMPLER,
		ratio: read.OTEL_TRACES_SAMPLER_ARG,
	};
}

/** Values that are fine each, but not together, or whose form a pattern can't tell. None is ever quoted. */
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
	const cert = known(read.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE);
	const key = known(read.OTEL_EXPORTER_OTLP_CLIENT_KEY);
	if (cert === undefined && key !== undefined) {
		problems.push("OTEL_EXPORTER_OTLP_CLIENT_KEY: needs OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE");
	}
	if (cert !== undefined && key === undefined) {
		problems.push("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: needs OTEL_EXPORTER_OTLP_CLIENT_KEY");
	}
	return problems;
}

function resourceOf(read: TracingEnvironment): Record<string, string> {
	const name = { "service.name": read.OTEL_SERVICE_NAME };
	const attributes = pairsOf(read.OTEL_RESOURCE_ATTRIBUTES);
	return read.OTEL_SERVICE_NAME === OWN_NAME ? { ...name, ...attributes } : { ...attributes, ...name };
}

const known = (value: string): string | undefined => (value === UNSET ? undefined : value);

function endpointOf(read: TracingEnvironment): string | undefined {
	const own = known(read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
	if (own !== undefined) return own;
	const base = known(read.OTEL_EXPORTER_OTLP_ENDPOINT);
	return base === undefined ? undefined : `${base.replace(/\/+$/, "")}/v1/traces`;
}

/** Throws when a value is not percent-encoded well. */
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
