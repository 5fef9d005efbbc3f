import { type KubeObject, OperatorStamp } from "../schemas/common.ts";
import type { Installation } from "../schemas/installation.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import { findingText } from "../schemas/rendering/text.ts";
import { rolloutIncomplete } from "./checks.ts";
import { conditionOf, conditionsOf, statusHead, type Verdict } from "./conditions.ts";
import { contentHash, isRecord, isSameJson, objectsOf, observedOf, valueAt } from "./object.ts";
import { isOutdated, rolloutOf, statefulSetRollout } from "./rollout.ts";
import { checkOf } from "./schema.ts";
import { secondsBetween } from "./time.ts";

// Two operators that answer side by side, as while one is replaced by another. Where they differ in what they make of a
// spec, each would undo the other's work at every sync. So whoever changed something signs the object's status, and for a
// while any other one leaves it as it is. There is no order of versions: an upgrade and a way back are the same.

const isStamp = checkOf(OperatorStamp);

/** For so long what an operator made of a spec is left alone by others. */
export const HANDOFF_SECONDS = 120;

/** Seconds between two looks at what is left alone: the other one may be gone, and whoever signed answers at last. */
export const HELD_SECONDS = 10;

/** Names what an operator makes of a spec: two of one name agree. */
export const revisionOf = (release: string, installation: Installation): string =>
	`${release}-${contentHash(installation).slice(0, 8)}`;

// ── Signatures ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** The signature in the object's status; undefined when nothing that makes sense is there. */
export const stampOf = (parent: KubeObject): OperatorStamp | undefined => {
	const stamp = valueAt(parent, "status", "operator");
	return isStamp(stamp) ? stamp : undefined;
};

/**
 * The signature under an answer: its own from the moment on at which it changes something. An answer that changes nothing
 * says no more than that both agree, and is not worth a write: neither of every object when an operator is replaced, nor at
 * every sync where a kind's definition is too old to keep signatures.
 */
export const signature = (made: Made, answer: Changes, { revision, now }: Successor): OperatorStamp | undefined => {
	const stamp = stampOf(made.parent);
	return stamp?.revision === revision || !changesAnything(made, answer) ? stamp : { revision, since: now };
};

/** What is answered: children, and a status without a signature; undefined: the status is left alone. */
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

/** Whether a child is not there yet, or not as it is about to be sent. */
const isChange = (child: KubeObject, { observed, hashAnnotation }: Made): boolean => {
	const there = observedOf(observed, child);
	return there === undefined || isOutdated(child, there, hashAnnotation);
};

/**
 * A child that is about to be created or changed, signed. One that is observed as it is to be keeps the signature that it
 * has, for another one would be a change. The status alone does not do: the news of a child are here before those of the
 * status that is written after it, and whoever reads the two would take back what was just done.
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

/** Who answers, and when. */
export interface Successor {
	readonly revision: string;
	readonly now: string;
}

/** What is there. */
export interface Made {
	readonly parent: KubeObject;
	readonly observed: ObjectMap;
	/** Annotations of a child: its content's hash, and who sent it. */
	readonly hashAnnotation: string;
	readonly signatureAnnotation: string;
}

/**
 * Seconds for which an object is still to be left as another operator made it; undefined: it is not. Who signed last
 * decides. What is edited or deleted is never left: whoever hears of it first carries it out.
 */
export const heldSeconds = (made: Made, { revision, now }: Successor): number | undefined => {
	if (isLeaving(made.parent)) return undefined;
	if (valueAt(made.parent, "status", "observedGeneration") !== made.parent.metadata.generation) return undefined;
	const stamp = stampOf(made.parent);
	const ages = [...(stamp === undefined ? [] : [stamp]), ...childStamps(made)]
		.map(({ revision: by, since }) => ({ by, age: secondsBetween(since, now) }))
		// One from so far ahead that no clock explains it is not believed: it would hold for as long.
		.filter(({ age }) => Math.abs(age) < HANDOFF_SECONDS);
	// Within one second nobody can tell who was last: then both have to mean the same one.
	const [last] = ages.toSorted((left, right) => left.age - right.age || (left.by < right.by ? -1 : 1));
	return last === undefined || last.by === revision ? undefined : HANDOFF_SECONDS - last.age;
};

// ── What is said meanwhile ──────────────────────────────────────────────────────────────────────────────────────────

/**
 * The status of an object that is left as it is: as it stands, for it tells of what the other one wants. But pods may fail
 * meanwhile, and nobody may go on saying Ready then.
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
	// Where a status repeats the condition's message, it repeats this one.
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
