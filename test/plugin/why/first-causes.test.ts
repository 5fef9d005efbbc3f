import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { causeLines } from "../../../cli/run/causes.ts";
import { isReady, judge } from "../../../kube/health.ts";
import { describeObject, isRecord } from "../../../kube/object.ts";
import { type ClusterView, viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { isOurs } from "../../../plugin/cluster/kinds.ts";
import type { Kubectl } from "../../../plugin/cluster/kubectl.ts";
import { readView } from "../../../plugin/cluster/read-cluster.ts";
import { attempting, explanations } from "../../../plugin/report/command.ts";
import { PLAIN } from "../../../plugin/text/paint.ts";
import { collectWhy, initial } from "../../../plugin/why/command.ts";
import { NO_EXTRA } from "../../../plugin/why/diagnosis.ts";
import { causesIn } from "../../../plugin/why/first-causes.ts";
import { diagnose } from "../../../plugin/why/index.ts";
import { whyLines } from "../../../plugin/why/text.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { RECORD_FORMAT } from "../../../schemas/recorded-call.ts";
import { readConfig } from "../../../server/config.ts";
import { causesOf, viewOf as overviewOf } from "../../../server/dashboard/view.ts";
import { summaryOf } from "../../../server/object-summary.ts";
import { fakeKubectl } from "../fake-kubectl.ts";
import { FIRST_CAUSE_CASES } from "../first-cause-cases.ts";
import { WHY_CASES } from "../why-cases.ts";
import { late, NOW, ours, ready } from "../world.ts";

// Law: of the same cluster, `kubectl prism why`, `run --once`, `report` and the dashboard name the same first cause. The dashboard
// sees no pods, so there it is the last of our own objects on the way that counts.

const SPEECH = { program: "kubectl prism", flags: [] };
const { installation } = readConfig({});

const seen = ({ status, ...parent }: KubeObject) =>
	summaryOf(
		{
			format: RECORD_FORMAT,
			hook: "sync",
			now: NOW,
			installation,
			parent,
			observed: [],
			related: [],
			answers: {},
			outcomes: {},
			response: { status: isRecord(status) ? status : {}, children: [] },
			redacted: [],
		},
		{ seenAt: 0, ms: 0 },
	);

const byDashboard = (objects: readonly KubeObject[], about: KubeObject): string | undefined => {
	const own = objects.filter((object) => isOurs(object) && object.kind !== "PrismRoster");
	const isAbout = ({ kind, name, namespace }: { kind: string; name: string; namespace: string }) =>
		kind === about.kind && name === about.metadata.name && namespace === about.metadata.namespace;
	const cause = causesOf(overviewOf(own.map(seen))).find(({ first, behind }) => [first, ...behind].some(isAbout));
	return cause && `${cause.first.kind} ${cause.first.namespace}/${cause.first.name}`;
};

const byWhy = (objects: readonly KubeObject[], about: KubeObject): string | undefined => {
	const view = viewOf({ objects, now: NOW });
	const steps = diagnose(view, NO_EXTRA, SPEECH, about).finding?.steps ?? [];
	// Where objects wait for each other, the way ends at one that it came by before.
	const way = [...new Set([about, ...steps.map(({ object }) => object)])];
	const last = way.findLast((object) => isOurs(object) && isWaiting(object));
	return last && describeObject(last);
};

const isWaiting = (object: KubeObject): boolean => object.kind !== "PrismRoster" && !isReady(object);

/** What nobody has answered for is on no page of the dashboard, what rests is no problem there, and a deletion waits for others. */
const isAnswered = (object: KubeObject): boolean =>
	object["status"] !== undefined && !["gone", "suspended"].includes(judge(object));

const cases = [...FIRST_CAUSE_CASES, ...WHY_CASES.filter(({ about }) => isAnswered(about) && isOurs(about))].map(
	({ objects, about, ...rest }) => ({
		...rest,
		about,
		objects: objects.includes(about) ? objects : [...objects, about],
	}),
);

/**
 * The same clusters, and those that the dashboard has no page of. Where objects wait for each other, an explanation ends at the
 * last one before it would begin again.
 */
const broken = [
	...FIRST_CAUSE_CASES.filter(({ name }) => name !== "the last of a circle"),
	...WHY_CASES.filter(({ about }) => isOurs(about) && !isReady(about)),
].map(({ objects, about, ...rest }) => ({
	...rest,
	about,
	objects: objects.includes(about) ? objects : [...objects, about],
}));
const PARTS = { made: true, events: true };

const shownBy = (lines: readonly string[]): string | undefined => /^Shown by +(.*)$/m.exec(lines.join("\n"))?.[1];

/** What the support bundle says of the cause that an object waits for. */
const byReport = async (kubectl: Kubectl, view: ClusterView, about: KubeObject): Promise<string | undefined> => {
	const group = causesIn(view).find(({ cause, behind }) => [cause, ...behind].some((one) => isSame(one, about)));
	if (group === undefined) return undefined;
	const { kind, metadata } = group.cause;
	const session = { kubectl, scope: {}, paint: PLAIN, speech: SPEECH, print: () => {}, json: () => {} };
	const files = await explanations(session, view, attempting([]), () => {});
	const path = `why/${metadata.namespace}_${kind.toLowerCase()}_${metadata.name}.txt`;
	return shownBy([files.find((file) => file.path === path)?.text ?? ""]);
};

const isSame = (one: KubeObject, other: KubeObject): boolean => describeObject(one) === describeObject(other);

describe("the first cause", () => {
	it.each(cases)("is the same everywhere: $name", ({ objects, about }) => {
		expect(byDashboard(objects, about)).toBe(byWhy(objects, about));
	});

	it.each(broken)(
		"is shown by the same object in why, run --once and report: $name",
		async ({ objects, about, ...world }) => {
			const kubectl = fakeKubectl({ ...world, objects });
			const view = viewOf({ ...(await readView(kubectl, { allNamespaces: true }, PARTS)), now: NOW });
			const { diagnosis } = await collectWhy(kubectl, initial(view), SPEECH, about);
			const evidence = shownBy(whyLines(diagnosis, PLAIN, NOW));
			expect(evidence).toMatch(/\S/);
			expect(await byReport(kubectl, view, about)).toBe(evidence);
			// `run` has the cluster's objects, but reads nothing on request.
			const { needs } = diagnose(view, NO_EXTRA, SPEECH, about);
			if (needs.some(({ need }) => need !== "logs")) return;
			const [lines = []] = causeLines([about], { objects, now: NOW, paint: PLAIN, speech: undefined });
			expect(shownBy(lines)).toBe(evidence);
		},
	);

	it("of all that is not ready comes once, with what waits for it, and failures come first", () => {
		const chain = FIRST_CAUSE_CASES.find(({ cause }) => cause === "BackendConfig shop/redis")?.objects ?? [];
		const calm = ours("BackendConfig", "calm", ready("BackendHealthy", "answers"));
		const resting = ours("PatternRunner", "resting", late("PausedByAnnotation", "paused"));
		const young = ours("PatternRunner", "young", late("Progressing", "rolling out", { phase: "Pending" }));
		const groups = causesIn(viewOf({ objects: [resting, young, calm, ...chain], now: NOW }));
		expect(groups.map(({ cause, behind }) => [cause, ...behind].map(describeObject).join(" < "))).toEqual([
			"BackendConfig shop/redis < PrismStack shop/shop < PatternRunner shop/a",
			"PatternRunner shop/young",
			"PatternRunner shop/resting",
		]);
	});

	it.each(FIRST_CAUSE_CASES)("is what it should be: $name", ({ objects, about, cause }) => {
		expect(byWhy(objects, about)).toBe(cause);
		const [lines = []] = causeLines([about], { objects, now: NOW, paint: PLAIN, speech: undefined });
		const [, name] = cause.split("/");
		expect(stripVTControlCharacters(lines.join("\n"))).toContain(name);
		expect(lines.join("\n")).not.toContain("Next");
	});
});
