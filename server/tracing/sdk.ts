import { randomUUID } from "node:crypto";
import { arch, hostname } from "node:os";
import { pid, version } from "node:process";
import {
	type Context,
	defaultTextMapGetter,
	defaultTextMapSetter,
	type Span as OtelSpan,
	ROOT_CONTEXT,
	SpanKind,
	SpanStatusCode,
	TraceFlags,
	trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
	AlwaysOffSampler,
	AlwaysOnSampler,
	BatchSpanProcessor,
	ParentBasedSampler,
	type Sampler,
	type SpanProcessor,
	TraceIdRatioBasedSampler,
	TracerProvider,
} from "@opentelemetry/sdk-trace";
import { ATTR_ERROR_TYPE, ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_VERSION } from "@opentelemetry/semantic-conventions";
import manifest from "../../package.json" with { type: "json" };
import { within } from "../admin/timing.ts";
import { systemTime } from "../time.ts";
import type { TracingConfig } from "./config.ts";
import { createExporter, type ExporterOptions } from "./exporter.ts";
import type { Attributes, Span, Tracing } from "./tracing.ts";

// Spans with OpenTelemetry. Nothing is registered globally, so that one process can run two servers.

/** Maximum length of an attribute; Kubernetes names have at most 253 characters. */
const TEXT = 256;
/** Maximum number of spans in a batch. */
const BATCH = 512;

/** Throws a `ConfigError` if a file can't be used. */
export async function openTracing(config: TracingConfig, options: ExporterOptions): Promise<Tracing> {
	const processor = await createProcessor(config, options);
	const provider = new TracerProvider({
		resource: resourceFromAttributes({ ...describeProcess(), ...config.resource }),
		sampler: samplerOf(config),
		spanLimits: { attributeValueLengthLimit: TEXT },
		spanProcessors: [processor],
	});
	const tracer = provider.getTracer("prism-operator");
	const contexts = new AsyncLocalStorageContextManager();
	const propagator = new W3CTraceContextPropagator();

	const begin = (name: string, kind: SpanKind, attributes: Attributes, parent: Context): Span => {
		const span = tracer.startSpan(name, { kind, attributes: { ...attributes } }, parent);
		const own = trace.setSpan(parent, span);
		return {
			tell: (told) => span.setAttributes({ ...told }),
			within: (work) => contexts.with(own, work),
			end: (failure) => end(span, failure),
		};
	};
	return {
		receive: (name, attributes, headers) =>
			begin(name, SpanKind.SERVER, attributes, propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)),
		begin: (name, attributes = {}) => begin(name, SpanKind.INTERNAL, attributes, contexts.active()),
		call: (name, attributes) => begin(name, SpanKind.CLIENT, attributes, contexts.active()),
		headers: () => {
			const headers: Record<string, string> = {};
			propagator.inject(contexts.active(), headers, defaultTextMapSetter);
			return headers;
		},
		logFields: () => {
			const known = trace.getSpanContext(contexts.active());
			return known === undefined ? {} : { trace_id: known.traceId, span_id: known.spanId };
		},
		close: async (ms) => {
			await within(
				systemTime,
				provider.shutdown().catch(() => {}),
				ms,
			);
		},
	};
}

/** Exports spans in batches. The library's own queue drops spans without counting them. */
async function createProcessor(config: TracingConfig, options: ExporterOptions): Promise<SpanProcessor> {
	let waiting = 0;
	const exporter = await createExporter(config, {
		...options,
		counted: (outcome, spans) => {
			waiting -= spans;
			options.counted(outcome, spans);
		},
	});
	const batches = new BatchSpanProcessor({
		exporter,
		maxQueueSize: config.waiting,
		maxExportBatchSize: Math.min(BATCH, config.waiting),
		scheduledDelayMillis: config.delayMs,
		// Later than the timeout of the exporter, which knows the cause.
		exportTimeoutMillis: config.timeoutMs + 1000,
	});
	return {
		onStart: () => {},
		onEnd: (span) => {
			if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
			if (waiting >= config.waiting) return options.counted("lost", 1);
			waiting++;
			return batches.onEnd(span);
		},
		forceFlush: () => batches.forceFlush(),
		shutdown: () => batches.shutdown(),
	};
}

function end(span: OtelSpan, failure: string | undefined): void {
	if (failure !== undefined) {
		span.setAttribute(ATTR_ERROR_TYPE, failure);
		span.setStatus({ code: SpanStatusCode.ERROR });
	}
	span.end();
}

function samplerOf({ sampler, ratio }: TracingConfig): Sampler {
	const [name, based] = sampler.startsWith("parentbased_")
		? [sampler.slice("parentbased_".length), true]
		: [sampler, false];
	const root = rootSampler(name, ratio);
	return based ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(name: string, ratio: number): Sampler {
	if (name === "always_off") return new AlwaysOffSampler();
	return name === "always_on" ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(ratio);
}

const describeProcess = () => ({
	[ATTR_SERVICE_INSTANCE_ID]: randomUUID(),
	[ATTR_SERVICE_VERSION]: manifest.version,
	"host.name": hostname(),
	"host.arch": arch(),
	"process.pid": pid,
	"process.runtime.name": "nodejs",
	"process.runtime.version": version.replace(/^v/, ""),
	"telemetry.sdk.name": "opentelemetry",
	"telemetry.sdk.language": "nodejs",
});
