import { type Client, type ClientUnaryCall, Metadata, type ServiceError } from "@grpc/grpc-js";
import type { Logger } from "pino";
import type { Time } from "../../kube/time.ts";
import type { AdminFailure } from "../../schemas/admin.ts";
import { systemTime } from "../time.ts";
import type { Attributes, Tracing } from "../tracing/tracing.ts";
import type { Channels } from "./channels.ts";
import type { Breaker } from "./circuit-breaker.ts";
import { AdminError, errorOf } from "./failures.ts";
import { OPERATOR } from "./messages.ts";
import type { Method } from "./methods.ts";
import type { AdminMetrics, CallCode } from "./metrics.ts";

// One call to one proxy: credentials, circuit breaker, channel, deadline, and metrics.

export interface Endpoint {
	readonly address: string;
	/** Kubernetes namespace whose token is sent. */
	readonly namespace: string;
	readonly breaker: Breaker;
}

export type Transport = ReturnType<typeof createTransport>;

export interface TransportOptions {
	readonly channels: Channels;
	readonly tokenOf: (namespace: string) => Promise<string | undefined>;
	readonly metrics: AdminMetrics;
	readonly tracing: Tracing;
	readonly log: Logger;
	readonly time: Pick<Time, "now">;
}

export function createTransport({ channels, tokenOf, metrics, tracing, log, time }: TransportOptions) {
	const underWay = new Set<ClientUnaryCall>();
	let closed = false;

	const send = <Request, Response>(
		client: Client,
		{ path, requestSerialize, responseDeserialize }: Method<Request, Response>["definition"],
		request: Request,
		metadata: Metadata,
		deadlineMs: number,
	) =>
		new Promise<Response>((resolve, reject) => {
			const deadline = time.now() + deadlineMs;
			let hasHeaders = false;
			const ended = (error: ServiceError | null, response?: Response) => {
				underWay.delete(call);
				if (error !== null) reject(errorOf({ ...statusOf(error), isServers: hasHeaders || isOfGrpc(error.metadata) }));
				else if (response === undefined) reject(new AdminError("BadAnswer"));
				else resolve(response);
			};
			const call = client.makeUnaryRequest(
				path,
				requestSerialize,
				responseDeserialize,
				request,
				metadata,
				{ deadline },
				ended,
			);
			call.on("metadata", (headers: Metadata) => {
				hasHeaders = isOfGrpc(headers);
			});
			underWay.add(call);
		});

	const admitted = async <Request, Response>(
		{ address, breaker }: Endpoint,
		{ definition }: Method<Request, Response>,
		request: Request,
		metadata: Metadata,
		deadlineMs: number,
	): Promise<Response> => {
		if (closed) throw new AdminError("Unreachable");
		const refusal = breaker.refusal();
		if (refusal !== undefined) throw new AdminError(refusal, { remembered: true });
		let failure: AdminFailure | undefined = "BadAnswer";
		try {
			const response = await channels.use(address, (client) => send(client, definition, request, metadata, deadlineMs));
			failure = undefined;
			return response;
		} catch (error) {
			if (error instanceof AdminError) failure = error.failure;
			throw error;
		} finally {
			// Calls that we cancelled show nothing about the proxy.
			if (!closed) breaker.ended(failure);
		}
	};

	return {
		/** Throws an `AdminError`. Makes one attempt: nothing is repeated here. */
		call: <Request, Response>(
			endpoint: Endpoint,
			method: Method<Request, Response>,
			request: Request,
			deadlineMs: number,
		): Promise<Response> => {
			const { address, namespace } = endpoint;
			const counted = metrics.begins(method.name, address);
			const began = systemTime.monotonic();
			const span = tracing.call(method.definition.path.slice(1), {
				"rpc.system.name": "grpc",
				"rpc.method": method.definition.path.slice(1),
				...placeAttributes(address),
			});
			const ended = (code: CallCode) => {
				counted(code);
				span.tell({ "prism.admin.code": code });
				const ms = Math.round((systemTime.monotonic() - began) * 10) / 10;
				log.debug({ proxy: address, method: method.name, code, ms }, "proxy called");
				span.end(code === "OK" || code === "Refused" ? undefined : code);
			};
			return span.within(async () => {
				try {
					const metadata = metadataOf(await tokenOf(namespace), tracing.headers());
					const response = await admitted(endpoint, method, request, metadata, deadlineMs);
					ended(method.refuses(response) ? "Refused" : "OK");
					return response;
				} catch (error) {
					ended(codeOf(error));
					throw error;
				}
			});
		},
		/** Cancels all calls; no call is possible afterwards. */
		close: () => {
			closed = true;
			for (const call of underWay) call.cancel();
		},
	};
}

const statusOf = ({ code, details }: ServiceError) => ({ code, details });

/**
 * Whether a gRPC server sent these headers or trailers. The errors that grpc-js makes itself have none. A server that sends no message
 * sends one block with both, so that what belongs to the headers is in the error.
 */
const isOfGrpc = (metadata: Metadata | undefined): boolean =>
	metadata?.get("content-type").some((type) => String(type).startsWith("application/grpc")) === true;

const codeOf = (error: unknown): CallCode => {
	if (!(error instanceof AdminError)) return "BadAnswer";
	return error.remembered ? "CircuitOpen" : error.failure;
};

/** An address is always a host and a port here, without credentials. */
function placeAttributes(address: string): Attributes {
	const at = address.lastIndexOf(":");
	return { "server.address": address.slice(0, at), "server.port": Number(address.slice(at + 1)) };
}

function metadataOf(token: string | undefined, tracing: Readonly<Record<string, string>>): Metadata {
	const metadata = new Metadata();
	for (const [name, value] of Object.entries(tracing)) metadata.set(name, value);
	metadata.set("x-admin-user", OPERATOR);
	if (token !== undefined) metadata.set("x-admin-token", token);
	return metadata;
}
