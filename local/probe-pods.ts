import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject } from "../schemas/common.ts";
import { freePort } from "./free-port.ts";
import { objectAt, objectsAt, stringAt, valueAt } from "./json.ts";
import type { Clock, Store } from "./store.ts";
import type { PodRunner, RunningPod } from "./workloads/kubelet.ts";

// The one kind of pod that really runs on the local cluster: the backend probes. Their readiness is what a user wants to
// see change when a backend goes away, so the program itself is started, with the environment that its pod says.
// For development and tests only.

export interface ProbePodsOptions {
	readonly store: Store;
	readonly clock: Clock;
	/** Program and first arguments to which a container's `args` are added. */
	readonly command: readonly string[];
	readonly log: (message: string) => void;
}

/** How often the probe is asked whether it is ready. */
const ASK_MS = 250;

/** Runs pods whose only container has the arguments of a probe; others are left to the stand-in. */
export const createProbePods = (options: ProbePodsOptions): PodRunner => ({
	run(pod, changed) {
		const [container] = objectsAt(pod.spec, "containers");
		const args = valueAt(container, "args");
		if (!Array.isArray(args) || args[0] !== "probe") return undefined;
		return runProbe(options, pod, changed);
	},
});

const runProbe = (options: ProbePodsOptions, pod: KubeObject, changed: () => void): RunningPod => {
	let ready = false;
	let end: (() => void) | undefined;
	const stopping = new AbortController();
	const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
	start(options, pod, stopping.signal)
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
			options.log(`cannot run ${name}: ${error instanceof Error ? error.message : String(error)}`);
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

const start = async ({ store, command }: ProbePodsOptions, pod: KubeObject, signal: AbortSignal) => {
	const port = await freePort();
	const folder = await mkdtemp(join(tmpdir(), "prism-probe-"));
	const environment = await environmentOf(store, pod, folder);
	const [program = "", ...first] = command;
	const child = spawn(program, [...first, "probe"], {
		env: { PATH: process.env["PATH"], ...environment, PRISM_PROBE_PORT: String(port), LOG_LEVEL: "silent" },
		stdio: "ignore",
		signal,
		killSignal: "SIGTERM",
	});
	// Ended by us, or by itself: either way it is not ready any more, and the next question finds that out.
	child.on("error", () => {});
	const end = () => {
		child.kill("SIGTERM");
		// At once: the process that runs the cluster may be about to end.
		rmSync(folder, { recursive: true, force: true });
	};
	return { port, end };
};

// ── Environment ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** The container's variables with their references resolved, as the kubelet does it. Throws for a key that is missing. */
const environmentOf = async (store: Store, pod: KubeObject, folder: string): Promise<Record<string, string>> => {
	const [container] = objectsAt(pod["spec"], "containers");
	const variables: Record<string, string> = {};
	for (const variable of objectsAt(container, "env")) {
		const name = stringAt(variable, "name");
		const value = await resolved(store, pod, variable);
		if (name !== undefined && value !== undefined) variables[name] = value;
	}
	const mounted = variables["PRISM_BACKEND_TLS_DIR"];
	if (mounted !== undefined) variables["PRISM_BACKEND_TLS_DIR"] = await writeSecret(store, pod, mounted, folder);
	return variables;
};

const resolved = async (store: Store, pod: KubeObject, variable: unknown): Promise<string | undefined> => {
	const source = objectAt(variable, "valueFrom");
	const kind = source["secretKeyRef"] === undefined ? "ConfigMap" : "Secret";
	const reference = source["secretKeyRef"] ?? source["configMapKeyRef"];
	const [name, key] = [stringAt(reference, "name"), stringAt(reference, "key")];
	if (name === undefined || key === undefined) return stringAt(variable, "value");
	const object = await store.get(await store.resourceOf("v1", kind), pod.metadata.namespace, name);
	const text = stringAt(object, "data", key);
	if (text === undefined) {
		if (valueAt(reference, "optional") === true) return undefined;
		throw new Error(`${kind} ${name} has no key ${key}`);
	}
	return kind === "Secret" ? Buffer.from(text, "base64").toString("utf8") : text;
};

/** The files of the Secret that is mounted at `path`, in a folder of this machine. */
const writeSecret = async (store: Store, pod: KubeObject, path: string, folder: string): Promise<string> => {
	const [container] = objectsAt(pod["spec"], "containers");
	const mount = objectsAt(container, "volumeMounts").find((candidate) => candidate["mountPath"] === path);
	const volume = objectsAt(pod["spec"], "volumes").find((candidate) => candidate["name"] === mount?.["name"]);
	const name = stringAt(volume, "secret", "secretName") ?? "";
	const secret = await store.get(await store.resourceOf("v1", "Secret"), pod.metadata.namespace, name);
	if (secret === undefined) throw new Error(`there is no Secret ${name}`);
	const target = join(folder, "tls");
	await mkdir(target, { mode: 0o700 });
	for (const [key, value] of Object.entries(objectAt(secret, "data")))
		if (typeof value === "string") await writeFile(join(target, key), Buffer.from(value, "base64"), { mode: 0o600 });
	return target;
};
