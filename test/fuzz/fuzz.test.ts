import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCampaign } from "./campaign.ts";
import type { Bug } from "./target.ts";
import { ANSWERS, findingsOf, findingsOfLog } from "./verdict.ts";

// A small campaign of hostile bodies; `make fuzz` runs large ones. And whether a campaign finds what is wrong at all.

it("takes some thousand hostile bodies as if nothing happened", { timeout: 300_000 }, async () => {
	const { findings, cases, sound, health } = await runCampaign({ seed: 20260101, bodies: 3000, seconds: 250 });
	expect(findings).toEqual([]);
	expect(cases).toBe(3000);
	expect(sound).toBeGreaterThan(600);
	expect(health.asked).toBeGreaterThan(0);
});

describe("a campaign finds a server that", () => {
	it.each<readonly [Bug, RegExp]>([
		["throws", /answered 500|tells of a failure/],
		["tells", /a log line shows what was sent/],
		// On a machine that has no processor to spare, silence is excused, and what is left is that it no longer tells its memory.
		["hangs", /healthz is not answered|nobody answered|does not say how much memory/],
		["forgets", /answered otherwise than ever/],
		["ends", /the server ended: 3/],
		["hoards", /the heap grew|the server ended|the process took/],
	])("%s", { timeout: 200_000 }, async (planted, expected) => {
		const { findings } = await runCampaign({ seed: 3, bodies: 1200, seconds: 150, planted, atMost: 1 });
		expect(findings.join("\n")).toMatch(expected);
	});
});

describe("a verdict", () => {
	const attack = { kind: "x", path: "/x", expected: [{ statuses: [400] }] };
	const reply = (status: number, body: string) => ({
		replies: [{ status, headers: {}, body }],
		ended: "open" as const,
	});

	it.each([
		["what was sent", reply(400, '{"error":"c4n4ry"}'), /quotes/],
		["a stack", reply(400, '{"error":"x\\n"}\n    at Object.sync (file:///app/server/app.ts:1:2)'), /stack/],
		["another status", reply(503, '{"error":"x"}'), /answered 503 instead of 400(.|\n)*no documented answer/],
		["another form", reply(400, '{"error":"x","more":1}'), /another form/],
		["no answer", { replies: [], ended: "closed" as const }, /missing/],
		["an open connection", { replies: [], ended: "hung" as const }, /nobody answered/],
		[
			"an answer too many",
			{ replies: [...reply(400, "{}").replies, ...reply(400, "").replies], ended: "open" as const },
			/nobody asked/,
		],
	])("tells of %s", (_, outcome, expected) => {
		expect(findingsOf(attack, outcome, Date.now()).join("\n")).toMatch(expected);
	});

	it("tells of a failure in the log", () => {
		expect(findingsOfLog('{"level":50,"msg":"hook failed"}\n')).toHaveLength(1);
		expect(findingsOfLog('{"level":30,"msg":"hook answered"}\n')).toEqual([]);
	});

	it("knows the answers that are documented, and no others", () => {
		const page = readFileSync(new URL("../../docs/robustness-hostile.md", import.meta.url), "utf8");
		const [described = ""] = page.split("## What was run");
		const rows = [...described.matchAll(/^\| (\d{3}) \| (.*) \|$/gm)].map(([, status, meaning]) => [status, meaning]);
		expect(rows).toEqual(Object.entries(ANSWERS));
	});
});
