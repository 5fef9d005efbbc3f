import { setTimeout as sleep } from "node:timers/promises";
import { type Dispatcher, request } from "undici";
import { objectAt, stringAt } from "../json.ts";
import { ApiError } from "../store.ts";

// One call of the API server: a request, and its answer as JSON or as an ApiError.

export interface Credentials {
	/** https://host:port, with a path when the server is behind a proxy. */
	readonly server: string;
	readonly ca?: string | Buffer;
	readonly cert?: string | Buffer;
	readonly key?: string | Buffer;
	readonly token?: string;
	/** Other headers that carry credentials. */
	readonly headers?: Readonly<Record<string, string>>;
	/** Don't verify the server's certificate. */
	readonly insecure?: boolean;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface ApiCalls {
	get(path: string): Promise<unknown>;
	send(method: Method, path: string, body: unknown, contentType?: string): Promise<unknown>;
}

/** "Too many requests" is also what a resource returns for a second after its definition came. */
const ATTEMPTS = 10;

export const createApiCalls = (credentials: Credentials, dispatcher: Dispatcher): ApiCalls => {
	const call = async (method: Method, path: string, body?: unknown, contentType = "application/json") => {
		for (let attempt = 1; ; attempt += 1) {
			const response = await request(urlOf(credentials, path), {
				dispatcher,
				method,
				headers: { ...headersOf(credentials), ...(body !== undefined && { "content-type": contentType }) },
				...(body !== undefined && { body: JSON.stringify(body) }),
			}).catch((error: unknown) => {
				throw new Error(`cannot ${method} ${path}: ${reasonOf(error)}`, { cause: error });
			});
			const text = await response.body.text();
			if (response.statusCode < 300) return JSON.parse(text) as unknown;
			if (response.statusCode !== 429 || attempt === ATTEMPTS) throw apiError(response.statusCode, text);
			const seconds = Number(response.headers["retry-after"] ?? 1);
			await sleep(1000 * (seconds || 1));
		}
	};
	return {
		get: (path) => call("GET", path),
		send: call,
	};
};

export const urlOf = ({ server }: Credentials, path: string): string => `${server.replace(/\/$/, "")}${path}`;

export const headersOf = ({ token, headers }: Credentials): Record<string, string> => ({
	accept: "application/json",
	...headers,
	...(token && { authorization: `Bearer ${token}` }),
});

/** The error of an answer whose body is, as a rule, a Status. */
export const apiError = (statusCode: number, text: string): ApiError => {
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		return new ApiError(statusCode, "", text.trim() || `the API server answered ${statusCode}`);
	}
	const status = objectAt(body);
	return new ApiError(statusCode, stringAt(status, "reason") ?? "", stringAt(status, "message") ?? text);
};

/** Connection errors hide what happened in their cause or in a list. */
const reasonOf = (error: unknown): string => {
	if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
	if (!(error instanceof Error)) return String(error);
	return error.message || reasonOf(error.cause);
};
