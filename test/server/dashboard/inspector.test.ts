import { describe, expect, it } from "vitest";
import { RECORD_FORMAT } from "../../../schemas/recorded-call.ts";
import { API_VERSION } from "../../../schemas/vocabulary.ts";
import { readConfig } from "../../../server/config.ts";
import { textOfPage } from "../../../server/dashboard/html.ts";
import { inspector } from "../../../server/dashboard/inspector.ts";
import { causesOf, viewOf, wayFrom } from "../../../server/dashboard/view.ts";
import { type ObjectSummary, summaryOf } from "../../../server/object-summary.ts";

// Which of the objects that are not ready is the first cause, by what their statuses say beside their messages.

const NOW = "2026-01-01T00:00:00Z";

interface Told {
	readonly kind: string;
	readonly name: string;
	readonly reason: string;
	readonly phase?: string;
	readonly status?: Record<string, unknown>;
	readonly spec?: unknown;
}

const seen = ({ kind, name, reason, phase = "Failed", status = {}, spec = {} }: Told) =>
	summaryOf(
		{
			format: RECORD_FORMAT,
			hook: "sync",
			now: NOW,
			installation: readConfig({}).installation,
			parent: { apiVersion: API_VERSION, kind, metadata: { name, namespace: "team", generation: 1 }, spec },
			observed: [],
			related: [],
			answers: {},
			outcomes: {},
			response: {
				status: {
					observedGeneration: 1,
					phase,
					conditions: [
						{
							type: "Ready",
							status: "False",
							reason,
							message: "in words that nobody reads",
							observedGeneration: 1,
							lastTransitionTime: NOW,
						},
					],
					...status,
				},
				children: [],
			},
			redacted: [],
		},
		{ seenAt: 0, ms: 0 },
	);

/** Each cause with those that wait for it. */
const causes = (...objects: readonly Told[]): string[] =>
	causesOf(viewOf(objects.map(seen)))
		.map(({ first, behind }) => [first, ...behind].map(({ kind, name }) => `${kind} ${name}`).join(" < "))
		.toSorted();

const part = (name: string, phase: string, ready = false) => ({ name, phase, ready });
const FULL = { proxy: { desired: 2, ready: 2, summary: "2/2" }, admin: { desired: 1, ready: 1, summary: "1/1" } };
const stack = (reason: string, status: Record<string, unknown>): Told => ({
	kind: "PrismStack",
	name: "shop",
	reason,
	status,
});
const runner = (name: string, reason = "ReplicaFailure"): Told => ({ kind: "PatternRunner", name, reason });

describe("the first cause", () => {
	it("of a stack is the part that failed, and not one that is merely on its way", () => {
		const patterns = [part("a", "Pending"), part("b", "Failed"), part("c", "Running", true)];
		expect(causes(stack("PatternNotReady", { ...FULL, patterns }), runner("a"), runner("b"), runner("c"))).toEqual([
			"PatternRunner a",
			"PatternRunner b < PrismStack shop",
			"PatternRunner c",
		]);
	});

	it("is of the kind that the reason tells of", () => {
		const status = { ...FULL, patterns: [part("a", "Failed")], backends: [part("a", "Failed")] };
		const backend = { kind: "BackendConfig", name: "a", reason: "BackendUnhealthy" };
		expect(causes(stack("BackendNotReady", status), runner("a"), backend)).toEqual([
			"BackendConfig a < PrismStack shop",
			"PatternRunner a",
		]);
	});

	it("lies behind a runner's backend", () => {
		const waiting = { ...runner("a", "BackendNotReady"), spec: { backendConfig: { name: "redis" } } };
		const backend = { kind: "BackendConfig", name: "redis", reason: "BackendUnhealthy" };
		expect(causes(stack("PatternNotReady", { ...FULL, patterns: [part("a", "Degraded")] }), waiting, backend)).toEqual([
			"BackendConfig redis < PatternRunner a < PrismStack shop",
		]);
	});

	it("is on an object's own page, with the way to it", () => {
		const all = [
			stack("PatternNotReady", { ...FULL, patterns: [part("a", "Degraded")] }),
			{ ...runner("a", "BackendNotReady"), spec: { backendConfig: { name: "redis" } } },
			{ kind: "BackendConfig", name: "redis", reason: "BackendUnhealthy" },
		].map(seen);
		const page = (summary: ObjectSummary) => {
			const object = { summary, calls: [] };
			const way = wayFrom(summary, viewOf(all));
			return textOfPage(inspector({ object, way, callId: undefined, clusterId: "", replica: "", now: 0 }));
		};
		const [first, , last] = all;
		if (first === undefined || last === undefined) throw new Error("nothing was seen");
		expect(page(first)).toMatch(
			/First cause.*PrismStack <a[^>]*>shop<\/a> waits for PatternRunner <a[^>]*>a<\/a> waits for BackendConfig .*<code>BackendUnhealthy<\/code>/s,
		);
		for (const each of [first, last]) expect(page(each)).toContain("kubectl prism why backendconfig/redis -n team");
		expect(page(last)).not.toContain("waits for");
	});

	it("of what is under way is a part only once the stack's own workloads are there", () => {
		const patterns = [part("a", "Pending")];
		const late = { ...FULL, proxy: { desired: 2, ready: 1, summary: "1/2" } };
		expect(causes(stack("Progressing", { ...late, patterns }), runner("a"))).toEqual([
			"PatternRunner a",
			"PrismStack shop",
		]);
		expect(causes(stack("Progressing", { ...FULL, patterns }), runner("a"))).toEqual([
			"PatternRunner a < PrismStack shop",
		]);
	});

	it("is the stack itself where no part is not ready, or nobody has seen it", () => {
		expect(causes(stack("PatternNotReady", { ...FULL, patterns: [part("a", "Failed")] }), runner("b"))).toEqual([
			"PatternRunner b",
			"PrismStack shop",
		]);
		expect(causes(stack("ReplicasUnavailable", { ...FULL, patterns: [part("a", "Failed")] }), runner("a"))).toEqual([
			"PatternRunner a",
			"PrismStack shop",
		]);
	});
});
