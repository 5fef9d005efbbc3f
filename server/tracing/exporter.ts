import { readFile } from "node:fs/promises";
import { ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import { readClientTlsMaterial, readTlsMaterial } from "../certificates.ts";
import { ConfigError } from "../settings.ts";
import { describeError } from "../sync-log.ts";
import { systemTime } from "../time.ts";
import { codeOf, unreadable } from "../watched-files.ts";
import type { TracingConfig } from "./config.ts";

// Sends spans to a collector. An unreachable collector costs spans, and a rate-limited log line, nothing else.

export interface ExporterOptions {
	readonly log: Logger;
	/** Called when spans were sent, or lost. */
	readonly counted: (outcome: "sent" | "lost", spans: number) => void;
	/** In milliseconds. */
	readonly now?: () => number;
}

/** The library's enumeration of these words, which it does not export. */
type Compression = NonNullable<NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>["compression"]>;

const isCompression = (word: string): word is Compression => word === "none" || word === "gzip";

const QUIET_MS = 60_000;

/** Throws a `ConfigError` if a file can't be used. */
export async function createExporter(config: TracingConfig, options: ExporterOptions): Promise<SpanExporter> {
	const tls = await readTls(config);
	return careful(
		new OTLPTraceExporter({
			url: config.url,
			headers: { ...config.headers },
			timeoutMillis: config.timeoutMs,
			...(isCompression(config.compression) && { compression: config.compression }),
			httpAgentOptions: { keepAlive: true, maxSockets: 4, ...tls },
		}),
		options,
	);
}

/** An exporter that never fails: its user could only log the failure once more. */
export function careful(
	exporter: SpanExporter,
	{ log, counted, now = () => systemTime.monotonic() }: ExporterOptions,
): SpanExporter {
	let toldAt: number | undefined;
	let lostSince = 0;

	const lost = (spans: number, error: unknown) => {
		counted("lost", spans);
		lostSince += spans;
		if (toldAt !== undefined && now() - toldAt < QUIET_MS) return;
		toldAt = now();
		log.warn({ cause: causeOf(error), lost: lostSince }, "cannot send traces: the collector does not take them");
		lostSince = 0;
	};
	return {
		export: (spans, done) => {
			try {
				exporter.export(spans, ({ code, error }) => {
					if (code === ExportResultCode.SUCCESS) counted("sent", spans.length);
					else lost(spans.length, error);
					done({ code: ExportResultCode.SUCCESS });
				});
			} catch (error) {
				lost(spans.length, error);
				done({ code: ExportResultCode.SUCCESS });
			}
		},
		shutdown: () => exporter.shutdown().catch(() => {}),
	};
}

/** A word or a number, never a message: responses of a collector or proxy can repeat credentials. */
function causeOf(error: unknown): string {
	const code = codeOf(error);
	if (typeof code === "string" || typeof code === "number") return String(code);
	return error instanceof Error ? error.name : "unknown";
}

async function readTls({ tls: { ca, cert, key } }: TracingConfig) {
	const [authorities, certificate, secret] = await Promise.all([ca, cert, key].map(readPem));
	try {
		if (authorities !== undefined) {
			return readClientTlsMaterial(
				certificate === undefined || secret === undefined ? [authorities] : [authorities, certificate, secret],
			);
		}
		// The public CAs apply.
		return certificate === undefined || secret === undefined ? {} : readTlsMaterial([certificate, secret]);
	} catch (error) {
		throw unusable(error);
	}
}

async function readPem(path: string | undefined): Promise<string | undefined> {
	if (path === undefined) return undefined;
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		throw unusable(unreadable(error));
	}
}

const FILES = "OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE or _CLIENT_KEY";

const unusable = (error: unknown) => new ConfigError([`${FILES}: ${describeError(error).message}`]);
