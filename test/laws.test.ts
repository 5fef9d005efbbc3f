import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REGISTRY } from "../hooks/index.ts";
import { type CompositeRow, isComposite } from "../kube/hook.ts";
import { isRecord } from "../kube/object.ts";
import type { KubeObject } from "../schemas/common.ts";
import { deepFrozen, farewell, later, requestOf, type Settled, settle, stored, sync } from "./laws/cluster.ts";
import {
	disconnected,
	misplaced,
	overheld,
	readyOf,
	recordAt,
	recordsAt,
	restless,
	undocumented,
} from "./laws/findings.ts";
import { nearScenarioOf, type Scenario, scenarioOf, validSpec } from "./laws/scenario.ts";

// What holds for every hook, whatever it is given.

const RUNS = Number(process.env["RUNS"] ?? 25);
/** A fixed seed: a failure is a failure for everybody. A longer search: SEED=7 RUNS=300 vitest run test/laws.test.ts */
const SEED = Number(process.env["SEED"] ?? 20260101);

const holds = <Inputs extends [unknown, ...unknown[]]>(property: fc.IProperty<Inputs>, numRuns = RUNS): void => {
	fc.assert(property, { seed: SEED, numRuns });
};

const present = ({ parent }: Scenario, children: readonly KubeObject[]): KubeObject[] =>
	children.map((child) => stored(child, parent, undefined));

const edited = (scenario: Scenario, spec: unknown): Scenario => {
	const { parent } = later(scenario, 3600);
	const metadata = { ...parent.metadata, generation: (parent.metadata.generation ?? 0) + 1 };
	return { ...scenario, parent: { ...parent, metadata, spec } };
};

const titles = (children: readonly KubeObject[]): string[] =>
	children.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();

/** Every map with its keys the other way round; lists stay as they are. */
const reversed = (value: unknown): unknown => {
	if (Array.isArray(value)) return value;
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.entries(value)
			.toReversed()
			.map(([name, field]) => [name, reversed(field)]),
	);
};

const reasonOf = (status: Record<string, unknown>): unknown =>
	recordsAt({ status }, "status", "conditions").find(({ type }) => type === "Ready")?.["reason"];

/** Whether the spec was not carried out. */
const isRefused = (status: Record<string, unknown>): boolean =>
	["Unsupported", "InvalidSpec", "CrossNamespaceReference", "InlineCredentials"].includes(String(reasonOf(status)));

describe.each(REGISTRY.filter(isComposite).map((row): [string, CompositeRow] => [row.name, row]))(
	"laws of %s",
	(_, row) => {
		// Made once: describing a whole schema takes longer than making a value of it.
		const specs = validSpec(row);
		const valid = scenarioOf(row, specs);
		const near = nearScenarioOf(row);
		const any = fc.oneof({ weight: 3, arbitrary: valid }, { weight: 1, arbitrary: near });
		it("says the same when asked the same, and writes nothing into what it was given", () => {
			holds(
				fc.property(any, (scenario) => {
					const request = deepFrozen(requestOf(row, scenario, present(scenario, sync(row, scenario, []).children)));
					const first = row.sync(request, deepFrozen(scenario.context));
					const second = row.sync(structuredClone(request), structuredClone(scenario.context));
					expect(second).toEqual(first);
					expect(JSON.stringify(second)).toBe(JSON.stringify(first));
				}),
			);
		});

		it("comes to rest, and stays there when time passes", () => {
			holds(
				fc.property(any, (scenario) => {
					const first = settle(row, scenario);
					const minute = settle(row, later(first.scenario, 60), first.observed);
					// What time alone changes was announced: otherwise nobody would come back to do it.
					if (!isDeepStrictEqual(minute.answer.children, first.answer.children))
						expect(first.answer.resyncAfterSeconds).toBeLessThan(60);
					const hour = sync(row, later(minute.scenario, 3600), minute.observed);
					expect(hour.children).toEqual(minute.answer.children);
					expect(hour.status).toEqual(minute.answer.status);
				}),
			);
		});

		it("answers the same whatever the order of the request's keys", () => {
			holds(
				fc.property(any, (scenario) => {
					const request = requestOf(row, scenario, present(scenario, sync(row, scenario, []).children));
					const children = Object.fromEntries(
						Object.entries(request.children).map(([kind, map]) => [kind, reversed(map)]),
					);
					const turned = {
						...request,
						parent: request.parent,
						children: reversed(children),
						related: reversed(request.related),
					};
					const answer = row.sync(turned as typeof request, scenario.context);
					expect(answer).toEqual(row.sync(request, scenario.context));
				}),
			);
		});

		it("answers children that Kubernetes takes, and that find each other", () => {
			holds(
				fc.property(valid, (scenario) => {
					const { children } = settle(row, scenario).answer;
					expect(misplaced(row, scenario.parent, children, scenario.context.installation)).toEqual([]);
					expect(disconnected(children)).toEqual([]);
					expect(restless(children)).toEqual([]);
				}),
			);
		});

		it("writes a status that its schema knows, with reasons that are documented", () => {
			holds(
				fc.property(any, (scenario) => {
					expect(undocumented(row, sync(row, scenario, []).status)).toEqual([]);
					expect(undocumented(row, settle(row, scenario).answer.status)).toEqual([]);
				}),
			);
		});

		const selectors = ({ answer }: Settled) =>
			new Map(
				answer.children
					.filter(({ kind }) => ["Deployment", "StatefulSet", "Service", "PodDisruptionBudget"].includes(kind))
					.map((child) => [`${child.kind} ${child.metadata.name}`, recordAt(child, "spec", "selector")]),
			);

		it("never moves a selector when spec is edited", () => {
			holds(
				fc.property(valid, specs, (scenario, spec) => {
					const before = settle(row, scenario);
					const after = settle(row, edited(before.scenario, spec), before.observed);
					const old = selectors(before);
					for (const [title, selector] of selectors(after)) expect(selector).toEqual(old.get(title) ?? selector);
				}),
				Math.ceil(RUNS / 2),
			);
		});

		it("is not Ready in the answer to an edit that changes a child", () => {
			holds(
				fc.property(valid, specs, (scenario, spec) => {
					const { scenario: rested, observed, answer } = settle(row, scenario);
					const next = sync(row, edited(rested, spec), observed);
					// What is merely no longer wanted does not make the rest less ready.
					const isNew = (child: KubeObject) => !answer.children.some((old) => isDeepStrictEqual(old, child));
					if (next.children.some(isNew)) expect(readyOf(next.status)).not.toBe("True");
				}),
			);
		});

		it("never lets a child go because of a spec that it can't carry out", () => {
			holds(
				fc.property(valid, fc.oneof(near, valid), (scenario, other) => {
					const { scenario: rested, observed } = settle(row, scenario);
					const answer = sync(row, edited(rested, other.parent["spec"]), observed);
					fc.pre(isRefused(answer.status));
					expect(titles(answer.children)).toEqual(expect.arrayContaining(titles(observed)));
					expect(overheld(answer.children)).toEqual([]);
				}),
			);
		});

		it("changes nothing while paused", () => {
			holds(
				fc.property(valid, specs, (scenario, spec) => {
					const { scenario: rested, observed } = settle(row, scenario);
					const changed = edited(rested, spec);
					const metadata = { ...changed.parent.metadata, annotations: { "prism.io/paused": "true" } };
					const answer = sync(row, { ...changed, parent: { ...changed.parent, metadata } }, observed);
					expect(titles(answer.children)).toEqual(titles(observed));
					expect(overheld(answer.children)).toEqual([]);
					for (const child of answer.children) {
						const there = observed.find(
							({ kind, metadata: { name } }) => kind === child.kind && name === child.metadata.name,
						);
						expect(there).toMatchObject(child);
					}
				}),
				Math.ceil(RUNS / 2),
			);
		});

		it.runIf(row.finalize !== undefined)("lets go of what is deleted when nothing holds it, and by force", () => {
			holds(
				fc.property(any, (scenario) => {
					const { scenario: rested, observed } = settle(row, scenario);
					const last = farewell(row, rested, observed).at(-1);
					// Where nobody runs who could say that nothing is left, somebody has to say it.
					expect(last?.finalized === true || reasonOf(last?.status ?? {}) === "NamespacesUnknown").toBe(true);
					const told = () => ({ state: "unknown", failure: "Unreachable" }) as const;
					const forced = farewell(row, { ...rested, told }, observed, { "prism.io/force-delete": "true" });
					expect(forced.at(-1)?.finalized).toBe(true);
				}),
				Math.ceil(RUNS / 2),
			);
		});
	},
);
