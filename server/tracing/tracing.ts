import type { IncomingHttpHeaders } from "node:http";

// Trace spans of the server. The libraries that create and send them are loaded only if tracing is enabled; otherwise, nothing
// here has an effect.

/** Attributes of a span: names, numbers and words that are listed here or in the documentation. Never content of an object. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Span {
	readonly tell: (attributes: Attributes) => void;
	/** Runs work within the span: spans that begin meanwhile are its children, and log lines have its ID. */
	readonly within: <Value>(work: () => Value) => Value;
	/** `failure` is the error code of the work. Later attributes are lost. */
	readonly end: (failure?: string) => void;
}

export interface Tracing {
	/** Starts the span of a request: a child of the span in its headers, or the root of a new trace. */
	readonly receive: (name: string, attributes: Attributes, headers: IncomingHttpHeaders) => Span;
	/** Starts a child of the current span. */
	readonly begin: (name: string, attributes?: Attributes) => Span;
	/** Starts the span of an outgoing call. */
	readonly call: (name: string, attributes: Attributes) => Span;
	/** The header that identifies the span for the receiver of a call. */
	readonly headers: () => Readonly<Record<string, string>>;
	/** The fields of a log line that identify its span. */
	readonly logFields: () => Readonly<Record<string, string>>;
	/** Exports the remaining spans, within this time. */
	readonly close: (ms: number) => Promise<void>;
}

const NOTHING: Readonly<Record<string, string>> = {};

const NO_SPAN: Span = { tell: () => {}, within: (work) => work(), end: () => {} };

export const NO_TRACING: Tracing = {
	receive: () => NO_SPAN,
	begin: () => NO_SPAN,
	call: () => NO_SPAN,
	headers: () => NOTHING,
	logFields: () => NOTHING,
	close: () => Promise.resolve(),
};

/** Runs work in a span of its own, which ends with it. */
export async function traced<Value>(span: Span, work: () => Promise<Value>): Promise<Value> {
	try {
		const value = await span.within(work);
		span.end();
		return value;
	} catch (error) {
		span.end(error instanceof Error ? error.name : typeof error);
		throw error;
	}
}
