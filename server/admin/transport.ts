import { type Client, type ClientUnaryCall, Metadata, type ServiceError } from "@grpc/grpc-js";
import type { AdminFailure } from "../../schemas/admin.ts";
import type { Time } from "../time.ts";
import type { Breaker } from "./breaker.ts";
import type { Channels } from "./channels.ts";
import { AdminError, errorOf } from "./failures.ts";
import { OPERATOR } from "./messages.ts";
import type { Method } from "./methods.ts";
import type { AdminMetrics } from "./metrics.ts";

// One call to one proxy: credentials, breaker, channel, deadline, and what is counted of it.

export interface Endpoint {
	readonly address: string;
	/** Kubernetes namespace whose token is sent. */
	readonly namespace: string;
	readonly breaker: Breaker;
}

export interface Transport {
	/** Throws an `AdminError`. It is made once: nothing is ever repeated here. */
	readonly call: <Request, Response>(
		endpoint: Endpoint,
		method: Method<Request, Response>,
		request: Request,
		deadlineMs: number,
	) => Promise<Response>;
	/** Ends all calls; there can be none afterwards. */
	readonly close: () => void;
}

export interface TransportOptions {
	readonly channels: Channels;
	readonly tokenOf: (namespace: string) => Promise<string | undefined>;
	readonly metrics: AdminMetrics;
	readonly time: Pick<Time, "now">;
}

export function createTransport({ channels, tokenOf, metrics, time }: TransportOptions): Transport {
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
			const ended = (error: ServiceError | null, response?: Response) => {
				underWay.delete(call);
				if (error !== null) reject(errorOf(error));
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
		if (!breaker.admits()) throw new AdminError("CircuitOpen");
		let failure: AdminFailure | undefined = "BadAnswer";
		try {
			const response = await channels.use(address, (client) => send(client, definition, request, metadata, deadlineMs));
			failure = undefined;
			return response;
		} catch (error) {
			if (error instanceof AdminError) failure = error.failure;
			throw error;
		} finally {
			// Calls that we ended ourselves tell nothing of the proxy.
			if (!closed) breaker.ended(failure);
		}
	};

	return {
		call: async (endpoint, method, request, deadlineMs) => {
			const { address, namespace } = endpoint;
			const counted = metrics.begins(method.name, address);
			try {
				const metadata = metadataOf(await tokenOf(namespace));
				const response = await admitted(endpoint, method, request, metadata, deadlineMs);
				counted(method.refuses(response) ? "Refused" : "OK");
				return response;
			} catch (error) {
				counted(error instanceof AdminError ? error.failure : "BadAnswer");
				throw error;
			}
		},
		close: () => {
			closed = true;
			for (const call of underWay) call.cancel();
		},
	};
}

function metadataOf(token: string | undefined): Metadata {
	const metadata = new Metadata();
	metadata.set("x-admin-user", OPERATOR);
	if (token !== undefined) metadata.set("x-admin-token", token);
	return metadata;
}
