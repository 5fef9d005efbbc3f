import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { afterEach } from "vitest";

// A collector: OTLP over HTTP on a real port. What it gets is read by the field numbers of OpenTelemetry's trace.proto.

export interface ReceivedSpan {
	readonly traceId: string;
	readonly spanId: string;
	readonly parentSpanId: string;
	readonly name: string;
	/** 1 internal, 2 server, 3 client. */
	readonly kind: number;
	readonly began: bigint;
	readonly ended: bigint;
	readonly attributes: Record<string, unknown>;
	/** 2: it failed. */
	readonly status: number;
	readonly traceState: string;
}

export interface Delivery {
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly bytes: Buffer;
	readonly resource: Record<string, unknown>;
	readonly spans: ReceivedSpan[];
}

export interface Collector {
	readonly url: string;
	readonly port: number;
	readonly deliveries: Delivery[];
	readonly spans: () => ReceivedSpan[];
	/** Requests that came in, whatever became of them. */
	readonly requests: () => number;
	readonly close: () => Promise<void>;
}

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const step of undo.splice(0).toReversed()) await step();
});

const accepts = (response: ServerResponse) =>
	response.writeHead(200, { "content-type": "application/x-protobuf" }).end();

/** `reply` may answer in any way, or never. */
export async function startCollector({
	reply = accepts,
	tls,
}: {
	reply?: (response: ServerResponse) => void;
	tls?: ServerOptions;
} = {}): Promise<Collector> {
	const deliveries: Delivery[] = [];
	let requests = 0;
	const listener: Parameters<typeof createServer>[1] = (request, response) => {
		requests++;
		buffer(request).then(
			(sent) => {
				const bytes = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
				deliveries.push({ path: request.url ?? "", headers: request.headers, bytes, ...decode(bytes) });
				return reply(response);
			},
			() => response.destroy(),
		);
	};
	const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
	await new Promise<void>((resolve) => {
		server.listen(0, "127.0.0.1", resolve);
	});
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("no port");
	const close = () =>
		new Promise<void>((resolve) => {
			server.close(() => resolve());
			server.closeAllConnections();
		});
	undo.push(close);
	return {
		url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${address.port}`,
		port: address.port,
		deliveries,
		spans: () => deliveries.flatMap(({ spans }) => spans),
		requests: () => requests,
		close,
	};
}

// ── opentelemetry/proto/{trace,common,resource}/v1 ──────────────────────────────────────────────────────────────────

type Field = bigint | Uint8Array;

/** Field number → what was sent of it, in order. */
function fields(bytes: Uint8Array): Map<number, Field[]> {
	const reader = new BinaryReader(bytes);
	const all = new Map<number, Field[]>();
	while (reader.pos < reader.len) {
		const [number, type] = reader.tag();
		const value = fieldOf(reader, type);
		all.set(number, [...(all.get(number) ?? []), value]);
	}
	return all;
}

function fieldOf(reader: BinaryReader, type: WireType): Field {
	if (type === WireType.LengthDelimited) return reader.bytes();
	if (type === WireType.Varint) return BigInt(reader.uint64());
	if (type === WireType.Bit64) return BigInt(reader.fixed64());
	if (type === WireType.Bit32) return BigInt(reader.fixed32());
	throw new Error(`wire type ${type} is not expected`);
}

const EMPTY = new Uint8Array();
const messages = (of: Map<number, Field[]>, number: number): Uint8Array[] =>
	(of.get(number) ?? []).filter((value) => value instanceof Uint8Array);
const bytesOf = (of: Map<number, Field[]>, number: number): Uint8Array => messages(of, number).at(-1) ?? EMPTY;
const textOf = (of: Map<number, Field[]>, number: number): string => Buffer.from(bytesOf(of, number)).toString("utf8");
const hexOf = (of: Map<number, Field[]>, number: number): string => Buffer.from(bytesOf(of, number)).toString("hex");
const numberOf = (of: Map<number, Field[]>, number: number): bigint => {
	const value = of.get(number)?.at(-1);
	return typeof value === "bigint" ? value : 0n;
};

function decode(bytes: Uint8Array): Pick<Delivery, "resource" | "spans"> {
	const resourceSpans = messages(fields(bytes), 1).map(fields);
	const resource = resourceSpans.flatMap((entry) => messages(entry, 1)).map((entry) => attributesOf(fields(entry), 1));
	const spans = resourceSpans
		.flatMap((entry) => messages(entry, 2))
		.flatMap((scope) => messages(fields(scope), 2))
		.map((span) => spanOf(fields(span)));
	return { resource: Object.fromEntries(resource.flatMap((entry) => Object.entries(entry))), spans };
}

const spanOf = (span: Map<number, Field[]>): ReceivedSpan => ({
	traceId: hexOf(span, 1),
	spanId: hexOf(span, 2),
	traceState: textOf(span, 3),
	parentSpanId: hexOf(span, 4),
	name: textOf(span, 5),
	kind: Number(numberOf(span, 6)),
	began: numberOf(span, 7),
	ended: numberOf(span, 8),
	attributes: attributesOf(span, 9),
	status: Number(numberOf(fields(bytesOf(span, 15)), 3)),
});

const attributesOf = (message: Map<number, Field[]>, number: number): Record<string, unknown> =>
	Object.fromEntries(
		messages(message, number).map((entry) => {
			const pair = fields(entry);
			return [textOf(pair, 1), anyOf(fields(bytesOf(pair, 2)))];
		}),
	);

function anyOf(value: Map<number, Field[]>): unknown {
	if (value.has(1)) return textOf(value, 1);
	if (value.has(2)) return numberOf(value, 2) === 1n;
	if (value.has(3)) return Number(BigInt.asIntN(64, numberOf(value, 3)));
	if (value.has(4)) return Buffer.from(new BigUint64Array([numberOf(value, 4)]).buffer).readDoubleLE();
	throw new Error("a value of another sort");
}
