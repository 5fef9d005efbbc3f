import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REGISTRY } from "../hooks/index.ts";
import { isAnnotated } from "../kube/boolean-annotations.ts";
import { type CompositeRow, isComposite } from "../kube/hook.ts";
import { isRecord, valueAt } from "../kube/object.ts";
import type { KubeObject } from "../schemas/common.ts";
import type { CompositeResponse } from "../schemas/metacontroller.ts";
import { ShardPlugin } from "../schemas/pluginrollout.ts";
import { PrismRoster } from "../schemas/prismroster.ts";
import { API_VERSION } from "../schemas/vocabulary.ts";
import { behindAdmission } from "./laws/admission.ts";
import { arbitraryOf } from "./laws/arbitrary.ts";
import { deepFrozen, later, requestOf, reversed, settle, sync, titles } from "./laws/cluster.ts";
import { disconnected, misplaced, overheld, readyOf, recordsAt, restless, undocumented } from "./laws/findings.ts";
import { templatesOf, withCounts } from "./laws/scaling.ts";
import { NAMESPACE, nearScenarioOf, type Scenario, scenarioOf, validSpec } from "./laws/scenario.ts";
import { asComposite } from "./world/decorators.ts";

// What holds for every decorator, whatever it is given: the laws of test/laws.test.ts, and those of an object whose
// status is all that is remembered.

const RUNS = Number(process.env["RUNS"] ?? 40);
/** A fixed seed: a failure is a failure for everybody. A longer search: SEED=7 RUNS=500 vitest run <this file> */
const SEED = Number(process.env["SEED"] ?? 20260101);

const holds = <Inputs extends [unknown, ...unknown[]]>(property: fc.IProperty<Inputs>): void => {
	fc.assert(property, { seed: SEED, numRuns: RUNS });
};

// ── Scenarios ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a kind relates to, given its object. */
type Relations = fc.Arbitrary<(parent: KubeObject) => KubeObject[]>;

const shards: Relations = fc
	.uniqueArray(
		fc.record({
			name: fc.constantFrom("ann", "bob", "cid", "dan"),
			entry: fc.record(
				{ version: fc.constant("0.9.0"), deployment: fc.constantFrom("sidecar", "in-process", "remote") },
				{ requiredKeys: [] },
			),
			told: fc.option(arbitraryOf(ShardPlugin), { nil: undefined }),
			generation: fc.constantFrom(1, 1, 1, 2),
			namespaces: fc.option(fc.nat(99), { nil: undefined }),
			obeys: fc.boolean(),
		}),
		{ selector: ({ name }) => name, maxLength: 4 },
	)
	.map((list) => (parent: KubeObject) => list.map((shard) => shardOf(parent, shard)));

interface Shard {
	readonly name: string;
	readonly entry: object;
	readonly told: unknown;
	readonly generation: number;
	readonly namespaces: number | undefined;
	/** It runs the version that is wanted, ready. */
	readonly obeys: boolean;
}

const shardOf = (
	{ metadata, spec }: KubeObject,
	{ name, entry, told, generation, namespaces, obeys }: Shard,
): KubeObject => {
	const plugin = metadata.name;
	const image = `ghcr.io/prism/plugins/${plugin}-plugin:${String(valueAt(spec, "version"))}`;
	const settled = { image, version: "1", desired: 1, updated: 1, ready: 1 };
	const plugins = isRecord(told) ? [{ ...told, name: plugin, ...(obeys && settled) }] : [];
	return {
		apiVersion: API_VERSION,
		kind: "PrismShard",
		metadata: { name, namespace: NAMESPACE, generation },
		spec: { plugins: [{ name: "another" }, { name: plugin, ...entry }] },
		status: { observedGeneration: 1, ...(namespaces !== undefined && { namespaces }), plugins },
	};
};

const rosters: Relations = fc
	.uniqueArray(
		fc.record({
			name: fc.constantFrom("prism-ann", "prism-bob", "dev-proxy"),
			spec: arbitraryOf(PrismRoster.spec),
			isProxy: fc.boolean(),
		}),
		{ selector: ({ name }) => name, maxLength: 3 },
	)
	.map(
		(list) =>
			({ spec }: KubeObject) =>
				list.map((roster) => rosterOf(spec, roster)),
	);

/** Most of them are the ones that spec means. */
const rosterOf = (
	wanted: unknown,
	{ name, spec, isProxy }: { name: string; spec: unknown; isProxy: boolean },
): KubeObject => {
	const reference = valueAt(wanted, "proxyRef", "name");
	return {
		apiVersion: API_VERSION,
		kind: PrismRoster.kind,
		metadata: { name: isProxy && typeof reference === "string" ? reference : name, namespace: NAMESPACE },
		spec,
	};
};

/** By the name of the row. */
const RELATIONS: Readonly<Record<string, Relations>> = { prismplugin: shards, prismnamespace: rosters };

const ALONE: Relations = fc.constant(() => []);

const related = (row: CompositeRow, scenario: fc.Arbitrary<Scenario>): fc.Arbitrary<Scenario> =>
	fc
		.tuple(scenario, RELATIONS[row.name] ?? ALONE)
		.map(([given, relations]) => ({ ...given, related: relations(given.parent) }))
		.map(withoutEnd);

/** An object whose time is up at some point does not stay as it is for ever: that has tests of its own. */
const withoutEnd = (scenario: Scenario): Scenario => {
	const { spec } = scenario.parent;
	if (!isRecord(spec) || typeof spec["ttl"] !== "string") return scenario;
	const { ttl: _ttl, ...endless } = spec;
	return { ...scenario, parent: { ...scenario.parent, spec: endless } };
};

const withStatus = (scenario: Scenario, status: unknown): Scenario => ({
	...scenario,
	parent: { ...scenario.parent, status },
});

/** No time passes unless told. */
const rest = (
	row: CompositeRow,
	start: Scenario,
	attached: readonly KubeObject[] = [],
	seconds = 0,
	onAnswer: (answer: CompositeResponse) => void = () => {},
) => settle(row, start, attached, { most: 60, seconds, onAnswer });

// ── Laws ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const DECORATORS = REGISTRY.filter((row) => !isComposite(row)).map(asComposite);

describe.each(DECORATORS.map((row): [string, CompositeRow] => [row.name, row]))(
	"laws of %s",
	{ timeout: 60_000 },
	(_, row) => {
		const specs = validSpec(row);
		const valid = related(row, scenarioOf(row, specs));
		const near = related(row, nearScenarioOf(row));
		const any = fc.oneof({ weight: 3, arbitrary: valid }, { weight: 1, arbitrary: near });
		const statuses = arbitraryOf(row.parent.status);

		it("says the same when asked the same, and writes nothing into what it was given", () => {
			holds(
				fc.property(any, (scenario) => {
					const { observed } = rest(row, scenario);
					const request = deepFrozen(requestOf(row, scenario, observed));
					const first = row.sync(request, deepFrozen(scenario.context));
					const second = row.sync(structuredClone(request), structuredClone(scenario.context));
					expect(JSON.stringify(second)).toBe(JSON.stringify(first));
				}),
			);
		});

		it("answers the same whatever the order of the request's keys", () => {
			holds(
				fc.property(any, (scenario) => {
					const { observed, scenario: rested } = rest(row, scenario);
					const request = requestOf(row, rested, observed);
					const turned = reversed({ ...request }) as typeof request;
					expect(row.sync(turned, rested.context)).toEqual(row.sync(request, rested.context));
				}),
			);
		});

		it("comes to rest at once, and again after all the time in the world", () => {
			holds(
				fc.property(any, (scenario) => {
					const now = rest(row, scenario);
					const end = rest(row, now.scenario, now.observed, 100_000);
					const after = sync(row, later(end.scenario, 1_000_000), end.observed);
					expect(after.status).toEqual(end.answer.status);
					expect(after.children).toEqual(end.answer.children);
				}),
			);
		});

		it("comes back before time alone changes what it says", () => {
			holds(
				fc.property(any, (scenario) => {
					const { scenario: rested, observed, answer } = rest(row, scenario);
					expect(answer.resyncAfterSeconds).toBeGreaterThan(0);
					// What is announced is lengthened by up to a quarter.
					const soon = Math.floor((answer.resyncAfterSeconds ?? 0) / 1.25) - 1;
					if (soon < 1) return;
					expect(sync(row, later(rested, soon), observed).status).toEqual(answer.status);
				}),
			);
		});

		it("writes a status that its schema knows, with reasons that are documented", () => {
			holds(
				fc.property(any, (scenario) => {
					expect(undocumented(row, sync(row, scenario, []).status)).toEqual([]);
					expect(undocumented(row, rest(row, scenario).answer.status)).toEqual([]);
				}),
			);
		});

		it("makes sense of whatever status there is", () => {
			holds(
				fc.property(any, statuses, (scenario, status) => {
					// What another operator has just signed stands as it is.
					const { answer } = rest(row, withStatus(scenario, { ...Object(status), operator: undefined }));
					expect(undocumented(row, answer.status)).toEqual([]);
				}),
			);
		});

		it("attaches what Kubernetes takes, and what finds each other", () => {
			holds(
				fc.property(valid, (scenario) => {
					const { children } = rest(row, scenario).answer;
					expect(misplaced(row, scenario.parent, children, scenario.context.installation)).toEqual([]);
					expect(disconnected(children)).toEqual([]);
					expect(restless(children)).toEqual([]);
				}),
			);
		});

		it("never lets an attachment go because of a spec that it can't carry out, nor while paused", () => {
			holds(
				fc.property(valid, fc.oneof(near, valid), (scenario, other) => {
					const { scenario: rested, observed } = rest(row, scenario);
					const { metadata } = rested.parent;
					const paused = { ...metadata, annotations: { "prism.io/paused": "true" } };
					const edited = { ...rested.parent, spec: other.parent["spec"] };
					const answers = [
						sync(row, { ...rested, parent: { ...edited, metadata: paused } }, observed),
						sync(row, { ...rested, parent: { ...edited, spec: "nonsense" } }, observed),
					];
					for (const { children } of answers) {
						expect(titles(children)).toEqual(titles(observed));
						expect(overheld(children)).toEqual([]);
					}
				}),
			);
		});

		it("makes the same pods, and the same children, of specs that differ in counts only", () => {
			holds(
				fc.property(valid, fc.nat(3), fc.nat(3), (scenario, one, other) => {
					const of = (count: number) => {
						const spec = withCounts(scenario.parent["spec"], count);
						return rest(row, { ...scenario, parent: { ...scenario.parent, spec } }).answer.children;
					};
					const [few, many] = [of(one), of(other)];
					expect(templatesOf(many)).toEqual(templatesOf(few));
					expect(titles(many)).toEqual(titles(few));
				}),
			);
		});

		it("decides the same when admission has rewritten what it sent", () => {
			holds(
				fc.property(valid, (scenario) => {
					const { scenario: rested, observed, answer } = rest(row, scenario);
					fc.pre(!isAnnotated(rested.parent, "prism.io/paused"));
					const [first] = behindAdmission(row, rested, observed);
					expect(first?.children).toEqual(answer.children);
					const conditions = (status: Record<string, unknown> | undefined) =>
						recordsAt({ status }, "status", "conditions").filter(({ type }) => type !== "Warning");
					expect(conditions(first?.status)).toEqual(conditions(answer.status));
				}),
			);
		});

		// A namespace's claim follows from its place and identifier alone: no edit changes it.
		if (row.children.some(({ kind }) => kind !== "ConfigMap"))
			it("is not Ready in an answer that changes an attachment, after an edit", () => {
				let seen = 0;
				const edits = fc.oneof(specs, fc.constant({ version: "9.9.9" }));
				holds(
					fc.property(valid, edits, (scenario, edit) => {
						const { scenario: rested, observed, answer } = rest(row, scenario);
						const { metadata, spec } = rested.parent;
						const edited = {
							...rested.parent,
							spec: { ...(spec as object), ...(edit as object) },
							metadata: { ...metadata, generation: 2 },
						};
						let before = answer.children;
						rest(row, { ...rested, parent: edited }, observed, 0, ({ children, status }) => {
							const isNew = (child: KubeObject) => !before.some((old) => isDeepStrictEqual(old, child));
							if (children.some(isNew)) {
								seen += 1;
								expect(readyOf(status)).not.toBe("True");
							}
							before = children;
						});
					}),
				);
				expect(seen).toBeGreaterThan(0);
			});

		if (row.finalize !== undefined)
			it("does no harm to what it merely does not look after any more", () => {
				holds(
					fc.property(any, (scenario) => {
						const { scenario: rested, observed } = rest(row, scenario);
						const answer = row.finalize?.({ ...requestOf(row, rested, observed), finalizing: true }, rested.context);
						expect(answer?.finalized).toBe(true);
						expect(titles(answer?.children ?? [])).toEqual(titles(observed));
					}),
				);
			});

		if (row.finalize !== undefined)
			it("goes by force, and when nobody needs it", () => {
				holds(
					fc.property(any, (scenario) => {
						const { scenario: rested, observed } = rest(row, scenario);
						const given = { ...rested.parent.metadata, deletionTimestamp: rested.context.now };
						const force = { ...given, annotations: { "prism.io/force-delete": "true" } };
						const forced = { ...rested, parent: { ...rested.parent, metadata: force } };
						const alone = { ...rested, related: [], parent: { ...rested.parent, metadata: given } };
						expect(sync(row, forced, observed).finalized).toBe(true);
						// What may be somewhere else has to be taken away there first.
						const isElsewhere = valueAt(rested.parent["status"], "placements") !== undefined;
						if (!isElsewhere) expect(sync(row, alone, observed).finalized).toBe(true);
					}),
				);
			});
	},
);
