import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readManifests } from "../../cli/manifests.ts";
import { freePort } from "../../local/free-port.ts";
import { eventually } from "../integration/installed.ts";
import { startCollector } from "../server/tracing/collector.ts";
import { copied, layOut, megabytesIn, stages, textOf } from "./image-tree.ts";

// The image, as far as it can be seen without a container engine: its files are laid out as the Dockerfile says, and run.

const ROOT = join(import.meta.dirname, "../..");
const [dependencies = [], image = []] = stages();

let folder: string;
const running: ChildProcess[] = [];
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "prism-image-"));
	layOut(folder);
}, 60_000);
afterEach(async () => {
	for (const process of running.splice(0)) {
		if (process.exitCode !== null) continue;
		process.kill("SIGTERM");
		await once(process, "exit");
	}
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the entry point with these arguments, and nothing else in its environment. */
const start = (args: readonly string[], env: Record<string, string>): ChildProcess => {
	const [node, main = "", ...rest] = JSON.parse(textOf(image, "ENTRYPOINT") ?? "[]") as string[];
	expect(node).toBe("/nodejs/bin/node");
	const workdir = textOf(image, "WORKDIR") ?? "";
	expect(main.startsWith(`${workdir}/`)).toBe(true);
	const child = spawn(process.execPath, [join(folder, main.slice(workdir.length)), ...rest, ...args], {
		cwd: folder,
		env,
		stdio: ["ignore", "ignore", "inherit"],
	});
	running.push(child);
	return child;
};

describe("the image", () => {
	it("is pinned, without root, without a health check, and without what is for development", () => {
		expect(dependencies[0]?.text).toMatch(/^node:24\.\d+\.\d+-\S+ AS dependencies$/);
		expect(image[0]?.text).toMatch(/^gcr\.io\/distroless\/nodejs24-debian\d+:nonroot(@sha256:[0-9a-f]{64})?$/);
		expect(textOf(image, "USER")).toBe("65532:65532");
		expect(textOf(image, "HEALTHCHECK")).toBeUndefined();
		expect(textOf(dependencies, "RUN")).toContain("npm ci --omit=dev --ignore-scripts");
	});

	it("is built from what .dockerignore lets through, and from nothing else", () => {
		const allowed = readFileSync(join(ROOT, ".dockerignore"), "utf8")
			.split("\n")
			.filter((line) => line.startsWith("!"))
			.map((line) => line.slice(1));
		const sources = [...copied(dependencies), ...copied(image)].flatMap((instruction) => instruction.sources);
		expect(new Set(allowed)).toEqual(new Set(sources));
	});

	it("is small: its own files leave most of 200 MB to Node and the base", () => {
		expect(megabytesIn(folder)).toBeLessThan(50);
	});

	it("serves hooks, traces them, and ends when it is told to", { timeout: 60_000 }, async () => {
		const port = await freePort();
		const collector = await startCollector();
		const server = start(JSON.parse(textOf(image, "CMD") ?? "[]") as string[], {
			PORT: String(port),
			PRISM_MAX_EVENT_LOOP_DELAY_MS: "60000",
			OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
		});
		const url = `http://127.0.0.1:${port}`;
		await eventually(() => answered(`${url}/healthz`), 30);
		const [sample] = readManifests(join(ROOT, "samples/quickstart.yaml")).map(({ object }) => object);
		const parent = { ...sample, metadata: { namespace: "default", uid: "1", generation: 1, ...sample?.metadata } };
		const answer = await fetch(`${url}/prismstack/sync`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify({ controller: {}, parent, children: {}, related: {}, finalizing: false }),
		});
		expect(answer.status).toBe(200);
		const { children } = (await answer.json()) as { children: { kind: string }[] };
		expect(children.map(({ kind }) => kind)).toContain("Deployment");
		server.kill("SIGTERM");
		expect(await once(server, "exit")).toEqual([0, null]);
		expect(collector.spans().map(({ name }) => name)).toContain("sync PrismStack");
	});

	it("probes backends", { timeout: 60_000 }, async () => {
		const port = await freePort();
		start(["probe"], { PRISM_BACKEND_PROVIDER: "memstore", PRISM_PROBE_PORT: String(port) });
		await eventually(() => answered(`http://127.0.0.1:${port}/readyz`), 30);
	});
});

const answered = async (url: string): Promise<void> => {
	const { status } = await fetch(url).catch(() => ({ status: 0 }));
	expect(status).toBe(200);
};
