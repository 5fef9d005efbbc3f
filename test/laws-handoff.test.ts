import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REGISTRY } from "../hooks/index.ts";
import type { Row } from "../kube/hook.ts";
import { HANDOFF_SECONDS, HELD_SECONDS, revisionOf } from "../kube/revision-handoff.ts";
import type { KubeObject } from "../schemas/common.ts";
import { PODS_CHANGED_AFTER_ANNOTATION, SENT_BY_ANNOTATION } from "../schemas/vocabulary.ts";
import { later, settle, sync, titles } from "./laws/cluster.ts";
import { overheld, recordAt, undocumented } from "./laws/findings.ts";
import { type Scenario, scenarioOf, validSpec } from "./laws/scenario.ts";
import { asComposite } from "./world/decorators.ts";

// What holds for every kind while two operators answer that differ in their settings.

const RUNS = Number(process.env["RUNS"] ?? 15);
/** A fixed seed: a failure is a failure for everybody. A longer search: SEED=7 RUNS=300 vitest run <this file> */
const SEED = Number(process.env["SEED"] ?? 20260101);

const holds = <Inputs extends [unknown, ...unknown[]]>(property: fc.IProperty<Inputs>): void => {
	fc.assert(property, { seed: SEED, numRuns: RUNS });
};

/** Kinds whose children no setting changes have nothing to fight about: a namespace's claim follows from its place and identifier alone. */
const UNDISPUTED = ["PrismNamespace"];

it("all kinds whose children depend on settings take part", () => {
	const others = REGISTRY.filter(({ parent }) => !Object.hasOwn(parent.status.properties, "operator"));
	expect(others.map(({ parent }) => parent.kind)).toEqual(UNDISPUTED);
	for (const { children } of others) expect(children.map(({ kind }) => kind)).toEqual(["ConfigMap"]);
});

const answeredBy = (scenario: Scenario, imageTag: string): Scenario => {
	const installation = { ...scenario.context.installation, imageTag };
	return { ...scenario, context: { ...scenario.context, installation, revision: revisionOf("1.0.0", installation) } };
};

const unpaused = (scenario: Scenario): Scenario => {
	const { annotations: _annotations, ...metadata } = scenario.parent.metadata;
	return { ...scenario, parent: { ...scenario.parent, metadata } };
};

const stampIn = (status: Record<string, unknown>) => recordAt({ status }, "status", "operator");

const taking = REGISTRY.filter(({ parent }) => !UNDISPUTED.includes(parent.kind));

describe.each(taking.map((row): [string, Row] => [row.name, row]))("two operators of %s", (_, decorated) => {
	const row = asComposite(decorated);
	const scenarios = scenarioOf(row, validSpec(row)).map(unpaused);

	it("leave what the other one has just made, and delete nothing", () => {
		holds(
			fc.property(scenarios, fc.integer({ min: 0, max: HANDOFF_SECONDS - 40 }), (scenario, seconds) => {
				const first = settle(row, answeredBy(scenario, "v1.0.0"));
				const answer = sync(row, later(answeredBy(first.scenario, "v2.0.0"), seconds), first.observed);
				expect(titles(answer.children)).toEqual(titles(first.observed));
				expect(overheld(answer.children)).toEqual([]);
				for (const child of answer.children)
					expect(
						first.observed.find(({ kind, metadata }) => kind === child.kind && metadata.name === child.metadata.name),
					).toMatchObject(child);
				expect(answer.status).toEqual(first.answer.status);
				expect(undocumented(row, answer.status)).toEqual([]);
				expect(answer.resyncAfterSeconds).toBeGreaterThan(0);
				expect(answer.resyncAfterSeconds).toBeLessThanOrEqual(HELD_SECONDS);
			}),
		);
	});

	it("take over after two minutes, and are left alone in turn", () => {
		holds(
			fc.property(scenarios, (scenario) => {
				const first = settle(row, answeredBy(scenario, "v1.0.0"));
				const second = settle(row, later(answeredBy(first.scenario, "v2.0.0"), HANDOFF_SECONDS + 1), first.observed);
				const always = settle(row, answeredBy(scenario, "v2.0.0"));
				const alone = settle(row, later(always.scenario, HANDOFF_SECONDS + 1), always.observed);
				expect(second.answer.children.map(contentOf)).toEqual(alone.answer.children.map(contentOf));
				const changed = JSON.stringify(first.answer.children) !== JSON.stringify(second.answer.children);
				if (!changed) return;
				expect(stampIn(second.answer.status)).toMatchObject({ revision: second.scenario.context.revision });
				const back = sync(row, later(answeredBy(second.scenario, "v1.0.0"), 1), second.observed);
				expect(titles(back.children)).toEqual(titles(second.observed));
				expect(back.status).toEqual(second.answer.status);
			}),
		);
	});

	it("carry out an edit at once, whoever hears of it", () => {
		holds(
			fc.property(scenarios, (scenario) => {
				const first = settle(row, answeredBy(scenario, "v1.0.0"));
				const { parent } = first.scenario;
				const metadata = { ...parent.metadata, generation: (parent.metadata.generation ?? 0) + 1 };
				const edited = later(answeredBy({ ...first.scenario, parent: { ...parent, metadata } }, "v2.0.0"), 1);
				const alone = sync(row, { ...edited, context: withoutRevision(edited) }, first.observed);
				const answer = sync(row, edited, first.observed);
				expect(answer.children.map(contentOf)).toEqual(alone.children.map(contentOf));
				expect(answer.status).toMatchObject(alone.status);
			}),
		);
	});

	it("leave a paused object and its signature as they are", () => {
		holds(
			fc.property(scenarios, (scenario) => {
				const first = settle(row, answeredBy(scenario, "v1.0.0"));
				const { parent } = first.scenario;
				const metadata = { ...parent.metadata, annotations: { "prism.io/paused": "true" } };
				const paused = { ...answeredBy(first.scenario, "v2.0.0"), parent: { ...parent, metadata } };
				for (const seconds of [1, 10 * HANDOFF_SECONDS]) {
					const answer = sync(row, later(paused, seconds), first.observed);
					expect(titles(answer.children)).toEqual(titles(first.observed));
					expect(stampIn(answer.status)).toEqual(stampIn(first.answer.status));
				}
			}),
		);
	});

	it("write nothing at rest, also where the kind's definition knows no signature", () => {
		holds(
			fc.property(scenarios, (scenario) => {
				const { scenario: rested, observed, answer } = settle(row, answeredBy(scenario, "v1.0.0"));
				const { operator: _operator, ...status } = answer.status;
				const pruned = { ...rested, parent: { ...rested.parent, status } };
				const again = sync(row, later(pruned, 1), observed);
				expect(again.status).toEqual(status);
				expect(again.children).toEqual(answer.children);
			}),
		);
	});

	it("sign each child that they make", () => {
		holds(
			fc.property(scenarios, (scenario) => {
				const { context, ...mine } = answeredBy(scenario, "v1.0.0");
				for (const { metadata } of sync(row, { ...mine, context }, []).children)
					expect(metadata.annotations?.[SENT_BY_ANNOTATION]).toBe(`${context.revision} ${context.now}`);
			}),
		);
	});
});

const withoutRevision = ({ context: { revision: _revision, ...context } }: Scenario) => context;

/** A child without who sent it. */
const contentOf = ({ metadata, ...child }: KubeObject): unknown => {
	const {
		[SENT_BY_ANNOTATION]: _sentBy,
		[PODS_CHANGED_AFTER_ANNOTATION]: _changed,
		...annotations
	} = metadata.annotations ?? {};
	return { ...child, metadata: { ...metadata, annotations } };
};
