import type { CompositeRow } from "../../kube/hook.ts";
import { isRecord } from "../../kube/object.ts";
import { millisOf, timestampOf } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest, CompositeResponse } from "../../schemas/metacontroller.ts";
import { CompositeWorld } from "../world/world.ts";
import type { Scenario } from "./scenario.ts";

// The world of a hook as the laws use it: a scenario and what is observed go in, an answer comes out.

/** The world of a scenario, in which these children are there. */
export const worldIn = (
	row: CompositeRow,
	{ parent, related, context: { now, ...operator }, told }: Scenario,
	children: readonly KubeObject[],
): CompositeWorld =>
	Object.assign(new CompositeWorld(row, parent, now), { operator, related, children, ...(told && { told }) });

/** What has become of a scenario in its world. */
export const scenarioIn = (start: Scenario, { object, context }: CompositeWorld): Scenario => ({
	...start,
	parent: object,
	context,
});

export const requestOf = (row: CompositeRow, scenario: Scenario, observed: readonly KubeObject[]): CompositeRequest =>
	worldIn(row, scenario, observed).request();

/** One round of a hook: sync, or finalize for a parent that is being deleted. */
export const sync = (row: CompositeRow, scenario: Scenario, observed: readonly KubeObject[]): CompositeResponse =>
	worldIn(row, scenario, observed).respond();

export interface Settled {
	readonly scenario: Scenario;
	readonly observed: readonly KubeObject[];
	readonly answer: CompositeResponse;
}

export interface Pace {
	readonly most?: number;
	readonly seconds?: number;
	readonly onAnswer?: (answer: CompositeResponse) => void;
}

/** Syncs until an answer repeats itself, a second each unless told; what is answered is in the cluster at the next sync. */
export const settle = (
	row: CompositeRow,
	start: Scenario,
	present: readonly KubeObject[] = [],
	{ most, seconds = 1, onAnswer }: Pace = {},
): Settled => {
	const world = worldIn(row, start, present);
	const answer = world.settle(most, seconds, onAnswer);
	return { scenario: scenarioIn(start, world), observed: world.children, answer };
};

const MOST_FAREWELLS = 8;

/** Deletes the parent, and plays on, a second each, until the hook lets go of it; the answers that it took. */
export const farewell = (
	row: CompositeRow,
	start: Scenario,
	present: readonly KubeObject[],
	annotations: Record<string, string> = {},
): CompositeResponse[] => {
	const world = worldIn(row, start, present);
	world.annotate(annotations);
	world.delete();
	const answers: CompositeResponse[] = [];
	while (answers.length < MOST_FAREWELLS && !world.finalized) {
		world.pass(1);
		answers.push(world.sync());
	}
	return answers;
};

export const later = (scenario: Scenario, seconds: number): Scenario => ({
	...scenario,
	context: { ...scenario.context, now: timestampOf(millisOf(scenario.context.now) + seconds * 1000) },
});

export const titles = (children: readonly KubeObject[]): string[] =>
	children.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();

/** Every map with its keys the other way round; lists stay as they are. */
export const reversed = (value: unknown): unknown =>
	isRecord(value)
		? Object.fromEntries(
				Object.entries(value)
					.toReversed()
					.map(([name, field]) => [name, reversed(field)]),
			)
		: value;

/** Throws where a hook would write into what it was given. */
export const deepFrozen = <T>(value: T): T => {
	if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
		Object.freeze(value);
		for (const part of Object.values(value)) deepFrozen(part);
	}
	return value;
};
