import { expect, it } from "vitest";
import { html, type Part, textOfPage } from "../../../server/dashboard/html.ts";
import {
	ago,
	duration,
	firstOf,
	idOf,
	moreThan,
	notReadyBecause,
	objectPath,
	otherConditions,
	progressBar,
	seenAge,
	since,
	standingWithReason,
	workloads,
} from "../../../server/dashboard/parts.ts";
import { type Standing, standingOf } from "../../../server/dashboard/view.ts";
import { ready, seen } from "./seen.ts";

const textOf = (part: Part): string => textOfPage(html`${part}`);
const NOW = Date.parse("2026-01-01T00:00:00Z");

it.each([
	[-5, "0 s"],
	[0.4, "0 s"],
	[59, "59 s"],
	// Two units of a minute and an hour: "90 s" is more precise than "1 min".
	[119, "119 s"],
	[120, "2 min"],
	[3599, "59 min"],
	[3600, "1 h"],
	[86_399, "23 h"],
	[86_400, "1 d"],
	[864_000, "10 d"],
])("%d seconds are %s", (seconds, text) => {
	expect(duration(seconds)).toBe(text);
});

it.each([
	["none", "", ""],
	["an invalid one", "yesterday", ""],
	["this moment", "2025-12-31T23:59:59Z", `<time datetime="2025-12-31T23:59:59.000Z">just now</time>`],
	["two seconds", "2025-12-31T23:59:58Z", `<time datetime="2025-12-31T23:59:58.000Z">2 s ago</time>`],
	["the future", "2026-01-01T00:01:00Z", `<time datetime="2026-01-01T00:01:00.000Z">just now</time>`],
])("the age of a time: %s", (_, time, text) => {
	expect(textOf(since(time === "" ? undefined : time, NOW))).toBe(text);
	expect(textOf(ago(Date.parse(time), NOW))).toBe(text);
});

it.each([
	[6 * 60_000, "seen <time"],
	[6 * 60_000 + 1, "not seen for 6 min"],
])("an object that was seen %d ms ago is %s", (ms, text) => {
	expect(textOf(seenAge(seen("A", "a", "healthy", { seenAt: NOW - ms }), NOW))).toContain(text);
});

it("a path and an ID hold any name", () => {
	expect(objectPath({ kind: "A", namespace: "", name: "a/b c" })).toBe("/object/A//a%2Fb%20c");
	expect(idOf("parts", "A", "a b")).toBe("parts-A-a%20b");
});

it.each([
	[{ done: 1, of: 3 }, `max="3" value="1"`, "1/3"],
	[{ done: 5, of: 3 }, `max="3" value="3"`, "5/3"],
	[{ done: 0, of: 0 }, `max="1" value="0"`, "0/0"],
])("progress of %o", (progress, attributes, text) => {
	const bar = textOf(progressBar(progress, "pods"));
	expect(bar).toContain(attributes);
	expect(bar.endsWith(` ${text}`)).toBe(true);
});

it.each<[string, Partial<Standing>, string]>([
	["neither", { reason: "", message: "" }, ""],
	["a reason", { reason: "R", message: "" }, `<p class="why"><code>R</code> </p>`],
	["a message", { reason: "", message: "m" }, `<p class="why">m</p>`],
])("why an object is not ready: %s", (_, change, text) => {
	expect(textOf(notReadyBecause({ ...standingOf(seen("A", "a")), ...change }))).toBe(text);
});

it("only an object with a problem has its reason beside its state", () => {
	const textOfHealth = (health: "healthy" | "degraded") =>
		textOf(standingWithReason(standingOf(seen("A", "a", health, { conditions: ready("Whatever") }))));
	expect(textOfHealth("degraded")).toContain("<code>Whatever</code>");
	expect(textOfHealth("healthy")).not.toContain("Whatever");
});

it("other conditions are those that are true, and of two types", () => {
	const [condition] = ready("R");
	if (condition === undefined) throw new Error("no condition");
	const conditions = [
		{ ...condition, type: "Warning", status: "True" as const, message: "w" },
		{ ...condition, type: "Paused", status: "False" as const, message: "p" },
		{ ...condition, type: "Stalled", status: "True" as const, message: "s" },
	];
	expect(textOf(otherConditions(seen("A", "a", "healthy", { conditions })))).toBe(
		`<p class="why small"><strong>Warning:</strong> w</p>`,
	);
});

it.each([
	[2, undefined, "ab", ""],
	[1, undefined, "a", "and 1 more"],
	[0, "/x?a=1&b", "", `and 2 more: <a href="/x?a=1&amp;b">search</a>`],
])("of two items at most %d are shown, and how many there are beside", (most, allAt, shown, more) => {
	const text = textOf(firstOf(["a", "b"], most, (item) => html`${item}`, allAt));
	expect(text).toBe(more === "" ? shown : `${shown}<li class="muted"><span>${more}</span></li>`);
	expect(textOf(moreThan(most, ["a", "b"], allAt))).toBe(more === "" ? "" : `<p class="muted">${more}</p>`);
});

it.each([
	["complete", { updated: 2, available: 2 }, false],
	["of more pods than desired", { updated: 3, available: 3 }, false],
	["not updated", { updated: 1, available: 2 }, true],
	["not available", { updated: 2, available: 1 }, true],
])("a rollout that is %s", (_, counts, isShown) => {
	const list = [{ kind: "Deployment", name: "proxy", desired: 2, ...counts }];
	expect(textOf(workloads(seen("A", "a", "healthy", { workloads: list }))).includes("<code>proxy</code>")).toBe(
		isShown,
	);
});
