import { describe, expect, it } from "vitest";
import {
	conditionOf,
	missingChildren,
	missingResync,
	notCreated,
	statusHead,
	type Verdict,
} from "../../kube/conditions.ts";
import { objectMap } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Finding, Warning } from "../../schemas/findings/finding.ts";
import { findingText, warningText } from "../../schemas/messages/text.ts";

const EARLIER = "2025-12-31T00:00:00Z";
const NOW = "2026-01-01T00:00:00Z";

const ready: Verdict = { ready: "True", phase: "Running", finding: { reason: "ScaledToZero" } };
const soon = { reason: "Progressing", about: "part", part: { kind: "Widget", name: "w" } } as const;
const never = (words: string): Finding => ({
	reason: "InvalidSpec",
	about: "fields",
	problems: [{ field: "spec", expected: { words } }],
});
const pending: Verdict = { ready: "False", phase: "Pending", finding: soon };
const failed: Verdict = { ready: "False", phase: "Failed", finding: never("never"), stalled: true };
const unknown: Verdict = { ready: "Unknown", phase: "Pending", finding: soon };

const parent = (status?: unknown, generation = 1): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PatternRunner",
	metadata: { name: "p", namespace: "n", generation },
	status,
});

const head = (
	verdict: Verdict,
	previous?: unknown,
	rest: { warnings?: Warning[]; paused?: Finding; generation?: number } = {},
) =>
	statusHead({
		parent: parent(previous, rest.generation),
		verdict,
		warnings: rest.warnings ?? [],
		paused: rest.paused,
		missing: [],
		now: NOW,
	});

const types = (status: { conditions: { type: string }[] }) => status.conditions.map(({ type }) => type);

describe("conditions", () => {
	it.each([
		{ reason: "ready", verdict: ready, expected: ["Ready"] },
		{ reason: "under way", verdict: pending, expected: ["Ready", "Reconciling"] },
		{ reason: "unknown", verdict: unknown, expected: ["Ready", "Reconciling"] },
		{ reason: "stuck", verdict: failed, expected: ["Ready", "Stalled"] },
	])("are there only while they are True: $reason", ({ verdict, expected }) => {
		const status = head(verdict);
		expect(types(status)).toEqual(expected);
		for (const condition of status.conditions.slice(1)) expect(condition.status).toBe("True");
	});

	it("tell of a pause and of warnings, sorted and each once", () => {
		const paused = { reason: "PausedByAnnotation", about: "children", annotation: "frozen" } as const;
		const warning = (place: string) => ({ warning: "NotRevoked", place }) as const;
		const status = head(ready, undefined, { paused, warnings: [warning("b"), warning("a"), warning("b")] });
		expect(types(status)).toEqual(["Ready", "Paused", "Warning"]);
		expect(status.conditions[1]?.message).toContain("until the annotation frozen is removed");
		const [a, b] = ["a", "b"].map((place) => warningText(warning(place)));
		expect(status.conditions[2]).toMatchObject({ status: "True", reason: "Warnings", message: `${a}; ${b}` });
	});

	it("say no more than a condition may", () => {
		const [condition] = head({ ...failed, finding: never("x".repeat(40_000)) }).conditions;
		expect(condition?.message).toHaveLength(32_768);
		expect(condition?.message.endsWith("x...")).toBe(true);
	});

	it("each carry the generation that they were computed from", () => {
		const status = head(pending, undefined, { generation: 7 });
		expect(status.observedGeneration).toBe(7);
		expect(status.conditions.map(({ observedGeneration }) => observedGeneration)).toEqual([7, 7]);
	});

	const was = (status: string, reason = "Progressing", message = "old") => ({
		conditions: [{ type: "Ready", status, reason, message, lastTransitionTime: EARLIER }],
	});

	it.each([
		{ reason: "there was none", previous: undefined, verdict: ready, moved: true },
		{ reason: "False becomes True", previous: was("False"), verdict: ready, moved: true },
		{ reason: "Unknown becomes False", previous: was("Unknown"), verdict: pending, moved: true },
		{ reason: "it stays True", previous: was("True", "DeploymentReady", "ready"), verdict: ready, moved: false },
		{ reason: "only the reason changes", previous: was("False", "Other", "soon"), verdict: pending, moved: false },
		{
			reason: "only the message changes",
			previous: was("False", "Progressing", "other"),
			verdict: pending,
			moved: false,
		},
	])("move their time only when status flips: $reason", ({ previous, verdict, moved }) => {
		const [condition] = head(verdict, previous).conditions;
		expect(condition?.lastTransitionTime).toBe(moved ? NOW : EARLIER);
	});

	it.each([
		{ reason: "a text", previous: "broken" },
		{ reason: "a list", previous: [] },
		{ reason: "null", previous: null },
		{ reason: "conditions that are a map", previous: { conditions: {} } },
		{ reason: "conditions that are no objects", previous: { conditions: [null, 1, "Ready", []] } },
		{
			reason: "a condition without a status",
			previous: { conditions: [{ type: "Ready", reason: "x", message: "y" }] },
		},
		{
			reason: "a status that is a number",
			previous: { conditions: [{ ...was("True").conditions[0], status: 5 }] },
		},
	])("bear a previous status that is $reason", ({ previous }) => {
		expect(head(ready, previous).conditions).toEqual([
			{
				type: "Ready",
				status: "True",
				reason: "ScaledToZero",
				message: findingText({ reason: "ScaledToZero" }),
				observedGeneration: 1,
				lastTransitionTime: NOW,
			},
		]);
		expect(conditionOf(parent(previous), "Ready")).toBeUndefined();
	});

	it("are read where others left out what Kubernetes makes optional", () => {
		const status = { conditions: [{ type: "Available", status: "False" }] };
		const told = { type: "Available", status: "False", reason: "", message: "", lastTransitionTime: "" };
		expect(conditionOf(parent(status), "Available")).toEqual(told);
		const { conditions } = head(ready, { conditions: [{ type: "Ready", status: "True" }] });
		expect(conditions[0]?.lastTransitionTime).toBe(NOW);
	});
});

// ── kstatus and Argo CD ─────────────────────────────────────────────────────────────────────────────────────────────

type Status = { observedGeneration: number; conditions: { type: string; status: string }[] };

/** sigs.k8s.io/cli-utils/pkg/kstatus for a custom resource: what `kubectl wait`-like tools, Flux and kpt go by. */
const kstatus = ({ metadata }: KubeObject, status: Status): string => {
	const is = (type: string, value: string) => status.conditions.some((c) => c.type === type && c.status === value);
	if (status.observedGeneration !== metadata.generation) return "InProgress";
	if (is("Reconciling", "True")) return "InProgress";
	if (is("Stalled", "True")) return "Failed";
	if (is("Ready", "False") || is("Ready", "Unknown")) return "InProgress";
	return "Current";
};

/** The usual health check for Argo CD: Degraded when stalled, Healthy when Ready, Progressing otherwise. */
const argo = ({ metadata }: KubeObject, status: Status): string => {
	const is = (type: string) => status.conditions.some((c) => c.type === type && c.status === "True");
	if (status.observedGeneration !== metadata.generation) return "Progressing";
	if (is("Stalled")) return "Degraded";
	return is("Ready") ? "Healthy" : "Progressing";
};

describe("kstatus and Argo CD", () => {
	it.each([
		{ reason: "ready", verdict: ready, generation: 1, kpt: "Current", cd: "Healthy" },
		{ reason: "under way", verdict: pending, generation: 1, kpt: "InProgress", cd: "Progressing" },
		{ reason: "unknown", verdict: unknown, generation: 1, kpt: "InProgress", cd: "Progressing" },
		{ reason: "stalled", verdict: failed, generation: 1, kpt: "Failed", cd: "Degraded" },
		{ reason: "ready before an edit", verdict: ready, generation: 2, kpt: "InProgress", cd: "Progressing" },
		{ reason: "stalled before an edit", verdict: failed, generation: 2, kpt: "InProgress", cd: "Progressing" },
	])("read it right: $reason", ({ verdict, generation, kpt, cd }) => {
		const status = head(verdict);
		expect(kstatus(parent(undefined, generation), status)).toBe(kpt);
		expect(argo(parent(undefined, generation), status)).toBe(cd);
	});
});

// ── Missing children ────────────────────────────────────────────────────────────────────────────────────────────────

const child = (name: string): KubeObject => ({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "n" } });

describe("missing children", () => {
	const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, "0")}Z`;

	it("are told with the time since which they are known to be", () => {
		const wanted = [child("there"), child("new"), child("late")];
		const previous = {
			missing: [{ kind: "Service", name: "late", since: EARLIER }, "broken", { kind: "Service", name: "new" }],
		};
		expect(missingChildren(parent(previous), wanted, objectMap([child("there")]), NOW)).toEqual([
			{ kind: "Service", name: "new", since: NOW },
			{ kind: "Service", name: "late", since: EARLIER },
		]);
		expect(missingChildren(parent({ missing: "broken" }), [child("a")], {}, NOW)).toHaveLength(1);
	});

	it.each([
		{ reason: "none is", since: [], now: at(0), taken: false, resync: undefined },
		{ reason: "just noticed", since: [at(0)], now: at(0), taken: false, resync: 31 },
		{ reason: "for 29 s", since: [at(0)], now: at(29), taken: false, resync: 2 },
		{ reason: "for 30 s", since: [at(0)], now: at(30), taken: true, resync: 60 },
		{ reason: "one of two for 30 s", since: [at(0), at(20)], now: at(30), taken: true, resync: 21 },
		{ reason: "noticed in the future (a clock was set back)", since: [at(50)], now: at(0), taken: false, resync: 81 },
		{ reason: "since nobody knows when", since: ["broken"], now: at(0), taken: false, resync: 60 },
	])("are overdue after 30 s: $reason", ({ since, now, taken, resync }) => {
		const missing = since.map((time, index) => ({ kind: "Service", name: `s${index}`, since: time }));
		expect(notCreated(parent(), missing, {}, now) !== undefined).toBe(taken);
		expect(missingResync(missing, now)).toBe(resync);
	});

	it.each([
		{
			reason: "an object has its name",
			watched: true,
			taken: true,
			found: "NameTaken",
			says: "the name is in use by an object that this controller does not own",
		},
		{
			reason: "nothing has its name",
			watched: true,
			taken: false,
			found: "ChildRefused",
			says: "rejected by the API server",
		},
		{
			reason: "names of that kind are not watched",
			watched: false,
			taken: false,
			found: "ChildRefused",
			says: "rejected by the API server, or its name is in use",
		},
	])("are $found where $reason", ({ watched, taken, found, says }) => {
		const kind = "ConfigMap";
		const missing = [{ kind, name: "c", since: EARLIER }];
		const other = (name: string, namespace: string): KubeObject => ({
			...child(name),
			kind,
			metadata: { name, namespace },
		});
		const others = objectMap([other("d", "n"), other("c", "m"), ...(taken ? [other("c", "n")] : [])]);
		const related = watched ? others : {};
		const verdict = notCreated(parent(), missing, related, NOW);
		expect(verdict && findingText(verdict.finding)).toContain(says);
		expect(verdict).toMatchObject({ ready: "False", finding: { reason: found }, stalled: true });
	});
});
