import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { type App, createApp } from "../../server/app.ts";
import { createLargeBodies, type LargeBodies, type LargeBodiesOptions } from "../../server/large-bodies/index.ts";
import { createMetrics } from "../../server/metrics.ts";
import { type CapturedLog, captureLog, installation, NOW, toyLimits } from "./toy.ts";

const ENTRY = new URL("../../server/large-bodies/thread.ts", import.meta.url);
const FILLING = "x".repeat(600 * 1024);

const large = (kind: string, spec: Record<string, unknown>): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind,
	metadata: { name: "large", namespace: "team", uid: "u1", generation: 3, annotations: { FILLING } },
	spec,
});
const RUNNER = large("PatternRunner", { pattern: "keyvalue", backend: "main" });
const STACK = large("PrismStack", { patterns: [{ name: "cache", type: "keyvalue", backend: "main" }] });
const PLUGIN = large("PrismPlugin", { version: "v1", image: "registry.example/plugin:v1" });

const composite = (parent: unknown, change: Record<string, unknown> = {}): Record<string, unknown> => ({
	controller: {},
	parent,
	children: {},
	related: {},
	finalizing: false,
	...change,
});
const decorator = (object: unknown) => ({ controller: {}, object, attachments: {}, related: {}, finalizing: false });

/** Two servers with the same rows; the second one has the thread. */
describe("a large body, in the thread", () => {
	let servers: readonly { readonly app: App; readonly captured: CapturedLog }[];
	let largeBodies: LargeBodies;
	let begun = 0;

	beforeAll(() => {
		const threadLog = captureLog();
		largeBodies = createLargeBodies({ entry: ENTRY, log: threadLog.log });
		const counting: LargeBodies = {
			...largeBodies,
			begin: (call) => {
				begun += 1;
				return largeBodies.begin(call);
			},
		};
		servers = [undefined, counting].map((given) => {
			const captured = captureLog();
			const app = createApp({
				rows: REGISTRY,
				installation,
				revision: "abc",
				clock: () => NOW,
				log: captured.log,
				limits: toyLimits,
				metrics: createMetrics(REGISTRY),
				largeBodies: given,
			});
			return { app, captured };
		});
	});
	afterAll(async () => {
		for (const { app } of servers) await app.close();
		await largeBodies.close();
	});

	const sent = async (url: string, payload: string) => {
		const before = begun;
		const results = [];
		for (const { app, captured } of servers) {
			const lines = captured.text().length;
			const { statusCode, headers, body } = await app.inject({
				method: "POST",
				url,
				headers: { "content-type": "application/json" },
				payload,
			});
			const { text } = captured;
			const logged = text()
				.slice(lines)
				.trim()
				.split("\n")
				.map((line) => line.replace(/"(time|ms|totalMs|outsideMs)":("[^"]*"|[\d.]+),?/g, ""));
			results.push({ statusCode, type: headers["content-type"], body, logged });
		}
		expect(begun).toBe(before + 1);
		return results;
	};

	test.each([
		["/patternrunner/sync", composite(RUNNER)],
		["/prismstack/sync", composite(STACK)],
		["/prismstack/finalize", composite(STACK, { finalizing: true })],
		["/prismplugin/sync", decorator(PLUGIN)],
	])("%s answers and logs what it does in the server's own thread", async (path, request) => {
		const [own, thread] = await sent(path, JSON.stringify(request));
		expect(own?.statusCode).toBe(200);
		expect(own?.logged.join()).toContain("hook answered");
		expect(thread).toEqual(own);
	});

	test.each([
		["is not JSON", `{"a": "${FILLING}"`, 400],
		["is no request", JSON.stringify({ ...composite(RUNNER), children: 5 }), 400],
		["is about another kind", JSON.stringify(composite(STACK)), 422],
		["has too many entries", JSON.stringify({ ...composite(RUNNER), related: Array(300_000).fill(1) }), 400],
		["has a dangerous key", `{"__proto__": "${FILLING}"}`, 400],
	])("that %s is rejected as in the server's own thread", async (_what, payload, status) => {
		const [own, thread] = await sent("/patternrunner/sync", payload);
		expect(own?.statusCode).toBe(status);
		expect(thread).toEqual(own);
	});

	test("counts in the same metrics", async () => {
		await sent("/patternrunner/sync", JSON.stringify(composite(RUNNER)));
		const counted = async (app: App | undefined) =>
			(await app?.inject("/metrics"))?.body
				.split("\n")
				.filter((line) => /^prism_operator_(hook_calls_total|hook_stage\w+_count|hook_request_bytes)/.test(line));
		const [own, thread] = await Promise.all(servers.map(({ app }) => counted(app)));
		expect(own?.join()).toContain('stage="conclude"');
		expect(thread).toEqual(own);
	});

	test("a small body, and one of a hook that calls proxies, stays where it was", async () => {
		const before = begun;
		const small = { ...RUNNER, metadata: { ...RUNNER.metadata, annotations: {} } };
		const namespace = large("PrismNamespace", {});
		for (const [url, payload] of [
			["/patternrunner/sync", composite(small)],
			["/prismnamespace/sync", decorator(namespace)],
		] as const)
			expect((await servers[1]?.app.inject({ method: "POST", url, payload }))?.statusCode).toBe(200);
		expect(begun).toBe(before);
	});
});

// ── The thread itself ───────────────────────────────────────────────────────────────────────────────────────────────

/** A thread that is told by a body's text what to do, and answers its own number. */
const OBEDIENT = `
import { parentPort, threadId } from "node:worker_threads";
parentPort.on("message", ({ id, begin }) => {
	const word = begin && Buffer.from(begin.bytes).toString();
	if (word === "exit") process.exit(1);
	if (word === "throw") throw new Error("a bug");
	if (word === "fill") for (const all = []; ; ) all.push(new Array(1000).fill(id));
	if (word === "hang") for (;;);
	if (begin) return parentPort.postMessage({ id, parent: { thread: threadId }, questions: [] });
	parentPort.postMessage({ id, failure: { name: "TypeError", message: "no", stack: "    at a (b.ts:1:2)" } });
});`;

describe("the thread", () => {
	const captured = captureLog();
	let opened: LargeBodies | undefined;
	afterEach(() => opened?.close());

	const open = (options: Partial<LargeBodiesOptions> = {}) => {
		const entry = new URL(`data:text/javascript,${encodeURIComponent(OBEDIENT)}`);
		opened = createLargeBodies({ entry, log: captured.log, ...options });
		return async (word: string) => {
			const context = { now: NOW, installation };
			const call = await opened?.begin({ path: "/toy/sync", bytes: Buffer.from(word), context });
			return { thread: valueAt(call?.parent, "thread"), call };
		};
	};

	test.each([
		["exit", {}, /was ended/],
		["throw", {}, /a bug/],
		["fill", { heapMib: 20 }, /memory/],
		["hang", { stuckMs: 5000 }, /busy for 5 s/],
	])(
		"fails all of its calls when it dies (%s), and is started again",
		{ timeout: 30_000 },
		async (word, options, cause) => {
			const say = open(options);
			const { thread, call } = await say("well");
			const lines = captured.lines("the thread for large bodies ended").length;
			await expect(say(word)).rejects.toThrow(cause);
			expect(captured.lines("the thread for large bodies ended")).toHaveLength(lines + 1);
			const next = await say("well");
			expect(next.thread).not.toBe(thread);
			next.call?.drop();
			call?.drop();
		},
	);

	test("throws what the hook threw", async () => {
		const say = open();
		const { call } = await say("well");
		await expect(call?.conclude(undefined)).rejects.toMatchObject({ name: "TypeError", message: "no" });
	});

	test("ends when it is idle, not while a call waits for proxies", async () => {
		const say = open({ idleMs: 200 });
		const first = await say("well");
		await new Promise((resolve) => setTimeout(resolve, 600));
		const second = await say("well");
		expect(second.thread).toBe(first.thread);
		first.call?.drop();
		second.call?.drop();
		await new Promise((resolve) => setTimeout(resolve, 600));
		const third = await say("well");
		expect(third.thread).not.toBe(first.thread);
		third.call?.drop();
		expect(captured.lines("the thread for large bodies ended")).toHaveLength(4);
	});
});
