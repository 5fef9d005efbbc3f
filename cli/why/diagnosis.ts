import type { KubeObject } from "../../schemas/common.ts";
import type { Machinery } from "../cluster/machinery.ts";
import type { Speech } from "../cluster/speech.ts";
import type { ClusterView } from "../cluster/view.ts";

// The vocabulary of `why`: what is known, what an explanation is made of, and what else would have to be read for it. An
// explanation is a pure function of what is known; what it lacks it asks for, is given, and is asked again.

/** One step from the object that was asked about down to the one that shows the cause. */
export interface Step {
	readonly object: KubeObject;
	/** A word: the reason, or Kubernetes' own. */
	readonly word: string;
	readonly since?: string | undefined;
}

/** What to do, or to look at: words, a command, or both. */
export interface Advice {
	readonly say?: string;
	readonly command?: string;
}

export interface Finding {
	readonly steps: readonly Step[];
	/** The first cause, in one or two sentences. */
	readonly cause: string;
	readonly since?: string | undefined;
	/** The object that shows it, with the container where there is one: "Pod team/orders-0, container runner". */
	readonly evidence: string;
	/** What else helps: last words of a log, what each instance says. */
	readonly details: readonly Detail[];
	readonly next: readonly Advice[];
	/** What is under way by itself, needs somebody, or was asked to stand still. */
	readonly state: "waiting" | "broken" | "paused";
	readonly needs: readonly Need[];
}

export interface Detail {
	readonly title: string;
	readonly lines: readonly string[];
}

/** Something that was not read, and would tell more. */
export type Need =
	| {
			readonly need: "logs";
			readonly namespace: string;
			readonly pod: string;
			readonly container: string | undefined;
			readonly previous: boolean;
	  }
	| {
			readonly need: "object";
			readonly resource: string;
			readonly namespace: string | undefined;
			readonly name: string;
	  }
	| { readonly need: "namespace"; readonly namespace: string }
	| { readonly need: "machinery" };

export const keyOf = (need: Need): string => {
	switch (need.need) {
		case "logs":
			return `logs ${need.namespace}/${need.pod}/${need.container ?? ""}/${need.previous}`;
		case "object":
			return `object ${need.resource}/${need.namespace ?? ""}/${need.name}`;
		case "namespace":
			return `namespace ${need.namespace}`;
		case "machinery":
			return "machinery";
		default:
			return need satisfies never;
	}
};

/** What was read because an explanation asked for it. A key without a value was asked for and is not to be had. */
export interface Extra {
	readonly logs: ReadonlyMap<string, string | undefined>;
	readonly objects: ReadonlyMap<string, KubeObject | undefined>;
	readonly namespaces: ReadonlySet<string>;
	readonly machinery: Machinery | undefined;
}

export const NOTHING_MORE: Extra = { logs: new Map(), objects: new Map(), namespaces: new Set(), machinery: undefined };

/** What an explanation is made from. */
export interface Known {
	readonly view: ClusterView;
	readonly extra: Extra;
	readonly speech: Speech;
	/** Explains another object, as a part of this explanation. */
	explain(object: KubeObject): Finding | undefined;
}

// ── Building ────────────────────────────────────────────────────────────────────────────────────────────────────────

type Draft = Pick<Finding, "cause"> & Partial<Finding>;

/** An explanation that the object itself shows. */
export const shownBy = (object: KubeObject, word: string, draft: Draft): Finding => ({
	steps: [{ object, word, since: draft.since }],
	evidence: named(object),
	details: [],
	next: [],
	state: "broken",
	needs: [],
	...draft,
});

/** The same explanation with one more step before it. */
export const below = (step: Step, finding: Finding): Finding => ({ ...finding, steps: [step, ...finding.steps] });

export const named = ({ kind, metadata: { namespace, name } }: KubeObject): string =>
	`${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
