import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Clock } from "../../kube/time.ts";
import type { Container, Pod } from "../controllers/workloads/shapes.ts";
import { freePort } from "../free-port.ts";
import { objectsAt, valueAt } from "../json.ts";
import type { Store } from "../store.ts";
import { environmentOf, filesOf } from "./references.ts";
import type { PodRunner, RunningPod, WriteLine } from "./runner.ts";

// The one kind of pod that really runs on the local cluster: the backend probes. Their readiness is what a user wants to
// see change when a backend goes away, so the program itself is started, with the environment of its pod.
// For development and tests only.

export interface ProbePodsOptions {
	readonly store: Store;
	readonly clock: Clock;
	/** Program and arguments of a probe. */
	readonly command: readonly string[];
	readonly log: (message: string) => void;
}

/** How often the probe is asked whether it is ready. */
const ASK_MS = 250;

/** Runs pods whose first container has the arguments of a probe; others are left to the kubelet. */
export const createProbePods = (options: ProbePodsOptions): PodRunner => ({
	run(pod, changed, write) {
		const [container] = pod.spec.containers;
		const args = valueAt(container, "args");
		if (container === undefined || !Array.isArray(args) || args[0] !== "probe") return undefined;
		return runProbe(options, { pod, container, changed, write });
	},
});

interface Probed {
	readonly pod: Pod;
	readonly container: Container;
	readonly changed: () => void;
	readonly write: WriteLine;
}

const runProbe = (options: ProbePodsOptions, probed: Probed): RunningPod => {
	const { pod, changed, write } = probed;
	let ready = false;
	let end: (() => void) | undefined;
	const stopping = new AbortController();
	const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
	start(options, probed, stopping.signal)
		.then((started) => {
			({ end } = started);
			if (stopping.signal.aborted) return end();
			const ask = async () => {
				const answer = await isReady(started.port);
				if (stopping.signal.aborted) return;
				if (answer !== ready) {
					ready = answer;
					changed();
				}
				options.clock.after(ASK_MS, () => void ask());
			};
			return ask();
		})
		.catch((error: unknown) => {
			const message = error instanceof Error ? error.message : String(error);
			write(`cannot start: ${message}`);
			options.log(`cannot run ${name}: ${message}`);
		});
	return {
		isReady: () => ready,
		stop() {
			stopping.abort();
			end?.();
		},
	};
};

const isReady = async (port: number): Promise<boolean> => {
	try {
		const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1000) });
		return ok;
	} catch {
		return false;
	}
};

const start = async ({ store, command }: ProbePodsOptions, probed: Probed, signal: AbortSignal) => {
	const { pod, container, write } = probed;
	const port = await freePort();
	const folder = await mkdtemp(join(tmpdir(), "prism-probe-"));
	const environment = await environmentOf(store, pod, container);
	const mounted = environment["PRISM_BACKEND_TLS_DIR"];
	if (mounted !== undefined)
		environment["PRISM_BACKEND_TLS_DIR"] = await writeVolume(store, probed, mounted, join(folder, "tls"));
	const [program = "", ...first] = command;
	const child = spawn(program, first, {
		env: { PATH: process.env["PATH"], ...environment, PRISM_PROBE_PORT: String(port) },
		stdio: ["ignore", "pipe", "pipe"],
		signal,
		killSignal: "SIGTERM",
	});
	for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", write);
	// Ended by us, or by itself: either way it is not ready any more, and the next question finds that out.
	child.on("error", () => {});
	const end = () => {
		child.kill("SIGTERM");
		// At once: the process that runs the cluster may be about to end.
		rmSync(folder, { recursive: true, force: true });
	};
	return { port, end };
};

/** The files of the volume that is mounted at `path`, in a folder of this machine; returns the folder. */
const writeVolume = async (store: Store, { pod, container }: Probed, path: string, target: string): Promise<string> => {
	const mount = objectsAt(container, "volumeMounts").find((candidate) => candidate["mountPath"] === path);
	const volume = (pod.spec.volumes ?? []).find((candidate) => candidate["name"] === mount?.["name"]);
	const files = (await filesOf(store, pod, volume)) ?? {};
	await mkdir(target, { mode: 0o700 });
	for (const [file, text] of Object.entries(files)) await writeFile(join(target, file), text, { mode: 0o600 });
	return target;
};
