import { describe, expect, it } from "vitest";
import { RECORD_FORMAT } from "../../../schemas/recorded-call.ts";
import { API_VERSION } from "../../../schemas/vocabulary.ts";
import { readConfig } from "../../../server/config.ts";
import { textOfPage } from "../../../server/dashboard/html.ts";
import { listing, listingPath, picked, queryOf } from "../../../server/dashboard/listing.ts";
import { viewOf } from "../../../server/dashboard/view.ts";
import { summaryOf } from "../../../server/object-summary.ts";

// Objects in their thousands: all of them are counted, and each can be found.

const NOW = "2026-01-01T00:00:00Z";
const COUNT = 5000;
const { installation } = readConfig({});

const seen = (index: number) => {
	const isReady = index % 50 !== 0;
	const condition = {
		type: "Ready",
		status: isReady ? "True" : "False",
		reason: isReady ? "NamespaceReady" : "NoMatchingShard",
		message: "told",
		observedGeneration: 1,
		lastTransitionTime: NOW,
	};
	const metadata = { name: `tenant-${index}`, namespace: `team-${index % 10}`, uid: `${index}`, generation: 1 };
	const call = {
		format: RECORD_FORMAT as typeof RECORD_FORMAT,
		hook: "sync" as const,
		now: NOW,
		installation,
		parent: { apiVersion: API_VERSION, kind: index % 2 === 0 ? "PrismNamespace" : "PatternRunner", metadata, spec: {} },
		observed: [],
		related: [],
		answers: {},
		outcomes: {},
		response: {
			status: {
				observedGeneration: 1,
				phase: isReady ? "Ready" : "Failed",
				conditions: [condition],
				...(index % 20 === 0 && { placements: [{ roster: "prism-live", namespace: "pool", state: "Active" }] }),
			},
			children: [],
		},
		redacted: [],
	};
	return summaryOf(call, { seenAt: 0, ms: 0 });
};

const view = viewOf(Array.from({ length: COUNT }, (_, index) => seen(index)));
const found = (query: string) => picked(view, queryOf(new URLSearchParams(query)));

describe("the list of objects", () => {
	it("counts every one of them", () => {
		expect(view.tally).toEqual({ bad: 100, waiting: 0, idle: 0, good: 4900 });
		expect(found("")).toHaveLength(COUNT);
	});

	it.each([
		["kind=PatternRunner", 2500],
		["namespace=team-3", 500],
		["state=bad", 100],
		["q=NoMatching", 100],
		["q=tenant-4999", 1],
		["q=team-3/", 500],
		["q=prism-live", 250],
		["kind=PrismNamespace&state=good&namespace=team-2", 500],
		["state=nothing", 0],
		["page=x", COUNT],
	])("is looked through by %s", (query, count) => expect(found(query)).toHaveLength(count));

	it("begins with what needs somebody", () => {
		expect(found("").slice(0, 100)).toEqual(found("state=bad"));
	});

	it("is shown a page at a time, with the way to the others", () => {
		const page = (query: string) =>
			textOfPage(
				listing({
					view,
					query: queryOf(new URLSearchParams(query)),
					clusterId: "",
					replica: "",
					now: 0,
					footer: undefined,
				}),
			);
		const first = page("state=good");
		expect(first).toContain("4900 of 5000 objects of this replica, page 1 of 49");
		expect(first.match(/<td class="name">/g)).toHaveLength(100);
		expect(first).toContain('href="/objects?state=good&amp;page=2" id="next"');
		expect(first).toContain('href="/objects?state=good&amp;page=49" id="last"');
		expect(first).not.toContain('id="previous"');
		expect(page("state=good&page=999")).toContain("page 49 of 49");
		expect(page("q=%22%3E%3Cscript%3E")).not.toContain('<script>"');
	});

	it("has an address for every query", () => {
		expect(listingPath({})).toBe("/objects");
		expect(listingPath({ text: "a b", state: "bad", page: 2 })).toBe("/objects?q=a+b&state=bad&page=2");
	});
});
