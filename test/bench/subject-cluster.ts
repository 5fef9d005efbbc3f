import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { obey } from "./served.ts";

// The same server in as many workers of one process group as there are cores, behind one port.

const WORKERS = Math.max(2, availableParallelism());

cluster.setupPrimary({
	exec: fileURLToPath(new URL("./subject.ts", import.meta.url)),
	serialization: "advanced",
	stdio: ["ignore", "ignore", "inherit", "ipc"],
});
const workers = Array.from({ length: WORKERS }, () => cluster.fork());
const ports = await Promise.all(
	workers.map((worker) => new Promise<number>((resolve) => worker.on("listening", ({ port }) => resolve(port)))),
);
obey(ports[0] ?? 0, (name) =>
	Promise.all(
		workers.map((worker) => {
			const ready = new Promise<void>((resolve) => void worker.once("message", () => resolve()));
			worker.send({ next: name });
			return ready;
		}),
	),
);
