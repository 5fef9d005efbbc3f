import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REGISTRY } from "../hooks/index.ts";
import { isAnnotated } from "../kube/boolean-annotations.ts";
import { isBalanced } from "../kube/delays.ts";
import { changedFields } from "../kube/drift.ts";
import { type CompositeRow, isComposite } from "../kube/hook.ts";
import { isRecord, isWorkload, valueAt } from "../kube/object.ts";
import type { KubeObject } from "../schemas/common.ts";
import { YIELDED_ANNOTATION } from "../schemas/vocabulary.ts";
import { behindAdmission, rewritten, uncorrected, unyielded, withForeignFields } from "./laws/admission.ts";
import {
	deepFrozen,
	farewell,
	later,
	requestOf,
	reversed,
	type Settled,
	settle,
	sync,
	titles,
} from "./laws/cluster.ts";
import {
	disconnected,
	misplaced,
	overheld,
	readyOf,
	recordAt,
	recordsAt,
	restless,
	undocumented,
	unfit,
} from "./laws/findings.ts";
import { misled, takeable, unwatching, withTaken } from "./laws/references.ts";
import { behindPolicy, NO_POLICY, POLICY } from "./laws/rewriting.ts";
import { beyondBounds, scaledTo, templatesOf, withCounts } from "./laws/scaling.ts";
import { nearScenarioOf, type Scenario, scenarioOf, validSpec } from "./laws/scenario.ts";
import { stored } from "./world/stored.ts";

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

const reasonOf = (status: Record<string, unknown>): unknown =>
	recordsAt({ status }, "status", "conditions").find(({ type }) => type === "Ready")?.["reason"];

const conditionsBeside = (status: Record<string, unknown>, type: string) =>
	recordsAt({ status }, "status", "conditions").filter((condition) => condition["type"] !== type);

const sameIn = (objects: readonly KubeObject[], { kind, metadata }: KubeObject): KubeObject | undefined =>
	objects.find((other) => other.kind === kind && other.metadata.name === metadata.name);

const isPaused = ({ metadata }: KubeObject): boolean => metadata.annotations?.["prism.io/paused"] === "true";

const hashOf = ({ metadata }: KubeObject): string | undefined => metadata.annotations?.["prism.io/desired-hash"];

/** Whether the spec was not carried out. */
const isRefused = (status: Record<string, unknown>): boolean =>
	["Unsupported", "InvalidSpec", "CrossNamespaceReference", "InlineCredentials"].includes(String(reasonOf(status)));

describe.each(REGISTRY.filter(isComposite).map((row): [string, CompositeRow] => [row.name, row]))(
	"laws of %s",
	{ timeout: 60_000 },
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
					expect(unfit(children)).toEqual([]);
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

		const selecting = ["Deployment", "StatefulSet", "Service", "PodDisruptionBudget"];
		const selectors = ({ answer }: Settled) =>
			answer.children
				.filter(({ kind }) => selecting.includes(kind))
				.map((child) => ({
					kind: child.kind,
					title: `${child.kind} ${child.metadata.name}`,
					selector: recordAt(child, "spec", "selector"),
				}));

		/** Of a stack, the proxies move, beside a StatefulSet of the control plane: only its children have other names after an edit. */
		const withWorkloads = (spec: unknown, workload: string): unknown =>
			row.parent.kind === "PrismStack" && isRecord(spec)
				? {
						...spec,
						admin: { ...recordAt(spec, "admin"), enabled: true, replicas: 1, storage: { size: "1Gi" } },
						proxy: { ...recordAt(spec, "proxy"), workload },
					}
				: spec;

		it("never moves a selector when spec is edited, nor gives it to a workload of another name", () => {
			const compared = { same: 0, others: 0 };
			holds(
				fc.property(valid, specs, fc.boolean(), (scenario, spec, isWhole) => {
					const from = scenario.parent["spec"];
					const to = isWhole ? spec : { ...(from as object), ...(spec as object) };
					const parent = { ...scenario.parent, spec: withWorkloads(from, "Deployment") };
					const before = settle(row, { ...scenario, parent });
					const after = settle(row, edited(before.scenario, withWorkloads(to, "StatefulSet")), before.observed);
					const old = selectors(before);
					for (const { kind, title, selector } of selectors(after)) {
						const same = old.find((each) => each.title === title);
						if (same !== undefined) {
							compared.same += 1;
							expect(selector).toEqual(same.selector);
							continue;
						}
						// For a while there are both: each would count the pods of the other.
						const others = old.filter((each) => each.kind === kind && isWorkload(each));
						compared.others += others.length;
						for (const other of others) expect(selector, title).not.toEqual(other.selector);
					}
				}),
				Math.ceil(RUNS / 2),
			);
			expect(compared.same > 0).toBe(row.children.some(({ kind }) => selecting.includes(kind)));
			expect(compared.others > 0).toBe(row.parent.kind === "PrismStack");
		});

		it("is not Ready in the answer to an edit that changes a child", () => {
			let seen = 0;
			holds(
				fc.property(valid, specs, (scenario, spec) => {
					const { scenario: rested, observed, answer } = settle(row, scenario);
					const next = sync(row, edited(rested, spec), observed);
					// What is merely no longer wanted does not make the rest less ready.
					const isNew = (child: KubeObject) => !answer.children.some((old) => isDeepStrictEqual(old, child));
					if (!next.children.some(isNew)) return;
					if (readyOf(answer.status) === "True") seen += 1;
					expect(readyOf(next.status)).not.toBe("True");
				}),
			);
			expect(seen).toBeGreaterThan(0);
		});

		it("reports a refused change as such after 30 s", () => {
			holds(
				fc.property(valid, specs, (scenario, spec) => {
					const { scenario: rested, observed } = settle(row, scenario);
					const changed = edited(rested, spec);
					const first = sync(row, changed, observed);
					const isStale = (child: KubeObject) => {
						const there = observed.find(
							({ kind, metadata: { name } }) => kind === child.kind && name === child.metadata.name,
						);
						return there !== undefined && hashOf(there) !== hashOf(child);
					};
					fc.pre(first.children.some(isStale));
					const waiting = { ...changed, parent: { ...changed.parent, status: first.status } };
					const { status, children } = sync(row, later(waiting, 31), observed);
					fc.pre(children.some(isStale));
					expect(readyOf(status)).toBe("False");
					expect(reasonOf(status)).toBe("ChildRefused");
				}),
				Math.ceil(RUNS / 2),
			);
		});

		it.each([
			["watched", row],
			["not watched", unwatching(row)],
		])(
			"uses nothing that is of another owner under a name that it computed, where names are %s",
			(_names, installed) => {
				holds(
					fc.property(valid, (scenario) => {
						fc.pre(!isPaused(scenario.parent));
						const { answer, observed } = settle(installed, scenario);
						expect(observed.map(({ kind }) => kind).toSorted()).toEqual(
							answer.children.map(({ kind }) => kind).toSorted(),
						);
						for (const taken of takeable(answer.children))
							for (const given of withTaken(installed, scenario, taken))
								expect(misled(given, taken), `${taken.kind} ${taken.metadata.name}`).toEqual([]);
					}),
				);
			},
		);

		if (row.children.some(({ kind }) => kind === "Service"))
			it("is not Ready for long while a Service lacks a port that is sent", () => {
				holds(
					fc.property(valid, (scenario) => {
						const { scenario: rested, observed } = settle(row, scenario);
						fc.pre(observed.some(({ kind }) => kind === "Service") && !isPaused(rested.parent));
						const moved = observed.map((child) => {
							if (child.kind !== "Service") return child;
							const ports = recordsAt(child, "spec", "ports").map((port, index) => ({ ...port, port: 65_000 + index }));
							return { ...child, spec: { ...recordAt(child, "spec"), ports } };
						});
						const first = sync(row, rested, moved);
						const waiting = { ...rested, parent: { ...rested.parent, status: first.status } };
						const { status } = sync(row, later(waiting, 31), moved);
						expect(readyOf(status)).toBe("False");
					}),
					Math.ceil(RUNS / 2),
				);
			});

		it("is not Ready while a child of any kind is being deleted", () => {
			holds(
				fc.property(valid, fc.nat(), (scenario, index) => {
					const { scenario: rested, observed } = settle(row, scenario);
					fc.pre(observed.length > 0);
					const chosen = observed[index % observed.length];
					const there = observed.map((child) =>
						child === chosen
							? { ...child, metadata: { ...child.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }
							: child,
					);
					const { status, children } = sync(row, rested, there);
					// A paused object sends nothing, least of all what is being deleted.
					fc.pre(
						children.some(({ kind, metadata: { name } }) => chosen?.kind === kind && chosen.metadata.name === name),
					);
					expect(readyOf(status)).toBe("False");
					expect(reasonOf(status)).toBe("ChildTerminating");
				}),
				Math.ceil(RUNS / 2),
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

		it("makes the same pods, and the same children, of specs that differ in counts only", () => {
			holds(
				fc.property(valid, fc.nat(3), fc.nat(3), (scenario, one, other) => {
					const of = (count: number) => {
						const spec = withCounts(scenario.parent["spec"], count);
						return settle(row, { ...scenario, parent: { ...scenario.parent, spec } }).answer.children;
					};
					const [few, many] = [of(one), of(other)];
					expect(templatesOf(many)).toEqual(templatesOf(few));
					expect(titles(many)).toEqual(titles(few));
				}),
				Math.ceil(RUNS / 2),
			);
		});

		it("sends no count that its autoscaler would not set, and is not Ready before it is there", () => {
			holds(
				fc.property(valid, fc.nat(6), (scenario, count) => {
					const { scenario: rested, observed, answer } = settle(row, scenario);
					fc.pre(readyOf(answer.status) === "True" && !isAnnotated(rested.parent, "prism.io/paused"));
					const next = sync(row, rested, scaledTo(observed, count));
					expect(beyondBounds(next.children)).toEqual([]);
					const lacksPods = next.children.some(({ kind, spec }) => {
						const wanted = kind === "Deployment" || kind === "StatefulSet" ? valueAt(spec, "replicas") : undefined;
						return typeof wanted === "number" && count < wanted;
					});
					if (lacksPods) expect(readyOf(next.status)).toBe("False");
				}),
				Math.ceil(RUNS / 2),
			);
		});

		it("decides the same when admission has rewritten what it sent", () => {
			holds(
				fc.property(valid, (scenario) => {
					const { scenario: rested, observed, answer } = settle(row, scenario);
					// One that is held is answered with the values that it has.
					fc.pre(readyOf(answer.status) === "True" && !isAnnotated(rested.parent, "prism.io/paused"));
					// After a minute, an address that nobody gives is a finding of its own.
					fc.pre(!answer.children.some(isBalanced));
					const behind = behindAdmission(row, rested, observed);
					// What is rewritten for 30 s is sent as it is stored from then on.
					for (const each of behind.slice(0, 2)) expect(each.children.map(uncorrected)).toEqual(answer.children);
					for (const each of behind) {
						expect(conditionsBeside(each.status, "Warning")).toEqual(conditionsBeside(answer.status, "Warning"));
					}
					const [before, last] = behind.slice(-2);
					expect(last).toEqual(before);
					const isChanged = observed.some((child) => changedFields(child, rewritten(child)).length > 0);
					expect(JSON.stringify(last?.status).includes("is stored with other values")).toBe(isChanged);
				}),
				Math.ceil(RUNS / 2),
			);
		});

		it("comes to rest although admission changes what is sent, for ever", () => {
			holds(
				fc.property(valid, specs, POLICY, (scenario, spec, policy) => {
					fc.pre(!isPaused(scenario.parent));
					const { observed: shapes } = settle(row, scenario);
					const minutes = behindPolicy(row, scenario, [], { ...policy, shapes }, "asked");
					const last = minutes.at(-1);
					fc.pre(last !== undefined);
					const rest = behindPolicy(row, last.scenario, last.observed, { ...policy, shapes }, [60, 60, 3600]);
					expect(rest.map(({ writes }) => writes)).toEqual([0, 0, 0]);
					expect(rest.at(-1)?.answer.status).toEqual(rest[0]?.answer.status);
					const isNamed = last.observed.some(
						({ metadata }) => metadata.annotations?.[YIELDED_ANNOTATION] !== undefined,
					);
					if (isNamed) expect(JSON.stringify(rest.at(-1)?.answer.status)).toContain("is stored with other values");
					// The next edit sends its own values again, and so does the command of the warning.
					const next = sync(row, edited(last.scenario, spec), last.observed);
					for (const child of next.children) {
						const there = sameIn(last.observed, child);
						if (there !== undefined && hashOf(there) !== hashOf(child)) expect(unyielded(child)).toEqual(child);
					}
					const freed = behindPolicy(row, last.scenario, last.observed.map(unyielded), NO_POLICY, [1, 1, 1]);
					const healed = freed.at(-1);
					for (const child of healed?.answer.children ?? []) {
						const there = healed && sameIn(healed.observed, child);
						expect(unyielded(child)).toEqual(child);
						expect(there && changedFields(child, there)).toEqual([]);
					}
				}),
				Math.ceil(RUNS / 2),
			);
		});

		it("decides the same when others have added fields of theirs", () => {
			holds(
				fc.property(valid, (scenario) => {
					const { scenario: rested, observed, answer } = settle(row, scenario);
					fc.pre(!isAnnotated(rested.parent, "prism.io/paused"));
					const next = sync(row, rested, observed.map(withForeignFields));
					expect(next.children).toEqual(answer.children);
					expect(conditionsBeside(next.status, "Warning")).toEqual(conditionsBeside(answer.status, "Warning"));
				}),
				Math.ceil(RUNS / 2),
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

		if (row.finalize !== undefined)
			it("lets go of what is deleted when nothing holds it, and by force", () => {
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
