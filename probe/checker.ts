import type { ProbedBackend, Provider } from "./backend.ts";
import { type Checker, type Client, keepConnection } from "./connection.ts";

/** A memstore lives in each runner's own process: there is nothing to connect to, and nothing that could be down. */
const inProcess: Checker = {
	check: () => Promise.resolve(),
	close: () => Promise.resolve(),
};

/** Each client library is loaded only when its provider is probed. */
const CLIENTS: Readonly<Record<Exclude<Provider, "memstore">, () => Promise<Client>>> = {
	redis: () => import("./redis.ts"),
	nats: () => import("./nats.ts"),
	postgres: () => import("./postgres.ts"),
	kafka: () => import("./kafka.ts"),
};

export const createChecker = async (backend: ProbedBackend): Promise<Checker> =>
	backend.provider === "memstore" ? inProcess : keepConnection(backend, await CLIENTS[backend.provider]());
