import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createInformers } from "../../../devcluster/controllers/informer.ts";
import { isJsonObject } from "../../../devcluster/json.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import { startMetacontroller } from "../../../devcluster/metacontroller/index.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { systemTime } from "../../../server/time.ts";
import { composite, crd, decorator, mapsOf, startBench, thing } from "./bench.ts";

const containing = (text: string): unknown => expect.stringContaining(text);
const later = (subresources = {}): KubeObject => ({
	...crd("Later", "laters", "Namespaced", subresources),
	metadata: { name: "laters.test.prism.io" },
});
const ofLaters = composite(["sync"], "InPlace", {
	parentResource: { apiVersion: "test.prism.io/v1", resource: "laters" },
});

describe("a controller", () => {
	it("whose parent kind is missing says so, and starts when the kind is there", async () => {
		const bench = await startBench({ controllers: [ofLaters], hooks: { "/sync": mapsOf } });
		const failures = () =>
			bench.log.filter(({ level, message }) => level === "error" && message.startsWith("cannot start"));
		expect(failures()[0]).toMatchObject({
			controller: "toy",
			message: containing("CompositeController toy"),
		});
		await bench.clock.advance(1000);
		expect(failures().length).toBeGreaterThan(5);
		await bench.store.create(later({ status: {} }));
		await bench.store.create({ ...thing("one"), kind: "Later" });
		await bench.clock.advance(2000);
		expect(bench.calls.length).toBeGreaterThan(0);
	});

	it.each([composite, decorator])("whose child kind is missing does not start either", async (controller) => {
		const missing = [{ apiVersion: "monitoring.coreos.com/v1", resource: "servicemonitors" }];
		const spec = controller === composite ? { childResources: missing } : { attachments: missing };
		const object = controller === composite ? composite(["sync"], "InPlace", spec) : decorator(["sync"], {}, spec);
		const bench = await startBench({ controllers: [object], hooks: { "/sync": mapsOf }, objects: [thing("one")] });
		expect(bench.log.some(({ message }) => message.startsWith("cannot start"))).toBe(true);
		expect(bench.calls).toEqual([]);
	});

	it("whose parent kind has no status subresource does not start", async () => {
		const bench = await startBench({ controllers: [ofLaters], hooks: { "/sync": mapsOf }, objects: [later()] });
		expect(bench.log.at(-1)?.message).toContain("does not enable the status subresource");
	});

	it("that can't be played, or is given twice, is an error at once", async () => {
		const rolling = composite(["sync"], "RollingRecreate");
		await expect(startBench({ controllers: [rolling], hooks: {} })).rejects.toThrow("RollingRecreate is not supported");
		const twice = [composite(["sync"]), composite(["sync"])];
		await expect(startBench({ controllers: twice, hooks: {} })).rejects.toThrow("given twice");
	});

	it("does nothing any more once it is stopped", async () => {
		const bench = await startBench({ controllers: [composite(["sync"])], hooks: { "/sync": mapsOf } });
		await bench.metacontroller.stop();
		await bench.create(thing("one"));
		await bench.clock.advance(3_600_000);
		expect(bench.calls).toEqual([]);
	});
});

/** One Thing and a controller for it whose hook is wherever `hookOrigin` is. */
const startOver = async (hookOrigin: string, timeout = "10s") => {
	const store = createMemoryStore({ clock: systemTime, kinds: [] });
	for (const object of [crd("Thing", "things"), thing("one")]) await store.create(object);
	const webhook = { url: "http://hooks.invalid:8080/toy/sync", timeout };
	const metacontroller = await startMetacontroller({
		store,
		informers: createInformers(store, systemTime),
		clock: systemTime,
		controllers: [composite([], "InPlace", { hooks: { sync: { version: "v2", webhook } } })],
		hookOrigin,
	});
	const events = async () => (await store.list(await store.resourceOf("v1", "Event"))).items;
	const things = async () => (await store.list(await store.resourceOf("test.prism.io/v1", "Thing"))).items;
	return { metacontroller, events, things };
};

describe("a call over HTTP", () => {
	const servers: Server[] = [];
	afterEach(() => {
		for (const server of servers.splice(0)) server.close().closeAllConnections();
	});

	/** A hook server that gives these answers in turn, the last one for ever. */
	const serve = async (
		...answers: { status: number; body?: string; headers?: Record<string, string>; afterMs?: number }[]
	) => {
		const seen: { url: string | undefined; type: string | undefined; body: string }[] = [];
		const server = createServer((request, response) => {
			let body = "";
			request.on("data", (chunk) => {
				body += String(chunk);
			});
			request.on("end", () => {
				seen.push({ url: request.url, type: request.headers["content-type"], body });
				const {
					status,
					headers = {},
					body: answer = "{}",
					afterMs = 0,
				} = answers[seen.length - 1] ?? answers.at(-1) ?? { status: 500 };
				setTimeout(() => response.writeHead(status, headers).end(answer), afterMs);
			});
		});
		servers.push(server);
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const address = server.address();
		if (!isJsonObject(address)) throw new Error("the server does not listen");
		return { origin: `http://127.0.0.1:${String(address["port"])}`, seen };
	};

	it("posts JSON to the hook's path, wherever the hooks are, and reads the answer", async () => {
		const { origin, seen } = await serve({ status: 200, body: '{"status":{"phase":"Ready"},"children":[]}' });
		const { metacontroller, things } = await startOver(origin);
		await metacontroller.idle();
		expect(seen[0]).toMatchObject({ url: "/toy/sync", type: "application/json" });
		expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({
			parent: { kind: "Thing" },
			children: { "ConfigMap.v1": {} },
		});
		expect((await things())[0]).toMatchObject({ status: { phase: "Ready" } });
		await metacontroller.stop();
	});

	it("waits as long as Retry-After says", async () => {
		const busy = { status: 429, headers: { "retry-after": "1" } };
		const { origin, seen } = await serve(busy, { status: 200 });
		const { metacontroller, events } = await startOver(origin);
		await metacontroller.idle();
		expect(seen).toHaveLength(1);
		await expect.poll(() => seen.length, { timeout: 5000 }).toBeGreaterThan(1);
		expect(await events()).toEqual([]);
		await metacontroller.stop();
	});

	it("gives up after the timeout", async () => {
		const { origin } = await serve({ status: 200, afterMs: 5000 });
		const { metacontroller, events } = await startOver(origin, "50ms");
		await metacontroller.idle();
		expect((await events())[0]?.["message"]).toMatch(/cannot call .*timeout/);
		await metacontroller.stop();
	});

	it("is abandoned when the stand-in stops", async () => {
		const { origin, seen } = await serve({ status: 200, afterMs: 5000 });
		const { metacontroller, events } = await startOver(origin);
		await expect.poll(() => seen.length).toBe(1);
		await metacontroller.stop();
		expect(await events()).toEqual([]);
	});
});
