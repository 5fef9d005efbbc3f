import type { KubeObject } from "../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION } from "../schemas/vocabulary.ts";
import { changedWhereDifferent, deviations } from "./drift.ts";
import { lastAppliedOf } from "./held-children.ts";
import { remembering, yieldedFields } from "./last-sent.ts";
import { isKubeObject } from "./object.ts";
import { isOutdated } from "./pod-changes.ts";

// Stops fights over fields that change after every write, for an unknown cause: each write of such a child causes an event, and the
// next sync writes it again. So the operator sends the stored value of such a field until the next edit changes the child.
// The child stores which fields these are.

/** Whether another client changes a field of a child after every write. */
export const isYielded = (observed: KubeObject, path: string): boolean => {
	const { stored, sent } = yieldedFields(observed);
	return stored.has(path) || sent.has(path);
};

/** The child with its yielded fields as stored; the same object if there are none. */
export const yielded = (wanted: KubeObject, observed: KubeObject | undefined): KubeObject => {
	if (observed === undefined || isOutdated(wanted, observed, DESIRED_HASH_ANNOTATION)) return wanted;
	const before = yieldedFields(observed);
	if (before.stored.size === 0 && before.sent.size === 0) return wanted;
	const changedAgain = changedSince(observed);
	const after = { stored: new Map<string, unknown>(), sent: new Set<string>() };
	const child = changedWhereDifferent(wanted, observed, ({ path, sent, stored }) => {
		if (before.stored.has(path) && !changedAgain.has(path)) {
			after.stored.set(path, sent);
			return stored;
		}
		if (before.stored.has(path) || before.sent.has(path)) after.sent.add(path);
		return sent;
	});
	return remembering(child, after);
};

/** Fields that are not stored as they were sent last. */
const changedSince = (observed: KubeObject): ReadonlySet<string> => {
	const last = lastAppliedOf(observed);
	return new Set(isKubeObject(last) ? deviations(last, observed).map(({ path }) => path) : []);
};

/** The child with all differing fields as stored; the same object if none can be yielded. */
export const yielding = (child: KubeObject, observed: KubeObject): KubeObject => {
	const before = yieldedFields(child);
	const stored = new Map(before.stored);
	const next = changedWhereDifferent(child, observed, (deviation) => {
		if (before.sent.has(deviation.path)) return deviation.sent;
		stored.set(deviation.path, deviation.sent);
		return deviation.stored;
	});
	return next === child ? child : remembering(next, { stored, sent: before.sent });
};
