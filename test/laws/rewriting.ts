import fc from "fast-check";
import { applyUpdate, withLastApplied } from "../../kube/dynamic-apply.ts";
import type { CompositeRow } from "../../kube/hook.ts";
import { isRecord, isSameJson } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeResponse } from "../../schemas/metacontroller.ts";
import { stored } from "../world/stored.ts";
import { scenarioIn, worldIn } from "./cluster.ts";
import type { Scenario } from "./scenario.ts";

// A cluster whose admission rewrites fields for ever, nobody knows why, and changes an object at every write, so that each write is
// news of the object.

/** What a policy makes of one of the values that the operator sends. */
type Rule = "constant" | "normalized" | "kept" | "dropped" | "emptied";

export interface Policy {
	/** Which of a child's values, by a number, and how. */
	readonly rules: readonly { readonly value: number; readonly rule: Rule }[];
	/** Children as they are without it: a rule's number means the same value however a child is changed. */
	readonly shapes: readonly KubeObject[];
}

export const NO_POLICY: Policy = { rules: [], shapes: [] };

export const POLICY: fc.Arbitrary<Pick<Policy, "rules">> = fc.record({
	rules: fc.array(
		fc.record({
			value: fc.nat(10_000),
			rule: fc.constantFrom<Rule>("constant", "normalized", "kept", "dropped", "emptied"),
		}),
		{ minLength: 1, maxLength: 6 },
	),
});

type Path = readonly (string | number)[];

/** Where the values of an object are that admission could change: neither its name, nor what Metacontroller looks at. */
const pathsIn = (value: unknown, path: Path = []): Path[] => {
	if (Array.isArray(value)) return value.flatMap((item, index) => pathsIn(item, [...path, index]));
	if (!isRecord(value)) return [path];
	const own = path.length === 0 ? ["spec", "data"] : Object.keys(value);
	return own.filter((field) => field in value).flatMap((field) => pathsIn(value[field], [...path, field]));
};

/** Lists' keys tell items apart, and the count of pods is an autoscaler's too. */
const isIdentity = (path: Path): boolean =>
	["name", "port", "containerPort", "mountPath", "replicas", "kind", "apiVersion"].includes(String(path.at(-1)));

const at = (value: unknown, [step, ...rest]: Path): unknown => {
	if (step === undefined) return value;
	if (Array.isArray(value)) return at(value[Number(step)], rest);
	return isRecord(value) ? at(value[step], rest) : undefined;
};

/** The value with another one at a path; where the path is not there, as it is. */
const withValue = (value: unknown, [step, ...rest]: Path, next: unknown): unknown => {
	if (step === undefined) return next;
	if (Array.isArray(value)) return value.map((item, index) => (index === step ? withValue(item, rest, next) : item));
	if (!isRecord(value) || (rest.length > 0 && !(step in value))) return value;
	const { [step]: inner, ...others } = value;
	const changed = withValue(inner, rest, next);
	return changed === undefined ? others : { ...value, [step]: changed };
};

const RULES: Readonly<Record<Rule, (value: unknown, before: unknown) => unknown>> = {
	constant: (value) => (typeof value === "number" ? 7 : typeof value === "boolean" ? true : "policy"),
	normalized: (value) =>
		typeof value === "number" ? Math.min(value, 3) : typeof value === "string" ? value.toUpperCase() : value,
	kept: (value, before) => before ?? value,
	dropped: () => undefined,
	emptied: (value) => (typeof value === "string" ? "" : value),
};

/** What admission makes of an object that is written over another one. */
const admitted = (object: KubeObject, before: KubeObject | undefined, { rules, shapes }: Policy): KubeObject => {
	const shape = shapes.find(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name);
	if (shape === undefined) return object;
	const paths = pathsIn(shape).filter((path) => !isIdentity(path));
	return rules.reduce<KubeObject>((written, { value, rule }) => {
		const path = paths[value % Math.max(1, paths.length)];
		// Of a list that gets shorter with every write, nothing is left.
		const done = rule === "dropped" && typeof path?.at(-1) === "number" ? "constant" : rule;
		const isThere = path !== undefined && (at(written, path) !== undefined || done === "constant");
		return isThere
			? (withValue(written, path, RULES[done](at(written, path), before && at(before, path))) as KubeObject)
			: written;
	}, object);
};

/** The cluster at one moment, with the writes that it took so far. */
export interface Rewriting {
	readonly scenario: Scenario;
	readonly observed: readonly KubeObject[];
	readonly answer: CompositeResponse;
	readonly writes: number;
}

/** As Metacontroller merges it, and admission has its way. Where the merge makes no difference, nothing is written. */
const writtenUnder =
	(policy: Policy): typeof stored =>
	(child, parent, there) => {
		const merged = there === undefined ? child : applyUpdate(there, child);
		if (there !== undefined && isSameJson(merged, there)) return there;
		const { status: _status, ...object } = admitted(merged, there, policy);
		const counted = Number(there?.metadata.annotations?.["policy.example/writes"] ?? 0) + 1;
		const kept = withLastApplied(stored(object, parent, there), child);
		const annotations = { ...kept.metadata.annotations, "policy.example/writes": String(counted) };
		return { ...kept, metadata: { ...kept.metadata, annotations } };
	};

/** Syncs so many seconds apart, in a cluster with a policy; "asked": as the answers ask for, for minutes. */
export const behindPolicy = (
	row: CompositeRow,
	start: Scenario,
	present: readonly KubeObject[],
	policy: Policy,
	pauses: readonly number[] | "asked",
): Rewriting[] => {
	const looks: Rewriting[] = [];
	const world = worldIn(row, start, present);
	world.written = writtenUnder(policy);
	let left = MINUTES * 60;
	const nextPause = (): number | undefined => {
		if (pauses !== "asked") return pauses[looks.length];
		const { writes = 1, answer } = looks.at(-1) ?? {};
		// What was written is news.
		const pause = writes > 0 ? 1 : Math.min(60, answer?.resyncAfterSeconds ?? 60);
		left -= pause;
		return left > 0 && looks.length < MOST_LOOKS ? pause : undefined;
	};
	for (let pause = nextPause(); pause !== undefined; pause = nextPause()) {
		world.pass(pause);
		const before = new Set(world.children);
		const answer = world.sync();
		const writes = world.children.filter((child) => !before.has(child)).length;
		looks.push({ scenario: scenarioIn(start, world), observed: world.children, answer, writes });
	}
	return looks;
};

const MINUTES = 6;
const MOST_LOOKS = 200;
