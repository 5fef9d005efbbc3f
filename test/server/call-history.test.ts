import { Session } from "node:inspector/promises";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest, CompositeResponse } from "../../schemas/metacontroller.ts";
import {
	type CallHistoryLimits,
	createCallHistory,
	FORGOTTEN_MS,
	type MostObjects,
} from "../../server/call-history.ts";
import { captureLog, installation, NOW, syncBody, toy, toyApp, toyRow } from "./toy.ts";

// What the server keeps of calls for people: never too much, never a credential, and nothing at all unless it is wanted.

const MIB = 1024 * 1024;
const CANARY = "hunter2CANARY";

const kept = (limits: Partial<CallHistoryLimits> = {}, most?: MostObjects) => {
	let now = 1_000_000;
	const captured = captureLog();
	const history = createCallHistory({
		limits: { callsPerObject: 3, bytes: MIB, ...limits },
		log: captured.log,
		clock: () => now,
		...(most && { most }),
	});
	const keep = async (
		change: Partial<KubeObject["metadata"]> = {},
		answer: Partial<CompositeResponse> = {},
		spec = {},
	) => {
		const parent: KubeObject = { ...toy, spec, metadata: { ...toy.metadata, uid: "u", ...change } };
		const request: CompositeRequest = { controller: {}, parent, children: {}, related: {}, finalizing: false };
		const call = { hook: "/toy/sync", parent, request };
		history.keep(call, {
			context: { now: NOW, installation },
			answer: { status: {}, children: [], ...answer },
			ms: 1.5,
		});
		await turn();
	};
	const pass = (ms: number) => {
		now += ms;
	};
	const names = () => history.summaries().map(({ name }) => name);
	return { history, keep, pass, names, captured };
};

describe("of each object", () => {
	test("the last calls are kept, newest first", async () => {
		const { history, keep } = kept();
		for (const generation of [1, 2, 3, 4, 5]) await keep({ generation });
		const calls = history.object("Toy", "nursery/car")?.calls ?? [];
		expect(calls.map((call) => call.read()?.parent.metadata.generation)).toEqual([5, 4, 3]);
		expect(calls.map(({ id, hook, ms }) => [id, hook, ms])).toEqual([
			[5, "sync", 1.5],
			[4, "sync", 1.5],
			[3, "sync", 1.5],
		]);
	});

	test("nothing is left once it is finalized", async () => {
		const { history, keep } = kept();
		await keep();
		expect(history.bytes()).toBeGreaterThan(0);
		await keep({}, { finalized: true });
		expect([history.object("Toy", "nursery/car"), history.bytes()]).toEqual([undefined, 0]);
	});

	test("nothing is left of another one of the same name", async () => {
		const { history, keep } = kept();
		await keep({ uid: "before" });
		await keep({ uid: "after" });
		expect(history.object("Toy", "nursery/car")?.calls).toHaveLength(1);
	});

	test("nothing is left when it was not seen for 15 minutes", async () => {
		const { keep, pass, names, history } = kept();
		await keep({ name: "old" });
		pass(FORGOTTEN_MS / 2);
		await keep({ name: "new" });
		pass(FORGOTTEN_MS / 2 + 1);
		expect(names()).toEqual(["new"]);
		expect(history.object("Toy", "nursery/old")).toBeUndefined();
	});
});

describe("of all together", () => {
	test("the oldest calls go first, and an object's last one only when nothing else is left", async () => {
		const { history, keep, names } = kept({ bytes: 10_000 });
		const spec = { text: "x".repeat(2000) };
		await keep({ name: "quiet" }, {}, spec);
		for (let count = 0; count < 10; count += 1) await keep({ name: "loud" }, {}, spec);
		expect(history.bytes()).toBeLessThanOrEqual(10_000);
		expect(history.object("Toy", "nursery/quiet")?.calls).toHaveLength(1);
		for (const name of ["a", "b", "c", "d", "e"]) await keep({ name }, {}, spec);
		expect(history.bytes()).toBeLessThanOrEqual(10_000);
		expect(history.object("Toy", "nursery/quiet")?.calls).toHaveLength(0);
		expect(names()).toContain("quiet");
	});

	test("a call that is too large is told of, and not kept", async () => {
		const { history, keep } = kept({ bytes: MIB });
		await keep({}, {}, { text: "x".repeat(MIB) });
		const [call] = history.object("Toy", "nursery/car")?.calls ?? [];
		expect([call?.hook, call?.read(), history.bytes()]).toEqual(["sync", undefined, 0]);
	});

	test("there are so many objects at most, and those that there is no room for are counted", async () => {
		const { history, keep, names } = kept({}, { kept: 100, uncounted: 1000 });
		for (let count = 0; count < 110; count += 1) await keep({ name: `n${count}` });
		expect(names()).toHaveLength(100);
		expect(names()).not.toContain("n9");
		expect(history.uncounted().objects).toBe(10);
		await keep({ name: "n9" });
		expect(history.uncounted()).toEqual({ objects: 10, orMore: false, calls: 0 });
		expect(names()).toContain("n9");
	});

	test("what there is no room for is known by name up to a limit", async () => {
		const { history, keep, pass } = kept({}, { kept: 1, uncounted: 3 });
		for (let count = 0; count < 9; count += 1) await keep({ name: `n${count}` });
		expect(history.uncounted()).toEqual({ objects: 3, orMore: true, calls: 0 });
		pass(FORGOTTEN_MS + 1);
		expect(history.uncounted()).toEqual({ objects: 0, orMore: false, calls: 0 });
	});

	test("calls that come faster than they can be kept are left out", async () => {
		const { history } = kept({ callsPerObject: 1000 });
		const parent: KubeObject = toy;
		const request: CompositeRequest = { controller: {}, parent, children: {}, related: {}, finalizing: false };
		const end = { context: { now: NOW, installation }, answer: { status: {}, children: [] } };
		for (let count = 0; count < 500; count += 1) history.keep({ hook: "/toy/sync", parent, request }, end);
		await turn();
		expect(history.object("Toy", "nursery/car")?.calls.length).toBeLessThanOrEqual(64);
	});
});

describe("in the server", () => {
	const journalled = (rows = toyRow()) => {
		const { history } = kept();
		return { history, ...toyApp(rows, { history }) };
	};

	test("a call that was answered is kept as it was made", async () => {
		const { history, post } = journalled();
		const related = {
			"Secret.v1": { "nursery/s": { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { k: "eA==" } } },
		};
		await post("/toy/sync", syncBody({ related }));
		await turn();
		const call = history.object("Toy", "nursery/car")?.calls[0]?.read();
		expect(call).toMatchObject({
			hook: "sync",
			now: NOW,
			parent: { spec: toy["spec"] },
			redacted: ["Secret s: data.k"],
		});
		expect(call?.response?.children).toHaveLength(1);
	});

	test("finalize is told from sync, and customize is not kept", async () => {
		const { history, post } = journalled();
		await post("/toy/customize", { controller: {}, parent: toy });
		await turn();
		expect(history.summaries()).toEqual([]);
	});

	test("a hook that throws is kept with what it threw", async () => {
		const failing = toyRow(() => {
			throw new TypeError(`cannot read redis://u:${CANARY}@h`);
		});
		const { history, post } = journalled(failing);
		expect((await post("/toy/sync", syncBody())).statusCode).toBe(500);
		await turn();
		const found = history.object("Toy", "nursery/car");
		expect(found?.calls[0]?.failed).toBe(true);
		expect(found?.summary.failure).toMatch(
			/^TypeError: cannot read redis:\/\/REDACTED@h \(error [0-9a-f]{8} in the log\)$/,
		);
	});

	test("what can't be kept is no failure of the hook", async () => {
		const { history, captured } = kept();
		const { post } = toyApp(toyRow(), { history: { ...history, keep: (_call, end) => history.keep(bad, end) } });
		expect((await post("/toy/sync", syncBody())).statusCode).toBe(200);
		await turn();
		expect(captured.lines("cannot keep a call for the dashboard")).toHaveLength(1);
	});

	test("nothing of it is ever allocated when it is off", async () => {
		const allocating = async (change: Parameters<typeof toyApp>[1]) => {
			const { post } = toyApp(toyRow(), change);
			const session = new Session();
			session.connect();
			await session.post("HeapProfiler.startSampling", {
				samplingInterval: 64,
				includeObjectsCollectedByMajorGC: true,
				includeObjectsCollectedByMinorGC: true,
			});
			for (let count = 0; count < 50; count += 1) await post("/toy/sync", syncBody());
			await turn();
			const { profile } = await session.post("HeapProfiler.stopSampling");
			session.disconnect();
			return filesOf(profile.head);
		};
		const ours = (files: ReadonlySet<string>) =>
			[...files].filter(
				(file) =>
					/\/(server\/(call-history|object-summary|object-details|dashboard)|hooks\/recorded|kube\/redaction)/.test(
						file,
					) && !file.includes("/test/"),
			);
		expect(ours(await allocating({ history: kept().history })).length).toBeGreaterThan(1);
		expect(ours(await allocating({}))).toEqual([]);
	});
});

/** A call whose parent is none. */
const bad = { hook: "/toy/sync", parent: toy, request: {} as unknown as CompositeRequest };

interface ProfileNode {
	readonly callFrame: { readonly url: string };
	readonly selfSize: number;
	readonly children: readonly ProfileNode[];
}

const filesOf = ({ callFrame, selfSize, children }: ProfileNode): Set<string> =>
	new Set([...(selfSize > 0 ? [callFrame.url] : []), ...children.flatMap((child) => [...filesOf(child)])]);
