import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { contentHash, isRecord } from "../../kube/object.ts";
import { viewOf } from "../../plugin/cluster/cluster-view.ts";
import { healthOf } from "../../plugin/cluster/health.ts";
import { readView } from "../../plugin/cluster/read-cluster.ts";
import { validateFiles } from "../../plugin/validate/index.ts";
import { collectWhy, initial } from "../../plugin/why/command.ts";
import { NO_EXTRA } from "../../plugin/why/diagnosis.ts";
import { type Diagnosis, diagnose } from "../../plugin/why/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { RECORD_FORMAT, type RecordedCall } from "../../schemas/recorded-call.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { readConfig } from "../../server/config.ts";
import { standingOf } from "../../server/dashboard/view.ts";
import { summaryOf } from "../../server/object-summary.ts";
import { argoOf } from "../gitops/argo.ts";
import { fluxOf, kstatusOf } from "../gitops/cel.ts";
import { BACKEND_CONFIG_SITUATIONS } from "../hooks/backendconfig-situations.ts";
import { PATTERN_RUNNER_SITUATIONS } from "../hooks/patternrunner-situations.ts";
import { PRISM_NAMESPACE_SITUATIONS } from "../hooks/prismnamespace-situations.ts";
import { PRISM_PLUGIN_SITUATIONS } from "../hooks/prismplugin-situations.ts";
import { PRISM_SHARD_SITUATIONS } from "../hooks/prismshard-situations.ts";
import { PRISM_STACK_SITUATIONS } from "../hooks/prismstack-situations.ts";
import { answerTo, NOW, type Situation } from "../hooks/situations.ts";
import { fakeKubectl } from "../plugin/fake-kubectl.ts";
import type { WhyCase } from "../plugin/why-case.ts";
import { WHY_CASES } from "../plugin/why-cases.ts";

// Every sentence about objects is replaced by its name and its parameters. Nothing but texts may change: whoever reads a text back
// would take it for something else, or for nothing.

type Text = (...given: readonly unknown[]) => unknown;

const rewording = vi.hoisted(() => {
	const state = { on: false };
	const other = (name: string, given: unknown) => JSON.stringify({ [name]: given });
	/** What has nothing to say goes on saying nothing. */
	const wrapped =
		(name: string, text: Text): Text =>
		(...given) => {
			const said = text(...given);
			return state.on && said !== undefined ? other(name, given) : said;
		};
	return {
		state,
		/** Those that take a text apart to print a part of it print the whole. */
		module: (actual: Record<string, Text>) =>
			Object.fromEntries(
				Object.entries(actual).map(([name, value]) => [
					name,
					name === "unfinishedPart" ? (text: unknown) => text : wrapped(name, value),
				]),
			),
	};
});
vi.mock("../../schemas/messages/text.ts", async (actual) => rewording.module(await actual()));
vi.mock("../../schemas/messages/status-fields.ts", async (actual) => rewording.module(await actual()));
vi.mock("../../schemas/messages/excerpts.ts", async (actual) => rewording.module(await actual()));

const inOtherWords = <Result>(work: () => Result): Result => {
	rewording.state.on = true;
	try {
		return work();
	} finally {
		rewording.state.on = false;
	}
};

// ── What is no text ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Fields of statuses that are for people; of a rollout's history, `reason` is one, too. */
const isText = (name: string, path: string): boolean =>
	["message", "failure", "unready"].includes(name) || (name === "reason" && path === "history");

const textless = (value: unknown, path = ""): unknown => {
	if (Array.isArray(value)) return value.map((item) => textless(item, path));
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, item]) => [name, isText(name, path) ? "…" : textless(item, name)]),
	);
};

const textsIn = (value: unknown, path = ""): string[] => {
	if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, path));
	if (!isRecord(value)) return [];
	return Object.entries(value).flatMap(([name, item]) =>
		isText(name, path) && typeof item === "string" ? [item] : textsIn(item, name),
	);
};

/** A sentence without what it quotes of objects. */
const unquoted = (sentence: string, objects: readonly KubeObject[]): string =>
	[...new Set(objects.flatMap((object) => textsIn(object)))]
		// A word or two may well be part of what is said of something else.
		.filter((text) => text.length > 12)
		.toSorted((left, right) => right.length - left.length)
		.reduce((rest, text) => rest.replaceAll(text, "…"), sentence);

const SPEECH = { program: "kubectl prism", flags: [] };

/** What `why` makes of an object, without what it quotes. */
const explained = ({ finding }: Diagnosis, objects: readonly KubeObject[]) =>
	finding && {
		steps: finding.steps.map((step) => [step.object.kind, step.object.metadata.name, step.word, step.since]),
		cause: unquoted(finding.cause, objects),
		since: finding.since,
		evidence: finding.evidence,
		details: finding.details.map(({ title, lines }) => [title, lines.map((line) => unquoted(line, objects))]),
		next: finding.next,
		state: finding.state,
		needs: finding.needs,
	};

/** What the dashboard makes of an object. */
const shown = (object: KubeObject) => {
	const status = isRecord(object["status"]) ? object["status"] : {};
	const call = { ...BARE_CALL, parent: object, response: { status, children: [] } };
	const seen = summaryOf(call, { seenAt: 0, ms: 0 });
	const { state, word, reason, since } = standingOf(seen);
	return { state, word, reason, since, facts: textless(seen.details) };
};

const BARE_CALL: Omit<RecordedCall, "parent"> = {
	format: RECORD_FORMAT,
	hook: "sync",
	now: NOW,
	installation: readConfig({}).installation,
	observed: [],
	related: [],
	answers: {},
	outcomes: {},
	redacted: [],
};

/** What `why`, the list of objects and the dashboard make of one. */
const judged = (object: KubeObject, related: readonly KubeObject[]) => {
	const objects = [object, ...related];
	const view = viewOf({ objects, now: NOW });
	const { mark, word, since } = healthOf(object, view);
	return {
		health: { mark, word, since },
		shown: shown(object),
		explained: explained(diagnose(view, NO_EXTRA, SPEECH, object), objects),
	};
};

// ── Situations ──────────────────────────────────────────────────────────────────────────────────────────────────────

const SITUATIONS: readonly Situation[] = [
	...PRISM_STACK_SITUATIONS,
	...PATTERN_RUNNER_SITUATIONS,
	...BACKEND_CONFIG_SITUATIONS,
	...PRISM_SHARD_SITUATIONS,
	...PRISM_PLUGIN_SITUATIONS,
];

const lived = (situation: Situation) => {
	const { parent, related = [] } = situation;
	const first = answerTo(situation);
	const object = { ...parent, status: first.status };
	const second = answerTo({ ...situation, parent: object });
	const syncs = [first, second].map(({ status, ...rest }) => ({ ...rest, status: textless(status) }));
	return { object, texts: textsIn(first.status), same: { syncs, judged: judged(object, related) } };
};

const livedThrough = ({ world: make }: (typeof PRISM_NAMESPACE_SITUATIONS)[number]) => {
	const world = make();
	const { object, related } = world;
	const before = { status: textless(object["status"]), last: world.last?.resyncAfterSeconds };
	if (!world.finalized) world.sync();
	const { calls, finalized, last } = world;
	const after = { status: textless(world.object["status"]), last: last?.resyncAfterSeconds, calls, finalized };
	return {
		object: world.object,
		texts: textsIn(object["status"]),
		same: { before, after, judged: judged(object, related) },
	};
};

/** What Argo CD's Lua and Flux's CEL make of an object. */
const gitops = async (object: KubeObject) => ({
	argo: (await argoOf(object)).status,
	flux: fluxOf(object),
	kstatus: kstatusOf(object),
});

// ── Clusters in trouble ─────────────────────────────────────────────────────────────────────────────────────────────

/** An object of ours whose status says everything in other words. */
const otherwise = (object: KubeObject): KubeObject =>
	object.apiVersion === API_VERSION ? { ...object, status: reworded(object["status"]) } : object;

const reworded = (value: unknown, path = ""): unknown => {
	if (Array.isArray(value)) return value.map((item) => reworded(item, path));
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, item]) => [
			name,
			isText(name, path) && typeof item === "string" ? `<${contentHash(item)}>` : reworded(item, name),
		]),
	);
};

const causeIn = async ({ about, ...world }: WhyCase) => {
	const { uid } = about.metadata;
	const objects = world.objects.some(({ metadata }) => metadata.uid === uid)
		? world.objects
		: [...world.objects, about];
	const kubectl = fakeKubectl({ ...world, objects });
	const view = await readView(kubectl, { namespace: about.metadata.namespace }, { made: true, events: true });
	const { diagnosis } = await collectWhy(kubectl, initial(view), SPEECH, about);
	return explained(diagnosis, objects);
};

describe("in other words", () => {
	it.each(SITUATIONS)("$parent.kind is the same: $condition.reason: $title", async (situation) => {
		const plain = lived(situation);
		const other = inOtherWords(() => lived(situation));
		expect(other.texts).not.toEqual(plain.texts);
		expect(other.same).toEqual(plain.same);
		expect(await gitops(other.object)).toEqual(await gitops(plain.object));
	});

	it.each(PRISM_NAMESPACE_SITUATIONS)("PrismNamespace is the same: $condition.reason: $title", async (situation) => {
		const plain = livedThrough(situation);
		const other = inOtherWords(() => livedThrough(situation));
		expect(other.texts).not.toEqual(plain.texts);
		expect(other.same).toEqual(plain.same);
		expect(await gitops(other.object)).toEqual(await gitops(plain.object));
	});

	it.each(WHY_CASES)("a cluster in trouble has the same cause and remedies: $name", async (given) => {
		const plain = await causeIn(given);
		const objects = given.objects.map(otherwise);
		expect(await causeIn({ ...given, objects, about: otherwise(given.about) })).toEqual(plain);
	});

	it("manifests have the same problems at the same places", () => {
		const files = ["samples", "test/golden"].flatMap((folder) =>
			readdirSync(folder, { recursive: true, encoding: "utf8" })
				.filter((name) => name.endsWith(folder === "samples" ? ".yaml" : ".in.yaml"))
				.map((name) => join(folder, name)),
		);
		const context = { now: NOW, installation: readConfig({}).installation };
		const places = () =>
			validateFiles(files, context)
				.problems.map(({ source, position, level, subject }) => [source, position?.line, level, subject].join(" "))
				.toSorted();
		const plain = places();
		expect(plain.length).toBeGreaterThan(5);
		expect(inOtherWords(places)).toEqual(plain);
	});
});
