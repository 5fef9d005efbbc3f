import { conditionOf } from "../../kube/conditions.ts";
import { canonicalJson, describeObject } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Machinery } from "../cluster/machinery.ts";
import type { Speech } from "../cluster/speech.ts";
import type { ClusterView } from "../cluster/view.ts";
import type { Right } from "./rights.ts";

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
	/** The field that is to be changed by it: spec.patterns[name=orders].image. */
	readonly field?: string;
	/** What the command asks of the API server. */
	readonly rights?: readonly Right[];
}

export interface Explanation {
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
	| LogNeed
	| {
			readonly need: "object";
			readonly resource: string;
			readonly namespace: string | undefined;
			readonly name: string;
	  }
	| { readonly need: "namespace"; readonly namespace: string }
	| { readonly need: "machinery" };

export interface LogNeed {
	readonly need: "logs";
	readonly namespace: string;
	readonly pod: string;
	readonly container: string | undefined;
	readonly previous: boolean;
}

export const keyOf = (need: Need): string => canonicalJson(need);

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
	explain(object: KubeObject): Explanation | undefined;
}

// ── Building ────────────────────────────────────────────────────────────────────────────────────────────────────────

type Draft = Pick<Explanation, "cause"> & Partial<Explanation>;

/** An explanation that the object itself shows. */
export const shownBy = (object: KubeObject, word: string, draft: Draft): Explanation => ({
	steps: [{ object, word, since: draft.since }],
	evidence: named(object),
	details: [],
	next: [],
	state: "broken",
	needs: [],
	...draft,
});

/** What an object of ours says of itself, as a step. */
export const stepOf = (object: KubeObject): Step => ({
	object,
	word: conditionOf(object, "Ready")?.reason ?? "",
	since: told(object).since,
});

/** What an object of ours says of itself, where nothing tells more. */
export const told = (object: KubeObject) => {
	const ready = conditionOf(object, "Ready");
	return { cause: ready?.message ?? "", since: ready?.lastTransitionTime };
};

/** The same explanation with one more step before it. */
export const below = (step: Step, finding: Explanation): Explanation => ({
	...finding,
	steps: [step, ...finding.steps],
});

/** Nothing, if there is no line to tell. */
export const detail = (title: string, lines: readonly string[]): Detail[] =>
	lines.length === 0 ? [] : [{ title, lines }];

/** The log of a pod, of the run before or of the present one. */
export const logOf = (pod: KubeObject, container?: string, previous = false): LogNeed => ({
	need: "logs",
	namespace: pod.metadata.namespace ?? "",
	pod: pod.metadata.name,
	container,
	previous,
});

/** A log that is needed; nothing, if it was read. */
export const unread = ({ extra }: Known, need: LogNeed | undefined): Need[] =>
	need === undefined || extra.logs.has(keyOf(need)) ? [] : [need];

/** "Pod team/orders-0". */
export const named = describeObject;
