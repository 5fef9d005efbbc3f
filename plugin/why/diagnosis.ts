import { conditionOf } from "../../kube/conditions.ts";
import { canonicalJson, describeObject } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ClusterView } from "../cluster/cluster-view.ts";
import type { Speech } from "../cluster/command-lines.ts";
import type { Machinery } from "../cluster/installation.ts";
import type { Permission, Rules } from "./permissions.ts";

// The types of `why`: the known data, an explanation, and what must be read for it. An explanation is a pure function of the
// known data. It returns what it still needs; the caller reads that, and calls it again.

/** One step from the object in question down to the object that shows the cause. */
export interface Step {
	readonly object: KubeObject;
	/** The reason, or the word that Kubernetes uses. */
	readonly word: string;
	readonly since?: string | undefined;
}

/** What to do or to inspect: a sentence, a command, or both. */
export interface Advice {
	readonly say?: string;
	readonly command?: string;
	/** The field to change: spec.patterns[name=orders].image. */
	readonly field?: string;
	/** The RBAC permissions that the command needs. */
	readonly permissions?: readonly Permission[];
}

export interface Explanation {
	readonly steps: readonly Step[];
	/** The first cause, in one or two sentences. */
	readonly cause: string;
	readonly since?: string | undefined;
	/** The object that shows it, with the container where there is one: "Pod team/orders-0, container runner". */
	readonly evidence: string;
	/** Further information: the last lines of a log, the state of each instance. */
	readonly details: readonly Detail[];
	readonly next: readonly Advice[];
	/** Progressing, needs a user, or paused. */
	readonly state: "waiting" | "broken" | "paused";
	readonly needs: readonly Need[];
}

export interface Detail {
	readonly title: string;
	readonly lines: readonly string[];
}

/** Data that was not read, and that the explanation needs. */
export type Need =
	| LogNeed
	| {
			readonly need: "object";
			readonly resource: string;
			readonly namespace: string | undefined;
			readonly name: string;
	  }
	| { readonly need: "namespace"; readonly namespace: string }
	| { readonly need: "machinery" }
	/** The resources that the cluster serves. */
	| { readonly need: "served" }
	/** What a ServiceAccount may do in all namespaces. */
	| { readonly need: "rights"; readonly account: string };

export interface LogNeed {
	readonly need: "logs";
	readonly namespace: string;
	readonly pod: string;
	readonly container: string | undefined;
	readonly previous: boolean;
}

export const keyOf = (need: Need): string => canonicalJson(need);

/** Data that an explanation requested. A key with the value undefined could not be read. */
export interface Extra {
	readonly logs: ReadonlyMap<string, string | undefined>;
	readonly objects: ReadonlyMap<string, KubeObject | undefined>;
	readonly namespaces: ReadonlySet<string>;
	readonly machinery: Machinery | undefined;
	/** "deployments.apps", "pods"; undefined: not read, empty: can't be read. */
	readonly served: ReadonlySet<string> | undefined;
	/** Rules by the user name of a ServiceAccount. */
	readonly rights: ReadonlyMap<string, Rules>;
}

export const NO_EXTRA: Extra = {
	logs: new Map(),
	objects: new Map(),
	namespaces: new Set(),
	machinery: undefined,
	served: undefined,
	rights: new Map(),
};

/** The input of an explanation. */
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

/** The Ready condition of a custom resource, as a step. */
export const stepOf = (object: KubeObject): Step => ({
	object,
	word: conditionOf(object, "Ready")?.reason ?? "",
	since: reported(object).since,
});

/** Message and time of the Ready condition, if nothing else has the cause. */
export const reported = (object: KubeObject) => {
	const ready = conditionOf(object, "Ready");
	return { cause: ready?.message ?? "", since: ready?.lastTransitionTime };
};

/** The same explanation with one more step before it. */
export const below = (step: Step, finding: Explanation): Explanation => ({
	...finding,
	steps: [step, ...finding.steps],
});

/** Empty without lines. */
export const detail = (title: string, lines: readonly string[]): Detail[] =>
	lines.length === 0 ? [] : [{ title, lines }];

/** The log of a pod, of its previous or current container. */
export const logOf = (pod: KubeObject, container?: string, previous = false): LogNeed => ({
	need: "logs",
	namespace: pod.metadata.namespace ?? "",
	pod: pod.metadata.name,
	container,
	previous,
});

/** A log that is needed; empty if it was read. */
export const unread = ({ extra }: Known, need: LogNeed | undefined): Need[] =>
	need === undefined || extra.logs.has(keyOf(need)) ? [] : [need];

/** "Pod team/orders-0". */
export const named = describeObject;
