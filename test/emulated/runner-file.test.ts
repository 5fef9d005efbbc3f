import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRecord, recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { answerTo, object } from "../hooks/situations.ts";

// A runner that reads its backend from a file, started with just what its pod has: the file that its BackendConfig renders, or the one
// that is in its owner's Secret and that the operator never reads.

const PASSWORD = "hunter2";
const SITUATION = {
	title: "",
	condition: { status: "True", reason: "DeploymentReady", message: "" },
	phase: "Running",
} as const;

/** A Redis that asks for a password and has four databases. */
const redis = createServer((socket) => {
	let known = false;
	socket.on("data", (line) => {
		const [command = "", argument = ""] = String(line).trim().split(" ");
		if (command === "AUTH") known = argument === PASSWORD;
		const isRefused = !known || (command === "SELECT" && Number(argument) > 3);
		socket.write(isRefused ? "-NOAUTH or out of range\r\n" : "+OK\r\n");
	});
	socket.on("error", () => {});
});
let port = 0;
const folders: string[] = [];
beforeAll(async () => {
	redis.listen(0, "127.0.0.1");
	await once(redis, "listening");
	const address = redis.address();
	port = isRecord(address) ? Number(address["port"]) : 0;
});
afterAll(() => {
	redis.close();
	for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A BackendConfig as it stands in the cluster, and what it made. */
const backendOf = (spec: object): { readonly backend: KubeObject; readonly made: readonly KubeObject[] } => {
	const backend = object("BackendConfig", { type: "cache", ...spec }, { name: "cache" });
	const { status, children } = answerTo({ ...SITUATION, parent: backend });
	return { backend: { ...backend, status }, made: children };
};

/** The runner's container, of a pod with this BackendConfig. */
const containerOf = (fields: object, backend: KubeObject) => {
	const spec = { pattern: "keyvalue", backend: "redis", backendConfig: { name: "cache" }, ...fields };
	const { children } = answerTo({ ...SITUATION, parent: object("PatternRunner", spec), related: [backend] });
	const pod = valueAt(
		children.find(({ kind }) => kind === "Deployment"),
		"spec",
		"template",
		"spec",
	);
	const [container] = recordsAt(pod, "containers");
	return { container, volumes: recordsAt(pod, "volumes") };
};

/** A folder with the files that a kubelet would mount: those of ConfigMaps, and of Secrets, whose data are in clear text here. */
const rootOf = ({ container, volumes }: ReturnType<typeof containerOf>, objects: readonly KubeObject[]): string => {
	const root = mkdtempSync(join(tmpdir(), "prism-runner-"));
	folders.push(root);
	for (const { name, mountPath } of recordsAt(container, "volumeMounts")) {
		const volume = volumes.find((one) => one["name"] === name);
		const named = valueAt(volume, "configMap", "name") ?? valueAt(volume, "secret", "secretName");
		const data = valueAt(
			objects.find(({ metadata }) => metadata.name === named),
			"data",
		);
		const items = [...recordsAt(volume, "configMap", "items"), ...recordsAt(volume, "secret", "items")];
		const all = isRecord(data) ? Object.keys(data).map((key) => ({ key, path: key })) : [];
		for (const { key, path } of items.length > 0 ? items : all) {
			const file = join(root, String(mountPath), String(path));
			mkdirSync(dirname(file), { recursive: true });
			writeFileSync(file, String(valueAt(data, String(key))));
		}
	}
	return root;
};

/** What it prints when it runs, or its exit code and last words. */
const started = async (container: unknown, root: string): Promise<string> => {
	const args = valueAt(container, "args");
	const child = spawn(
		process.execPath,
		[join(import.meta.dirname, "../emulated/keyvalue-runner.ts"), ...(Array.isArray(args) ? args.map(String) : [])],
		{ env: { ROOT: root }, stdio: ["ignore", "pipe", "pipe"] },
	);
	let said = "";
	child.stderr.on("data", (text) => {
		said += String(text);
	});
	const running = once(child.stdout, "data").then(([text]) => String(text));
	const ended = once(child, "close").then(([code]) => `${code}: ${said}`);
	const outcome = await Promise.race([running, ended]);
	child.kill();
	await ended;
	return outcome.trim();
};

const FILE = { args: ["-config=/etc/prism/backend-runner/runner.json"], service: { type: "None" } };
const namespaces = (options: object) => ({
	runnerFile: { namespaces: [{ name: "orders", pattern: "keyvalue", options }] },
});
const memstore = { provider: "memstore", ...namespaces({ max_keys: 10 }) };

describe("a runner of October 2025", () => {
	it("dies of the arguments of the contract", async () => {
		const { backend, made } = backendOf(memstore);
		const pod = containerOf({}, backend);
		expect(await started(pod.container, rootOf(pod, made))).toMatch(/^2: flag provided but not defined: -pattern/);
	});

	it("runs with the file that its BackendConfig renders", async () => {
		const { backend, made } = backendOf(memstore);
		const pod = containerOf(FILE, backend);
		expect(await started(pod.container, rootOf(pod, made))).toBe("KeyValue is running: orders on memstore");
	});

	it("finds the address in it, and lacks the password, which nobody writes there", async () => {
		const { backend, made } = backendOf({ connection: { url: `redis://127.0.0.1:${port}/2` }, ...namespaces({}) });
		const pod = containerOf(FILE, backend);
		expect(await started(pod.container, rootOf(pod, made))).toMatch(/^1: failed to connect to Redis: -NOAUTH/);
	});

	it("runs with the file in its owner's Secret, which no object of the operator has anything of", async () => {
		const secretRef = { name: "cache-credentials", keys: { runnerFile: "keyvalue.yaml" } };
		const { backend, made } = backendOf({ provider: "redis", connection: { secretRef } });
		const text = `namespaces: [{name: orders, pattern: keyvalue, backend: redis, backend_config: {address: "127.0.0.1:${port}", password: ${PASSWORD}, db: 3}}]`;
		const secret = { ...object("Secret", undefined, { name: "cache-credentials" }), data: { "keyvalue.yaml": text } };
		const pod = containerOf(FILE, backend);
		expect(await started(pod.container, rootOf(pod, [...made, secret]))).toBe("KeyValue is running: orders on redis");
		expect(JSON.stringify([backend, made, pod])).not.toContain(PASSWORD);
		// The Secret has nothing but the file: the kubelet starts no container that lacks a key.
		const fromSecret = recordsAt(pod.container, "env").filter((one) => valueAt(one, "valueFrom", "secretKeyRef"));
		expect(fromSecret.map((one) => valueAt(one, "valueFrom", "secretKeyRef", "optional"))).toEqual([true, true, true]);
	});
});

it.each([
	["an option that is a credential", { connection: { url: "redis://cache" }, ...namespaces({ password: PASSWORD }) }],
	["a URL with one", { connection: { url: `redis://:${PASSWORD}@cache` }, ...namespaces({}) }],
])("%s is kept out of the file, whatever the installation allows", (_, spec) => {
	const parent = object("BackendConfig", { type: "cache", ...spec });
	const { children, status } = answerTo({ ...SITUATION, parent, installation: { inlineCredentials: true } });
	expect(children).toEqual([]);
	const [ready] = recordsAt(status, "conditions");
	expect(ready).toMatchObject({ status: "False", reason: "InlineCredentials" });
	expect(ready?.["message"]).toMatch(/put the whole file into a Secret, and name its key in .*keys\.runnerFile$/);
});
