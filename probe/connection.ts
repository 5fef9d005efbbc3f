import type { BackendEndpoint, ProbedBackend } from "./backend.ts";
import { type Interpreter, ProbeError, type Reason, reasonOf } from "./errors.ts";
import { type ClientTls, readTls } from "./tls.ts";

// One kept connection, whichever library it is of: made when there is none, dropped when a check fails, made anew.

export interface Connection {
	/** Connects and authenticates. Called once. */
	open(): Promise<unknown>;
	/** Has the backend answer, over the open connection. */
	check(): Promise<void>;
	/** Lets go at once: never waits for the backend, never throws, and may come before `open` has ended. */
	close(): void;
	/** Whether an open connection has ended since, without our closing it. */
	lost(): boolean;
}

export interface Checker {
	/**
	 * Connects unless it is connected, and has the backend answer. Rejects with a `ProbeError`; on abort it gives the
	 * connection up and rejects at once.
	 */
	check(signal: AbortSignal): Promise<void>;
	close(): Promise<void>;
}

export interface Client {
	readonly connect: (backend: ProbedBackend, endpoint: BackendEndpoint, tls: ClientTls | undefined) => Connection;
	/** What the library's errors mean. */
	readonly interpret: Interpreter;
}

/** A kept connection that fails so has ended unnoticed: that says nothing yet about the backend. */
const LOSSES: readonly Reason[] = ["ConnectionClosed", "Unreachable"];

export function keepConnection(backend: ProbedBackend, { connect, interpret }: Client): Checker {
	let kept: Connection | undefined;
	/** The endpoint to try first: after one that hung, the next. */
	let first = 0;

	const drop = () => {
		kept?.close();
		kept = undefined;
	};

	/** Runs one step. When it fails, or its time is up, the connection is dropped and the reason thrown. */
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

	/** The endpoints in turn until one answers; when none does, the first one's failure is told. */
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

/** Settles as the promise does, or rejects on abort. What the promise does after that is nobody's concern. */
function beforeAbort(promise: Promise<void>, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const abort = () => reject(new ProbeError("TimedOut"));
		if (signal.aborted) abort();
		signal.addEventListener("abort", abort, { once: true });
		void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
	});
}
