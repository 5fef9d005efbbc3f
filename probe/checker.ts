import type { ProbedBackend, Provider } from "./backend.ts";
import { type Checker, type Client, keepConnection } from "./connection.ts";

/** A memstore is part of each runner's process: there is no server to connect to, and none that could be down. */
const inProcess: Checker = {
	check: () => Promise.resolve(),
	close: () => Promise.resolve(),
};

/** A client library is loaded only if its provider is probed. */
const CLIENTS: Readonly<Record<Exclude<Provider, "memstore">, () => Promise<Client>>> = {
	redis: () => import("./redis.ts"),
	nats: () => import("./nats.ts"),
	postgres: () => import("./postgres.ts"),
	kafka: () => import("./kafka.ts"),
};

export const createChecker = async (backend: ProbedBackend): Promise<Checker> =>
	backend.provider === "memstore" ? inProcess : keepConnection(backend, await CLIENTS[backend.provider]());
