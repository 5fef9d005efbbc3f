import type { BackendEndpoint, ProbedBackend } from "./backend.ts";
import { type Interpreter, ProbeError, type Reason, reasonOf } from "./errors.ts";
import { type ClientTls, readTls } from "./tls.ts";

// A persistent connection of any client library. It is opened for the first check, closed when a check fails, and opened again for the next
// check.

export interface Connection {
	/** Connects and authenticates. Called once. */
	open(): Promise<unknown>;
	/** Sends a request over the open connection and waits for the response. */
	check(): Promise<void>;
	/** Closes at once: does not wait for the backend, does not throw. May be called before `open` has ended. */
	close(): void;
	/** Whether the other side has closed the open connection. */
	lost(): boolean;
}

export interface Checker {
	/**
	 * Connects if necessary, and checks that the backend answers. Rejects with a `ProbeError`. On abort it closes the connection and rejects
	 * at once.
	 */
	check(signal: AbortSignal): Promise<void>;
	close(): Promise<void>;
}

export interface Client {
	readonly connect: (backend: ProbedBackend, endpoint: BackendEndpoint, tls: ClientTls | undefined) => Connection;
	/** Maps the library's errors to reasons. */
	readonly interpret: Interpreter;
}

/** Reasons why a persistent connection may have closed between two checks, which is no evidence about the backend. */
const LOSSES: readonly Reason[] = ["ConnectionClosed", "Unreachable"];

export function keepConnection(backend: ProbedBackend, { connect, interpret }: Client): Checker {
	let kept: Connection | undefined;
	/** The endpoint to try first. When an endpoint times out, the next check begins with the next endpoint. */
	let first = 0;

	const drop = () => {
		kept?.close();
		kept = undefined;
	};

	/** Runs one step. On an error or a timeout, it closes the connection and throws the reason. */
	const attempt = async (step: Promise<void>, signal: AbortSignal): Promise<void> => {
		try {
			await beforeAbort(step, signal);
		} catch (error) {
			drop();
			throw new ProbeError(reasonOf(error, interpret));
		}
	};

	const checkKept = async (connection: Connection, signal: AbortSignal): Promise<boolean> => {
		try {
			await attempt(connection.check(), signal);
			return true;
		} catch (error) {
			if (!signal.aborted && error instanceof ProbeError && LOSSES.includes(error.reason)) return false;
			throw error;
		}
	};

	const connectAndCheck = async (endpoint: BackendEndpoint, signal: AbortSignal): Promise<void> => {
		const tls = await readTls(backend.tls, endpoint);
		if (signal.aborted) throw new ProbeError("TimedOut");
		const connection = connect(backend, endpoint, tls);
		kept = connection;
		await attempt(
			connection.open().then(() => connection.check()),
			signal,
		);
	};

	/** Tries the endpoints in order until one answers. If none answers, it throws the first endpoint's error. */
	const checkAnew = async (signal: AbortSignal): Promise<void> => {
		const { endpoints } = backend;
		let failure: unknown;
		for (const endpoint of [...endpoints.slice(first), ...endpoints.slice(0, first)]) {
			first = endpoints.indexOf(endpoint);
			try {
				return await connectAndCheck(endpoint, signal);
			} catch (error) {
				failure ??= error;
				first += 1;
				if (signal.aborted) break;
			}
		}
		throw failure;
	};

	return {
		async check(signal) {
			if (kept?.lost() === true) drop();
			if (kept !== undefined && (await checkKept(kept, signal))) return;
			await checkAnew(signal);
		},
		close() {
			drop();
			return Promise.resolve();
		},
	};
}

/** Settles with the promise, or rejects on abort and ignores the promise from then on. */
function beforeAbort(promise: Promise<void>, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const abort = () => reject(new ProbeError("TimedOut"));
		if (signal.aborted) abort();
		signal.addEventListener("abort", abort, { once: true });
		void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
	});
}
