import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../devcluster/free-port.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { eventually } from "../integration/installed.ts";
import { startCollector } from "../server/tracing/collector.ts";
import {
	copied,
	dependenciesOf,
	type Image,
	layOut,
	megabytesIn,
	packagesOf,
	stageOf,
	stages,
	textOf,
} from "./image-tree.ts";

// The images, as far as they can be seen without a container engine: their files are laid out as the Dockerfile says, and run.

const ROOT = join(import.meta.dirname, "../..");
const IMAGES: readonly Image[] = ["operator", "probe"];

let folder: string;
const folderOf = (image: Image) => join(folder, image);
const running: ChildProcess[] = [];
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "prism-image-"));
	for (const image of IMAGES) layOut(folderOf(image), image);
}, 60_000);
afterEach(async () => {
	for (const process of running.splice(0)) {
		if (process.exitCode !== null) continue;
		process.kill("SIGTERM");
		await once(process, "exit");
	}
});
afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

/** Starts the entry point with these arguments, and nothing else in its environment. */
const start = (name: Image, args: readonly string[], env: Record<string, string>): ChildProcess => {
	const image = stageOf(name);
	const [node, main = "", ...rest] = JSON.parse(textOf(image, "ENTRYPOINT") ?? "[]") as string[];
	expect(node).toBe("/nodejs/bin/node");
	const workdir = textOf(image, "WORKDIR") ?? "";
	expect(main.startsWith(`${workdir}/`)).toBe(true);
	const child = spawn(process.execPath, [join(folderOf(name), main.slice(workdir.length)), ...rest, ...args], {
		cwd: folderOf(name),
		env,
		stdio: ["ignore", "ignore", "inherit"],
	});
	running.push(child);
	return child;
};

describe("the images", () => {
	it.each(IMAGES)("%s is pinned, without root, without a health check, and without what is for development", (name) => {
		const [image, dependencies] = [stageOf(name), dependenciesOf(name)];
		expect(stageOf("base")[0]?.text).toMatch(/^node:24\.\d+\.\d+-\S+ AS base$/);
		expect(dependencies[0]?.text).toMatch(/^base AS \S+$/);
		expect(image[0]?.text).toMatch(/^gcr\.io\/distroless\/nodejs24-debian\d+:nonroot(@sha256:[0-9a-f]{64})? AS \w+$/);
		expect(textOf(image, "USER")).toBe("65532:65532");
		expect(textOf(image, "HEALTHCHECK")).toBeUndefined();
		expect(textOf(dependencies, "RUN")).toContain("npm ci --omit=dev --ignore-scripts");
	});

	it("are built from what .dockerignore lets through, and from nothing else", () => {
		const allowed = readFileSync(join(ROOT, ".dockerignore"), "utf8")
			.split("\n")
			.filter((line) => line.startsWith("!"))
			.map((line) => line.slice(1));
		const sources = new Set(stages().flatMap((stage) => copied(stage).flatMap((instruction) => instruction.sources)));
		// Of a folder that is let through as a whole.
		sources.delete("probe/package.json");
		expect(new Set(allowed)).toEqual(sources);
	});

	it("are the hooks' unless another is asked for", () => {
		expect(stages().at(-1)).toEqual(stageOf("operator"));
	});

	it.each([
		["operator", 40],
		["probe", 40],
	] as const)("%s has less than %d MB of packages", (image, megabytes) => {
		const measured = megabytesIn(join(folderOf(image), "node_modules"));
		expect(measured).toBeGreaterThan(5);
		expect(measured).toBeLessThan(megabytes);
	});

	it("have the clients of backends where they are used, and nowhere else", () => {
		const clients = ["pg", "@redis/client", "@nats-io/transport-node", "@platformatic/kafka"];
		const missing = (image: Image) =>
			clients.filter((name) => !existsSync(join(folderOf(image), "node_modules", name)));
		expect(missing("operator")).toEqual(clients);
		expect(missing("probe")).toEqual([]);
		const others = packagesOf("").filter((path) => !packagesOf("probe").includes(path));
		expect(others).toContain("node_modules/@marcbachmann/cel-js");
		expect(existsSync(join(folderOf("probe"), "node_modules/@marcbachmann/cel-js"))).toBe(false);
	});

	it("serves hooks, traces them, and ends when it is told to", { timeout: 60_000 }, async () => {
		const port = await freePort();
		const collector = await startCollector();
		const server = start("operator", JSON.parse(textOf(stageOf("operator"), "CMD") ?? "[]") as string[], {
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
		expect(children.map(({ kind }) => kind)).toContain("ConfigMap");
		server.kill("SIGTERM");
		expect(await once(server, "exit")).toEqual([0, null]);
		expect(collector.spans().map(({ name }) => name)).toContain("sync PrismStack");
	});

	it("starts from what Node made of the sources when the operator's was built", { timeout: 240_000 }, async () => {
		const inFolder = (text = "") => text.replaceAll("/app/", `${folderOf("operator")}/`);
		const image = stageOf("operator");
		const [, cache = ""] = /^NODE_COMPILE_CACHE=(.*)$/.exec(inFolder(textOf(image, "ENV"))) ?? [];
		const made = () => readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
		const [, ...args] = JSON.parse(inFolder(textOf(image, "RUN"))) as string[];
		const building = spawn(process.execPath, args, { env: { NODE_COMPILE_CACHE: cache }, stdio: "inherit" });
		expect(await once(building, "exit")).toEqual([0, null]);
		const built = made().length;
		expect(built).toBeGreaterThan(300);
		const port = await freePort();
		const server = start("operator", [], { PORT: String(port), NODE_COMPILE_CACHE: cache });
		await eventually(() => answered(`http://127.0.0.1:${port}/healthz`), 90);
		server.kill("SIGTERM");
		expect(await once(server, "exit")).toEqual([0, null]);
		// The entry itself, and what packages load late.
		expect(made().length - built).toBeLessThan(built / 4);
	});

	it.each(["memstore", "redis", "nats", "postgres", "kafka"])("probe %s", { timeout: 60_000 }, async (provider) => {
		const port = await freePort();
		const nobody = await freePort();
		// With the arguments that the pods of all versions have.
		start("probe", ["probe"], {
			PRISM_BACKEND_PROVIDER: provider,
			...(provider !== "memstore" && { PRISM_BACKEND_URL: `${provider}://127.0.0.1:${nobody}` }),
			PRISM_PROBE_PORT: String(port),
		});
		const isUp = provider === "memstore";
		await eventually(async () => {
			const { status } = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => ({ status: 0 }));
			expect(status).toBe(isUp ? 200 : 503);
		}, 30);
	});
});

const answered = async (url: string): Promise<void> => {
	const { status } = await fetch(url).catch(() => ({ status: 0 }));
	expect(status).toBe(200);
};
