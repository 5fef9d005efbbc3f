import { REGISTRY } from "../../hooks/index.ts";
import { readConfig } from "../../server/config.ts";
import { createLog } from "../../server/log.ts";
import { startServer } from "../../server/server.ts";
import { obey } from "./served.ts";

// A replica of the operator as it runs in a cluster; every proxy's name leads to the port where all of them are played.

const proxies = process.env["PROXIES"] ?? "";
const config = readConfig({});
// Somebody else's work on this machine is no reason to tell a caller to come back.
const limits = { ...config.limits, eventLoopDelayMs: 60_000 };
const { port } = await startServer({ ...config, limits, port: 0 }, REGISTRY, {
	log: createLog(config, () => ({})),
	resolve: () => proxies,
});
obey(port, () => undefined);
