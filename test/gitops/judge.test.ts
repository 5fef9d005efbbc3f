import { describe, expect, it, test } from "vitest";
import { recordedCall } from "../../hooks/recorded-call.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { type Health, judge, judgePart } from "../../kube/health.ts";
import { isRecord, recordsAt } from "../../kube/object.ts";
import { viewOf } from "../../plugin/cluster/cluster-view.ts";
import { healthOf as markOf } from "../../plugin/cluster/health.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { standingOf } from "../../server/dashboard/view.ts";
import { summaryOf } from "../../server/object-summary.ts";
import { NOW } from "../hooks/situations.ts";
import { installation } from "../server/toy.ts";
import { argoOf } from "./argo.ts";
import { fluxOf, kstatusOf } from "./cel.ts";
import { goldens, healthByHand, situations } from "./observed.ts";

// One judge: in every situation that a hook knows, all who tell how an object is say what kube/health.ts says, or differ for
// a reason that stands here.

interface Words {
	readonly argo: string;
	readonly kstatus: string;
	readonly flux: string;
	readonly command: string;
	readonly dashboard: string;
}

const SAYS: Readonly<Record<Health, Words>> = {
	healthy: { argo: "Healthy", kstatus: "Current", flux: "Current", command: "good", dashboard: "good" },
	progressing: {
		argo: "Progressing",
		kstatus: "InProgress",
		flux: "InProgress",
		command: "waiting",
		dashboard: "waiting",
	},
	degraded: { argo: "Degraded", kstatus: "Failed", flux: "Failed", command: "bad", dashboard: "bad" },
	suspended: { argo: "Suspended", kstatus: "Current", flux: "Current", command: "paused", dashboard: "idle" },
	gone: { argo: "Progressing", kstatus: "Terminating", flux: "Terminating", command: "waiting", dashboard: "waiting" },
};

interface Difference {
	readonly who: keyof Words;
	readonly judged: Health;
	readonly says: string;
	readonly why: string;
}

const DIFFERENCES: readonly Difference[] = [
	{
		who: "kstatus",
		judged: "degraded",
		says: "InProgress",
		why: "kstatus knows no phases: what may pass by itself is not Stalled, and waiting for it is right",
	},
	{
		who: "flux",
		judged: "degraded",
		says: "InProgress",
		why: "Failed ends Flux's waiting at once, so that only what waiting won't mend may be it",
	},
	{
		who: "kstatus",
		judged: "suspended",
		says: "Failed",
		why: "kstatus knows no rest: what nothing will change by itself is Stalled",
	},
	{
		who: "kstatus",
		judged: "suspended",
		says: "InProgress",
		why: "a pause in the middle of a rollout is no failure, and what was begun is not done",
	},
	{
		who: "flux",
		judged: "suspended",
		says: "InProgress",
		why: "a pause in the middle of a rollout is no failure: Flux waits until its own time is over",
	},
	{
		who: "argo",
		judged: "gone",
		says: "Degraded",
		why: "never asked: what is being deleted is Progressing to Argo CD before it runs our Lua",
	},
	{
		who: "command",
		judged: "gone",
		says: "bad",
		why: "a deletion that takes longer than two minutes is stuck, and only somebody with a clock can tell",
	},
];

const seen = [...situations(), ...goldens()].filter(({ object }) => object.kind !== "PrismRoster");

const dashboardOf = (object: KubeObject): string => {
	const { status } = object;
	const request = { controller: {}, parent: object, children: {}, related: {}, finalizing: false };
	const response = { status: isRecord(status) ? status : {}, children: [] };
	const call = recordedCall({ hook: "sync", request, context: { now: NOW, installation }, response });
	return standingOf(summaryOf(call, { seenAt: 0, ms: 1 })).state;
};

const saidOf = async (object: KubeObject): Promise<Words> => ({
	argo: (await argoOf(object)).status,
	kstatus: kstatusOf(object),
	flux: fluxOf(object),
	command: markOf(object, viewOf({ objects: [], now: NOW })).mark,
	dashboard: dashboardOf(object),
});

const differences = async (object: KubeObject): Promise<Omit<Difference, "why">[]> => {
	const judged = judge(object);
	const said = await saidOf(object);
	const who = Object.keys(said) as (keyof Words)[];
	return who.filter((one) => said[one] !== SAYS[judged][one]).map((one) => ({ who: one, judged, says: said[one] }));
};

describe("everybody says what the judge says", () => {
	it.each(seen)("$title", async ({ object }) => {
		const known = DIFFERENCES.map(({ why: _why, ...difference }) => difference);
		for (const difference of await differences(object)) expect(known).toContainEqual(difference);
	});

	it("and what is judged is what somebody would say who knows the reasons", () => {
		for (const { object, title } of seen) {
			const judged = judge(object);
			if (judged !== "gone") expect(SAYS[judged].argo, title).toBe(healthByHand(object));
		}
	});

	it("and no difference is listed that there is not", async () => {
		const met = (await Promise.all(seen.map(({ object }) => differences(object)))).flat();
		const words = met.map(({ who, judged, says }) => `${who} ${judged} ${says}`);
		expect(DIFFERENCES.filter(({ who, judged, says }) => !words.includes(`${who} ${judged} ${says}`))).toEqual([]);
	});

	it("and every health is met", () => {
		expect([...new Set(seen.map(({ object }) => judge(object)))].toSorted()).toEqual(Object.keys(SAYS).toSorted());
	});
});

test("a pause never hides a failure, and rests all else", () => {
	for (const { object } of seen.filter(({ object: { metadata } }) => metadata.deletionTimestamp === undefined)) {
		const status = isRecord(object["status"]) ? object["status"] : {};
		const paused = { ...conditionOf(object, "Ready"), type: "Paused", status: "True" };
		const conditions = [...recordsAt(status, "conditions"), paused];
		const judged = judge({ ...object, status: { ...status, conditions } });
		expect(judged).toBe(judge(object) === "degraded" ? "degraded" : "suspended");
	}
});

test("a part is judged by what is told of it as it would be by its own status", () => {
	for (const { object, title } of seen) {
		const ready = conditionOf(object, "Ready");
		const { phase } = object["status"] as { phase: string };
		const isStalled = conditionOf(object, "Stalled") !== undefined;
		if (ready === undefined || isStalled || ["gone", "suspended"].includes(judge(object))) continue;
		expect(judgePart({ ready: ready.status === "True", phase, reason: ready.reason }), title).toBe(judge(object));
	}
});

test("an object that nobody has answered for, or not since it was changed, is progressing", () => {
	for (const { object } of seen.filter(({ object: { metadata } }) => metadata.deletionTimestamp === undefined)) {
		const { status: _status, ...fresh } = object as KubeObject & { status: unknown };
		expect(judge(fresh)).toBe("progressing");
		expect(judge({ ...object, metadata: { ...object.metadata, generation: 99 } })).toBe("progressing");
	}
});
