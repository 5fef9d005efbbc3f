import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { recordedCall, redactedResponse, replayed } from "../../hooks/recorded-call.ts";
import { isComposite } from "../../kube/hook.ts";
import { admitted, syncRequest } from "../../kube/offline.ts";
import { answered, caseFiles, parseCall, rehashed } from "../../plugin/record/golden-case.ts";
import { rowOf } from "../../plugin/render/render.ts";
import { type Answer, type Outside, unanswered } from "../../schemas/admin.ts";
import type { Context } from "../../schemas/installation.ts";
import type { RecordedCall } from "../../schemas/recorded-call.ts";
import { printManifests, readManifests } from "../../yaml/manifests.ts";
import { casesIn } from "../golden-cases.ts";
import { INSTALLATION } from "../installation.ts";
import { stagesOf } from "../stages.ts";
import type { Trouble } from "./namespace-proxies.ts";
import { NamespaceWorld } from "./namespace-world.ts";

// A call that was recorded and is made again gives the same answer, whatever was asked and told meanwhile.

const NOW = "2026-01-01T00:00:00Z";

/** As it comes back from a file or over HTTP. */
const stored = (call: RecordedCall): RecordedCall => parseCall(JSON.stringify(call), "the test");

describe("a composite", () => {
	const context: Context = { now: NOW, installation: { ...INSTALLATION, inlineCredentials: true }, revision: "test-1" };
	let rehashes = 0;
	test.each(casesIn(join(import.meta.dirname, "../golden")))("$name", ({ input }) => {
		for (const { object } of readManifests(input)) {
			const row = rowOf(object);
			if (row === undefined || !isComposite(row)) continue;
			const parent = admitted(row.parent, object, NOW);
			const request = syncRequest(parent, row.children, [], []);
			const answers = unanswered(stagesOf(row).ask(request, context));
			const outside: Outside = { answers, results: [] };
			const response = row.sync(request, context, outside);
			// Its children are there the next time.
			const next = syncRequest({ ...parent, status: response.status }, row.children, response.children, []);
			for (const made of [request, next]) {
				const answer = row.sync(made, context, outside);
				const call = stored(recordedCall({ hook: "sync", request: made, context, outside, response: answer }));
				if (call.redacted.length > 0) {
					const again = rehashed(row, call);
					if (JSON.stringify(again) !== JSON.stringify(call)) rehashes += 1;
					expect(redactedResponse(replayed(row, again))).toEqual(again.response);
					continue;
				}
				expect(call.response).toEqual(JSON.parse(JSON.stringify(answer)));
				expect(replayed(row, call)).toEqual(answer);
			}
		}
	});

	test("has its hashes made anew, where credentials were taken out", () => expect(rehashes).toBeGreaterThan(0));
});

describe("a decorator, with what instances said and did", () => {
	const troubles: readonly (Trouble | undefined)[] = [
		undefined,
		{ kind: "down", failure: "Unreachable" },
		{ kind: "failsCalls", failure: "DeadlineExceeded" },
		{ kind: "refuses", message: "quota exceeded" },
		{ kind: "commitsAndFails" },
		{ kind: "lies" },
		{ kind: "noReadBack" },
	];

	test.each(troubles)("%o", (trouble) => {
		const world = new NamespaceWorld({ backend: "postgres", pattern: "keyvalue", shard: { product: "playback" } });
		world.relate({ name: "prism-a", replicas: 2 });
		let compared = 0;
		const told = new Set<string>();
		const step = () => {
			const request = world.request();
			const outside = world.outside(request);
			const { context } = world;
			const response = world.conclude(request, outside);
			const hook = request.finalizing ? "finalize" : "sync";
			const call = stored(recordedCall({ hook, request, context, outside, response }));
			const { attachments, ...rest } = response;
			expect(redactedResponse(replayed(prismNamespace, call))).toEqual({ ...rest, children: attachments });
			for (const name of Object.keys(call.answers)) told.add(`answer ${name}`);
			for (const name of Object.keys(call.outcomes)) told.add(`outcome ${name}`);
			compared += 1;
			world.pass(Math.ceil(response.resyncAfterSeconds ?? 1));
		};
		for (let count = 0; count < 4; count += 1) step();
		world.at("prism-a", 1).trouble = trouble;
		world.edit({ backend: "postgres", pattern: "keyvalue", shard: { product: "playback" }, quotas: { maxKeys: 7 } });
		for (let count = 0; count < 6; count += 1) step();
		world.at("prism-a", 1).trouble = undefined;
		world.delete();
		for (let count = 0; count < 4 && !world.finalized; count += 1) step();
		expect(compared).toBeGreaterThan(10);
		// It is no proof of anything, if nobody was asked.
		expect([...told].toSorted()).toEqual([
			"answer prism-a-0",
			"answer prism-a-1",
			"outcome prism-a-0",
			"outcome prism-a-1",
		]);
	});

	test("instances of one name in two namespaces are kept apart", () => {
		const world = new NamespaceWorld({ backend: "postgres", pattern: "keyvalue", shard: { product: "playback" } });
		world.relate({ name: "prism-a", replicas: 1 });
		const question = (namespace: string) => ({
			about: "namespace" as const,
			instance: { name: "prism-a-0", address: `a.${namespace}`, namespace },
			namespaceId: "profiles",
		});
		const answers: Answer[] = [
			{ question: question("team"), answer: { state: "unverifiable" } },
			{ question: question("other"), answer: { state: "unknown", failure: "NotReady" } },
		];
		const request = world.request();
		const call = recordedCall({ hook: "sync", request, context: world.context, outside: { answers, results: [] } });
		expect(Object.keys(call.answers)).toEqual(["team/prism-a-0", "other/prism-a-0"]);
	});
});

describe("the files of a case", () => {
	const world = new NamespaceWorld({ backend: "postgres", pattern: "keyvalue", shard: { product: "playback" } });
	world.relate({ name: "prism-a", replicas: 1 });
	const request = world.request();
	const response = prismNamespace.sync(request, world.context);
	const call = recordedCall({ hook: "sync", request, context: world.context, response });

	test("leave out what says nothing", () => {
		expect([...caseFiles(call).keys()]).toEqual(["in", "related", "installation", "call", "out"]);
	});

	test("tell what the hook threw, and have no answer then", () => {
		const { response: _response, ...rest } = call;
		const files = caseFiles({
			...rest,
			failure: "TypeError: x\nof undefined",
			redacted: ["PrismNamespace a: spec.url"],
		});
		expect(files.get("out")).toBeUndefined();
		expect(files.get("in")).toContain("# The hook failed: TypeError: x of undefined\n");
		expect(files.get("in")).toContain("#   PrismNamespace a: spec.url\n");
	});

	test("have in out.yaml all that was answered", () => {
		expect(caseFiles(call).get("out")).toBe(
			printManifests(answered(call, redactedResponse(replayed(prismNamespace, call)))),
		);
		expect(caseFiles(call).get("out")).toContain("resyncAfterSeconds:");
	});
});
