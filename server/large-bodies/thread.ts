import { parentPort } from "node:worker_threads";
import { REGISTRY } from "../../hooks/index.ts";
import { createLargeCalls } from "./calls.ts";
import type { ThreadStep } from "./messages.ts";

// The entry of the thread for large bodies.

const handle = createLargeCalls(REGISTRY, (reply, handOver) => parentPort?.postMessage(reply, handOver));
parentPort?.on("message", (step: ThreadStep) => handle(step));
