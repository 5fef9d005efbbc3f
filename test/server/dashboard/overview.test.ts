import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { API_VERSION } from "../../../schemas/vocabulary.ts";
import { createCallHistory, type MostObjects } from "../../../server/call-history.ts";
import { textOfPage } from "../../../server/dashboard/html.ts";
import { footer, overview } from "../../../server/dashboard/overview.ts";
import { captureLog, installation } from "../toy.ts";

const NOW = "2026-01-01T01:00:00Z";
const now = Date.parse(NOW);

interface Told {
	readonly kind: string;
	readonly name: string;
	readonly namespace?: string;
	/** "": Ready. */
	readonly reason: string;
	readonly phase?: string;
	readonly message?: string;
}

async function shown(objects: readonly Told[], most?: MostObjects) {
	const history = createCallHistory({
		limits: { callsPerObject: 1, bytes: 8 * 1024 * 1024 },
		log: captureLog().log,
		clock: () => now,
		...(most && { most }),
	});
	for (const { kind, name, namespace = "team", reason, phase = "Failed", message = "m" } of objects) {
		const parent = { apiVersion: API_VERSION, kind, metadata: { name, namespace, generation: 1 }, spec: {} };
		const condition = {
			type: "Ready",
			status: reason === "" ? "True" : "False",
			reason: reason || "Ready",
			message,
			observedGeneration: 1,
			lastTransitionTime: "2026-01-01T00:00:00Z",
		};
		history.keep(
			{
				hook: "/x/sync",
				parent,
				request: { controller: {}, parent, children: {}, related: {}, finalizing: false },
			},
			{
				context: { now: NOW, installation },
				answer: {
					status: { observedGeneration: 1, phase: reason === "" ? "Ready" : phase, conditions: [condition] },
					children: [],
				},
			},
		);
		await turn();
	}
	return { history, clusterId: "eu", replica: "pod-1", startedAt: now - 3_600_000, now };
}
const textOf = async (...given: Parameters<typeof shown>) => textOfPage(overview(await shown(...given)));

const GOOD = { kind: "PrismShard", name: "a", reason: "" };
const BAD = { kind: "PrismShard", name: "b", reason: "PodsFailing" };
const WAITING = { kind: "PrismShard", name: "c", reason: "Progressing", phase: "Progressing" };

it.each<[string, Told[], string]>([
	["nothing", [], "✔ all ready"],
	["what is ready", [GOOD], "✔ all ready"],
	["what is in progress", [GOOD, WAITING], "… 1 in progress"],
	["what fails, first", [GOOD, WAITING, BAD], "✖ 1 failing"],
])("the title tells %s", async (_, objects, title) => {
	expect(await textOf(objects)).toMatch(new RegExp(`<title>[^<]*${title}`));
});

it.each<[string, Told[], string[], string[]]>([
	["no call", [], ["No webhook calls yet"], [`class="tally"`, `href="#shards"`]],
	[
		"one object",
		[GOOD],
		["Of the 1 object ", `href="#shards"`, "none needs a fix"],
		[`href="#stacks"`, "No webhook calls"],
	],
	["a problem", [GOOD, BAD], ["Of the 2 objects ", "<code>PodsFailing</code>", "1 h · "], ["none needs a fix"]],
])("a page with %s", async (_, objects, parts, absent) => {
	const text = await textOf(objects);
	for (const part of parts) expect(text).toContain(part);
	for (const part of absent) expect(text).not.toContain(part);
});

it("problems with one reason and message share a card, with the namespaces that differ", async () => {
	const text = await textOf([
		BAD,
		{ ...BAD, name: "b2", namespace: "other" },
		{ ...BAD, name: "b3", message: "another" },
		{ ...BAD, kind: "PrismPlugin", name: "p" },
	]);
	const cards = text.split(`<li class="card`).slice(1);
	expect(cards).toHaveLength(3);
	expect(text).toContain("1 more with the same message");
	expect(text).toContain(">b2</a>");
	expect(text).toMatch(/>other\/b2<\/a>|>team\/b<\/a>/);
});

it("causes beyond the first 50 are counted", async () => {
	const objects = Array.from({ length: 53 }, (_, index) => ({ ...BAD, name: `b${index}`, message: `m${index}` }));
	expect(await textOf(objects)).toContain("and 3 more causes");
});

it("objects for which there is no space are counted", async () => {
	const objects = [GOOD, BAD, WAITING];
	expect(await textOf(objects)).not.toContain("Not counted");
	expect(await textOf(objects, { kept: 1, uncounted: 9 })).toContain("Not counted: 2 objects");
	expect(await textOf(objects, { kept: 1, uncounted: 2 })).toContain("Not counted: 2 or more objects");
});

it("the footer names the replica, its start, and the size of the history", async () => {
	const text = textOfPage(footer(await shown([])));
	for (const part of [">pod-1</b>", "1 h ago", "0.0 of at most 8 MiB"]) expect(text).toContain(part);
});
