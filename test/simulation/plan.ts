import fc from "fast-check";
import { autoscaled, type Kind, NAMES, specOf } from "./specs.ts";
import { NAMESPACES } from "./world.ts";

// What happens in a world: what its users do, and what goes wrong. Plain data, so that it can be printed, cut down and
// played again.

export interface Plan {
	/** Of all chance that is left: in which order things happen, how long requests take. */
	readonly seed: number;
	readonly deeds: readonly Deed[];
	readonly troubles: readonly Trouble[];
	/** What is so in this world, with and without the troubles; undefined: nothing out of the ordinary. */
	readonly circumstance?: Circumstance | undefined;
}

export type Deed =
	| {
			readonly at: number;
			readonly do: "declare";
			readonly kind: Kind;
			readonly namespace: string;
			readonly name: string;
			readonly spec: unknown;
	  }
	| {
			readonly at: number;
			readonly do: "withdraw";
			readonly kind: Kind;
			readonly namespace: string;
			readonly name: string;
	  }
	| {
			readonly at: number;
			readonly do: "pause" | "resume";
			readonly kind: Kind;
			readonly namespace: string;
			readonly name: string;
	  };

/** What may go wrong, at which second, for how many, and to whom: a number that chooses among those that are there. */
export interface Trouble {
	readonly at: number;
	readonly seconds: number;
	readonly what: TroubleName;
	readonly choice: number;
}

export const TROUBLES = [
	"controller dies",
	"controller dies after a few writes",
	"controller starts from an API server that is behind",
	"hook dies",
	"hook stands still",
	"hook of another version",
	"hook's clock is wrong",
	"requests fail",
	"events come late",
	"watches break",
	"events come twice",
	"requests are made once more",
	"proxy is slow",
	"proxy hangs",
	"proxy answers with an error",
	"proxy refuses",
	"proxy does it and does not say so",
	"proxy resets connections",
	"proxy lies",
	"proxy loses a part",
	"proxy knows the published design only",
	"proxy loses all",
	"control planes have no leader",
	"record is changed by hand",
	"pod is gone",
	"pod and volume are gone",
	"pod crashes",
	"pod is not ready",
	"child is edited",
	"child is deleted",
	"child loses a label",
	"the clock jumps",
] as const;
export type TroubleName = (typeof TROUBLES)[number];

/** Begins at its second and never ends. */
export interface Circumstance {
	readonly at: number;
	readonly what: CircumstanceName;
	readonly choice: number;
}

export const CIRCUMSTANCES = [
	"admission changes children",
	"admission refuses updates of children",
	"children are paused",
	"a quota for pods",
	"a child is held by a finalizer",
	"an autoscaler moves",
	"instances are out of reach",
] as const;
export type CircumstanceName = (typeof CIRCUMSTANCES)[number];

/** Seconds within which all deeds are done and all trouble begins. */
export const HISTORY_SECONDS = 240;
const LONGEST_TROUBLE = 120;

const SECOND = fc.nat(HISTORY_SECONDS);

/** Everybody's place is team-a, mostly. */
const PLACE = fc.oneof(
	{ weight: 6, arbitrary: fc.constant(NAMESPACES[0]) },
	{ weight: 1, arbitrary: fc.constant(NAMESPACES[1]) },
);

const subjectOf = (kind: Kind) =>
	fc.record({ kind: fc.constant(kind), namespace: PLACE, name: fc.constantFrom(...NAMES[kind]) });

const declaration = (kind: Kind, at: fc.Arbitrary<number>): fc.Arbitrary<Deed> =>
	fc
		.tuple(at, subjectOf(kind), specOf(kind))
		.map(([second, subject, spec]) => ({ at: second, do: "declare", ...subject, spec }));

const deedOn = (kind: Kind): fc.Arbitrary<Deed> =>
	fc.oneof(
		{ weight: 6, arbitrary: declaration(kind, SECOND) },
		{
			weight: 2,
			arbitrary: fc
				.tuple(SECOND, subjectOf(kind))
				.map(([at, subject]) => ({ at, do: "withdraw" as const, ...subject })),
		},
		{
			weight: 1,
			arbitrary: fc
				.tuple(SECOND, fc.constantFrom("pause" as const, "resume" as const), subjectOf(kind))
				.map(([at, deed, subject]) => ({ at, do: deed, ...subject })),
		},
	);

/** Kinds that have to do with each other, so that small worlds are about something. */
const TOGETHER: readonly (readonly Kind[])[] = [
	["PatternRunner", "BackendConfig"],
	["PrismStack", "PatternRunner", "BackendConfig"],
	["PrismStack", "PrismNamespace"],
	["PrismShard", "PrismNamespace", "PrismNamespace"],
	["PrismShard", "PrismPlugin"],
	["PrismShard", "PrismPlugin", "PrismNamespace"],
	["PrismStack", "PatternRunner", "BackendConfig", "PrismShard", "PrismNamespace", "PrismPlugin"],
];

const deedsAmong = (kinds: readonly Kind[]): fc.Arbitrary<Deed[]> =>
	fc
		.tuple(
			fc.tuple(...kinds.map((kind) => fc.array(declaration(kind, fc.nat(2)), { minLength: 1, maxLength: 2 }))),
			fc.array(fc.oneof(...kinds.map(deedOn)), { maxLength: 8 }),
		)
		.map(([first, later]) => [...first.flat(), ...later]);

const TROUBLE: fc.Arbitrary<Trouble> = fc.record({
	at: SECOND,
	seconds: fc.integer({ min: 1, max: LONGEST_TROUBLE }),
	what: fc.constantFrom(...TROUBLES),
	choice: fc.nat(1000),
});

const CIRCUMSTANCE: fc.Arbitrary<Circumstance> = fc.record({
	at: SECOND,
	what: fc.constantFrom(...CIRCUMSTANCES),
	choice: fc.nat(1000),
});

const DEEDS = fc.oneof(...TOGETHER.map(deedsAmong));

/** Every other declaration has an autoscaler where there is one that moves: objects come to have one, and lose it. */
const withAutoscalers = (plan: Plan): Plan => {
	const { circumstance, deeds } = plan;
	if (circumstance?.what !== "an autoscaler moves") return plan;
	const isAutoscaled = (deed: Deed) => (deed.at + circumstance.choice) % 2 === 0;
	return {
		...plan,
		deeds: deeds.map((deed) =>
			deed.do === "declare" && isAutoscaled(deed) ? { ...deed, spec: autoscaled(deed.kind, deed.spec) } : deed,
		),
	};
};

export const PLAN: fc.Arbitrary<Plan> = fc
	.record({
		seed: fc.noShrink(fc.nat(0x7fffffff)),
		deeds: DEEDS,
		troubles: fc.array(TROUBLE, { minLength: 2, maxLength: 10 }),
		circumstance: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: CIRCUMSTANCE }),
	})
	.map(withAutoscalers);
