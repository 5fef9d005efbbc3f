import type { Found } from "../../kube/conditions.ts";
import { isRecord } from "../../kube/object.ts";
import { admitted } from "../../kube/offline.ts";
import { rowOf } from "../../plugin/render/render.ts";
import type { InstanceAnswer } from "../../schemas/admin.ts";
import type { Condition, DelayedChildren, KubeObject } from "../../schemas/common.ts";
import type { Installation } from "../../schemas/installation.ts";
import type { CompositeResponse } from "../../schemas/metacontroller.ts";
import { API_VERSION, type REASONS } from "../../schemas/vocabulary.ts";
import { INSTALLATION } from "../installation.ts";
import { recordAt, recordsAt } from "../laws/findings.ts";
import { asComposite } from "../world/decorators.ts";
import { LAST_APPLIED } from "../world/stored.ts";
import { CompositeWorld } from "../world/world.ts";

// One situation for every reason that a hook can give. What it says then, word by word: test/statuses.

export const NOW = "2026-01-01T00:00:00Z";
export const LONG_AGO = "2025-12-01T00:00:00Z";

type Reason = keyof typeof REASONS;

export interface Situation {
	readonly title: string;
	readonly parent: KubeObject;
	/** Changes to the children that are observed: by default all that the hook wants are there, and ready. */
	readonly observed?: (ready: readonly KubeObject[]) => readonly KubeObject[];
	readonly related?: readonly KubeObject[];
	/** What instances say when they are asked: by default that all is well, and that they hold nothing. */
	readonly told?: (instance: string) => InstanceAnswer | undefined;
	/** Pods that are not ready, as their endpoints tell. */
	readonly unready?: readonly string[];
	readonly installation?: Partial<Installation>;
	readonly condition: {
		readonly type?: string;
		readonly status: string;
		readonly reason: Reason;
	};
	readonly phase: string;
}

export const expected = (status: string, reason: Reason): Situation["condition"] => ({ status, reason });
/** The warnings themselves: test/statuses. */
export const WARNED = { type: "Warning", status: "True", reason: "Warnings" } as const;

export const object = (kind: string, spec: unknown, metadata: Partial<KubeObject["metadata"]> = {}): KubeObject => ({
	apiVersion: API_VERSION,
	kind,
	metadata: { name: "it", namespace: "prism", generation: 1, creationTimestamp: LONG_AGO, ...metadata },
	spec,
});

export const paused = { annotations: { "prism.io/paused": "true" } };

/** What the hook answers in a situation: finalize's answer for what is being deleted, and sync's for everything else. */
export const answerTo = (situation: Situation): CompositeResponse => settledIn(situation).respond();

/** What the hook finds in a situation, before it is put into words. */
export const foundIn = (situation: Situation): Found => {
	const world = settledIn(situation);
	const request = world.request();
	return world.row.found(request, world.context, world.outside(request));
};

const settledIn = (situation: Situation): CompositeWorld => {
	const { parent, observed = (ready) => ready } = situation;
	// A pause or a deletion comes after the children that it is about.
	const { annotations: _annotations, deletionTimestamp: _deletionTimestamp, ...metadata } = parent.metadata;
	const before = worldIn({ ...situation, parent: { ...parent, metadata } });
	// What is asked of instances, and what children are read, reaches the children a round later.
	for (let round = 0; round < 4; round += 1) before.children = before.respond().children.map(ready);
	return Object.assign(worldIn(situation), { children: observed(before.children) });
};

const worldIn = ({ parent, related = [], told, unready = [], installation }: Situation): CompositeWorld => {
	const known = rowOf(parent);
	if (known === undefined) throw new Error(`no hook for ${parent.kind}`);
	const row = asComposite(known);
	return Object.assign(new CompositeWorld(row, admitted(row.parent, parent, NOW), NOW), {
		operator: { installation: { ...INSTALLATION, ...installation } },
		related,
		isReady: (pod: string) => !unready.includes(pod),
		...(told && { told }),
	});
};

export const conditionsIn = (answer: CompositeResponse): Record<string, unknown>[] =>
	recordsAt(answer, "status", "conditions");

// ── Observed children ───────────────────────────────────────────────────────────────────────────────────────────────

export const condition = (type: string, status: Condition["status"], reason: string, message: string): Condition => ({
	type,
	status,
	reason,
	message,
	lastTransitionTime: LONG_AGO,
});

const DONE = condition("Progressing", "True", "NewReplicaSetAvailable", "done");

const ready = (child: KubeObject): KubeObject => {
	const observed = { ...child, metadata: { ...child.metadata, generation: 1, uid: "u" } };
	if (child.kind === "Deployment") return withCounts(observed, replicasOf(child), [DONE]);
	if (child.kind === "StatefulSet") return withSetCounts(observed, replicasOf(child));
	if (child.apiVersion === API_VERSION)
		return {
			...observed,
			status: {
				observedGeneration: 1,
				phase: "Running",
				conditions: [condition("Ready", "True", "DeploymentReady", "ready")],
			},
		};
	return observed;
};

const replicasOf = ({ spec }: KubeObject): number =>
	isRecord(spec) && typeof spec["replicas"] === "number" ? spec["replicas"] : 1;

const withCounts = (child: KubeObject, available: number, conditions: readonly Condition[]): KubeObject => {
	const replicas = replicasOf(child);
	return {
		...child,
		status: {
			observedGeneration: 1,
			replicas,
			updatedReplicas: replicas,
			readyReplicas: available,
			availableReplicas: available,
			conditions: [...conditions],
		},
	};
};

/** A StatefulSet of which so many pods are ready, and so many updated. */
const withSetCounts = (
	child: KubeObject,
	readyPods: number,
	updated = replicasOf(child),
	current = updated === replicasOf(child) ? "new" : "old",
): KubeObject => ({
	...child,
	status: {
		observedGeneration: 1,
		replicas: replicasOf(child),
		readyReplicas: readyPods,
		availableReplicas: readyPods,
		updatedReplicas: updated,
		currentRevision: current,
		updateRevision: "new",
	},
});

export const only =
	(kind: string, name: string | undefined, change: (child: KubeObject) => KubeObject) =>
	(children: readonly KubeObject[]) =>
		children.map((child) =>
			child.kind === kind && (name === undefined || name === child.metadata.name) ? change(child) : child,
		);

export const nothing = (): readonly KubeObject[] => [];

export const without = (kind: string) => (children: readonly KubeObject[]) =>
	children.filter((child) => child.kind !== kind);

/** Deployments of which so many pods are available, and which say this of themselves. */
export const deployments = (name: string | undefined, available: number, ...conditions: Condition[]) =>
	only("Deployment", name, (child) => withCounts(child, available, conditions.length > 0 ? conditions : [DONE]));

/** StatefulSets of which so many pods are ready, and so many updated: all, unless told. After a revert, "new" is current. */
export const statefulSets = (readyPods: number, updated?: number, current?: "old" | "new") =>
	only("StatefulSet", undefined, (child) => withSetCounts(child, readyPods, updated, current));

/** StatefulSets that have no pods. */
export const withoutPods = only("StatefulSet", undefined, (child) => ({
	...child,
	status: { observedGeneration: 1, replicas: 0, currentRevision: "new", updateRevision: "new" },
}));

/** Children with fields of their spec that someone else set. */
export const tampered = (kind: string, fields: Record<string, unknown>) =>
	only(kind, undefined, (child) => ({ ...child, spec: { ...recordAt(child, "spec"), ...fields } }));

/** A Deployment or a StatefulSet of which no pod is updated, and which someone holds. */
export const heldBack = (kind: string, fields: Record<string, unknown>) => (children: readonly KubeObject[]) =>
	tampered(
		kind,
		fields,
	)(children).map((child) =>
		child.kind === kind
			? { ...child, status: { ...recordAt(child, "status"), updatedReplicas: 0, currentRevision: "old" } }
			: child,
	);

/** A child as an older specification left it. */
export const older = (kind: string) =>
	only(kind, undefined, (child) => ({
		...child,
		metadata: { ...child.metadata, annotations: { "prism.io/desired-hash": "old" } },
	}));

/** A workload whose autoscaler was switched on when spec.replicas had this value. */
export const autoscaledFrom = (kind: string, before: string, replicas: number) =>
	only(kind, undefined, (child) => {
		const annotations = { ...child.metadata.annotations, "prism.io/replicas-before-autoscaling": before };
		const last = {
			...child,
			metadata: { ...child.metadata, annotations },
			spec: { ...recordAt(child, "spec"), replicas },
		};
		return {
			...last,
			metadata: { ...last.metadata, annotations: { ...annotations, [LAST_APPLIED]: JSON.stringify(last) } },
		};
	});

/** A child that has been written as it is sent, although it has differed since then. */
export const corrected = (kind: string, since: string) =>
	only(kind, undefined, (child) => ({
		...child,
		metadata: { ...child.metadata, annotations: { ...child.metadata.annotations, "prism.io/correction": since } },
	}));

/** A child that is being deleted for long, with these finalizers left. */
export const going = (kind: string, ...finalizers: string[]) =>
	only(kind, undefined, (child) => ({
		...child,
		metadata: { ...child.metadata, deletionTimestamp: LONG_AGO, ...(finalizers.length > 0 && { finalizers }) },
	}));

/** An object that has a child's name, and is not the controller's. */
export const somebodys = (apiVersion: string, kind: string, name: string): KubeObject => ({
	apiVersion,
	kind,
	metadata: { name, namespace: "prism", uid: "theirs" },
});

/** A child of an object that is there no longer, restored from a backup or orphaned by a deletion. */
export const leftOver = (apiVersion: string, kind: string, name: string): KubeObject => ({
	apiVersion,
	kind,
	metadata: {
		name,
		namespace: "prism",
		uid: "left",
		labels: { "controller-uid": "earlier" },
		annotations: { "prism.io/desired-hash": "0" },
	},
});

/** A status that remembers since when children are not as they should be. */
export const delayed = (...delays: DelayedChildren) => ({ observedGeneration: 1, delayed: delays });

/** A custom resource among the children that says this of itself. */
export const part = (kind: string, name: string, phase: string, own: Condition) =>
	only(kind, name, (child) => ({ ...child, status: { observedGeneration: 1, phase, conditions: [own] } }));
