import { type KubeObject, OperatorStamp } from "../schemas/common.ts";
import type { Installation } from "../schemas/installation.ts";
import { findingText } from "../schemas/messages/text.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import { rolloutIncomplete } from "./checks.ts";
import { conditionOf, conditionsOf, statusHead, type Verdict } from "./conditions.ts";
import { contentHash, isRecord, isSameJson, objectsOf, observedOf, valueAt } from "./object.ts";
import { isOutdated } from "./pod-changes.ts";
import { rolloutOf, statefulSetRollout } from "./rollout.ts";
import { checkOf } from "./schema.ts";
import { secondsBetween } from "./time.ts";

// Two operators that respond at the same time, as during a rollout. If they render a spec differently, each would revert the
// other's changes at every sync. So the operator that changes an object writes its revision into the status, and for a while
// every other one leaves the object unchanged. Versions have no order: an upgrade and a rollback are the same.

const isStamp = checkOf(OperatorStamp);

/** Seconds for which other operators leave the changes of one unchanged. */
export const HANDOFF_SECONDS = 120;

/** Seconds between two reconciliations of an object that is left unchanged: the other operator can be gone. */
export const HELD_SECONDS = 10;

/** Identifies how an operator renders a spec: two with the same revision agree. */
export const revisionOf = (release: string, installation: Installation): string =>
	`${release}-${contentHash(installation).slice(0, 8)}`;

// ── Signatures ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** The stamp in the object's status; undefined if it is missing or invalid. */
export const stampOf = (parent: KubeObject): OperatorStamp | undefined => {
	const stamp = valueAt(parent, "status", "operator");
	return isStamp(stamp) ? stamp : undefined;
};

/**
 * The stamp of a response: the operator's own from its first change on. A response without a change only shows that both operators
 * agree, and is not worth a write: neither to every object during a rollout of the operator, nor at every sync if an older CRD
 * drops stamps.
 */
export const signature = (made: Made, answer: Changes, { revision, now }: Successor): OperatorStamp | undefined => {
	const stamp = stampOf(made.parent);
	return stamp?.revision === revision || !changesAnything(made, answer) ? stamp : { revision, since: now };
};

/** The response: children, and a status without a stamp; undefined: the status is not written. */
interface Changes {
	readonly children: readonly KubeObject[];
	readonly status: Record<string, unknown> | undefined;
}

const changesAnything = (made: Made, { children, status }: Changes): boolean => {
	const wanted = new Set(children.map(titleOf));
	return (
		children.some((child) => isChange(child, made)) ||
		objectsOf(made.observed).some((there) => !isLeaving(there) && !wanted.has(titleOf(there))) ||
		(status !== undefined && !isSameJson(status, unsigned(made.parent["status"])))
	);
};

const titleOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.name}`;

const isLeaving = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined;

const unsigned = (status: unknown): unknown => {
	if (!isRecord(status)) return status;
	const { operator: _operator, ...rest } = status;
	return rest;
};

/** Whether a child does not exist yet, or differs from what is sent. */
const isChange = (child: KubeObject, { observed, hashAnnotation }: Made): boolean => {
	const there = observedOf(observed, child);
	return there === undefined || isOutdated(child, there, hashAnnotation);
};

/**
 * A child that is created or changed, with a stamp. An up-to-date child keeps its stamp, because a new one would be a change. The
 * stamp in the status is not enough: the watch event of the child arrives before that of the status, and an operator that reads
 * the two would revert the change.
 */
export const signedChild = (child: KubeObject, made: Made, { revision, now }: Successor): KubeObject => {
	const before = observedOf(made.observed, child)?.metadata.annotations?.[made.signatureAnnotation];
	const text = isChange(child, made) ? `${revision} ${now}` : before;
	if (text === undefined) return child;
	const annotations = { ...child.metadata.annotations, [made.signatureAnnotation]: text };
	return { ...child, metadata: { ...child.metadata, annotations } };
};

const childStamps = ({ observed, signatureAnnotation }: Made): OperatorStamp[] =>
	objectsOf(observed).flatMap(({ metadata }) => {
		const [revision, since] = metadata.annotations?.[signatureAnnotation]?.split(" ") ?? [];
		const stamp = { revision, since };
		return isStamp(stamp) ? [stamp] : [];
	});

// ── Who is to wait ──────────────────────────────────────────────────────────────────────────────────────────────────

/** The responding operator, and the time. */
export interface Successor {
	readonly revision: string;
	readonly now: string;
}

/** The observed state. */
export interface Made {
	readonly parent: KubeObject;
	readonly observed: ObjectMap;
	/** Annotations of a child: hash of its content, and revision of its sender. */
	readonly hashAnnotation: string;
	readonly signatureAnnotation: string;
}

/**
 * Seconds for which an object is left unchanged for another operator; undefined: it is not. The last stamp decides. An edit or a
 * deletion is carried out at once, by the operator that gets it first.
 */
export const heldSeconds = (made: Made, { revision, now }: Successor): number | undefined => {
	if (isLeaving(made.parent)) return undefined;
	if (valueAt(made.parent, "status", "observedGeneration") !== made.parent.metadata.generation) return undefined;
	const stamp = stampOf(made.parent);
	const ages = [...(stamp === undefined ? [] : [stamp]), ...childStamps(made)]
		.map(({ revision: by, since }) => ({ by, age: secondsBetween(since, now) }))
		// A stamp that is further in the future than clock skew explains is ignored: it would block for that long.
		.filter(({ age }) => Math.abs(age) < HANDOFF_SECONDS);
	// Within one second, the order is unknown: then both operators must choose the same one.
	const [last] = ages.toSorted((left, right) => left.age - right.age || (left.by < right.by ? -1 : 1));
	return last === undefined || last.by === revision ? undefined : HANDOFF_SECONDS - last.age;
};

// ── The status meanwhile ─────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The status of an object that is left unchanged: as stored, because it describes what the other operator wants. But if pods fail
 * meanwhile, Ready must become False.
 */
export const heldStatus = (made: Made, children: readonly KubeObject[], now: string): Record<string, unknown> => {
	const standing = made.parent["status"];
	const status = isRecord(standing) ? standing : {};
	if (conditionOf(made.parent, "Ready")?.status !== "True") return status;
	const verdict = workloadUnready(made, children);
	if (verdict === undefined) return status;
	const { phase, conditions } = statusHead({
		parent: made.parent,
		verdict,
		warnings: [],
		missing: [],
		kept: conditionsOf(made.parent).filter(({ type }) => !JUDGED.has(type)),
		now,
	});
	// If a status repeats the message of the condition, repeat this one.
	return { ...status, phase, conditions, ...("message" in status && { message: findingText(verdict.finding) }) };
};

/** Conditions that a verdict decides. */
const JUDGED: ReadonlySet<string> = new Set(["Ready", "Reconciling", "Stalled"]);

const workloadUnready = ({ observed, hashAnnotation }: Made, children: readonly KubeObject[]): Verdict | undefined => {
	for (const child of children) {
		const rolled = ROLLOUTS[child.kind]?.(child, observedOf(observed, child), hashAnnotation);
		const verdict = rolled && rolloutIncomplete(child.metadata.name, rolled, child.kind);
		if (verdict !== undefined) return verdict;
	}
	return undefined;
};

const ROLLOUTS: Readonly<Record<string, typeof rolloutOf>> = {
	Deployment: rolloutOf,
	StatefulSet: statefulSetRollout,
};
