import type { Backend, Provider } from "./backend.ts";

export interface Checker {
	/**
	 * Connects unless it is connected, and has the backend answer. Rejects with a `ProbeError`; on abort it gives the
	 * connection up and rejects at once.
	 */
	check(signal: AbortSignal): Promise<void>;
	close(): Promise<void>;
}

/** A memstore lives in each runner's own process: there is nothing to connect to, and nothing that could be down. */
const inProcess: Checker = {
	check: () => Promise.resolve(),
	close: () => Promise.resolve(),
};

/** Each client library is loaded only when its provider is probed. */
const CHECKERS: Readonly<Record<Provider, (backend: Backend) => Promise<Checker>>> = {
	memstore: () => Promise.resolve(inProcess),
	redis: async (backend) => (await import("./redis.ts")).redisChecker(backend),
	nats: async (backend) => (await import("./nats.ts")).natsChecker(backend),
	postgres: async (backend) => (await import("./postgres.ts")).postgresChecker(backend),
	kafka: async (backend) => (await import("./kafka.ts")).kafkaChecker(backend),
};

export const createChecker = (backend: Backend): Promise<Checker> => CHECKERS[backend.provider](backend);
