import type { RosterInstance } from "../schemas/prismroster.ts";
import { millisOf, secondsAfter, secondsBetween } from "./time.ts";

// The observed instances of a shard or a stack in a roster, given the previous roster.

/** An instance as it is observed now. */
export interface SeenInstance {
	readonly name: string;
	/** First label of its address, where that is not its name. */
	readonly host?: string | undefined;
	readonly uid?: string | undefined;
	readonly ready: boolean;
	readonly storeId?: string | undefined;
	/** Whether its admin API has not answered for longer than one lost response takes; undefined: it was not called. */
	readonly isSilent?: boolean | undefined;
}

/** Changes only when the instance does: each write of a roster triggers a sync of all namespaces that relate to it. */
export const rosterInstance = (
	{ name, host, uid, ready, storeId, isSilent }: SeenInstance,
	before: readonly Record<string, unknown>[],
	now: string,
): RosterInstance => {
	const last = before.find((instance) => instance["name"] === name);
	const readySince = lastReady(last, { uid, ready }, now);
	const silentSince = ready ? silence(last, isSilent, now) : undefined;
	return {
		name,
		...(host !== undefined && { host }),
		ready,
		...(storeId !== undefined && { storeId }),
		...(ready && uid !== undefined && { uid }),
		...(readySince !== undefined && { readySince }),
		...(silentSince !== undefined && { silentSince }),
	};
};

/** Since when an instance is reported as silent, given the previous report. */
export const silence = (
	last: Readonly<Record<string, unknown>> | undefined,
	isSilent: boolean | undefined,
	now: string,
): string | undefined => {
	if (isSilent === false) return undefined;
	return timeAt(last, "silentSince") ?? (isSilent === true ? now : undefined);
};

/** Never twice the same for two returns, however fast they follow each other and whatever the clock does. */
const lastReady = (
	last: Readonly<Record<string, unknown>> | undefined,
	{ uid, ready }: Pick<SeenInstance, "uid" | "ready">,
	now: string,
): string | undefined => {
	const before = timeAt(last, "readySince");
	// A roster of an older operator has no uid: its ready instances stay ready.
	const isSame = last?.["ready"] === true && (uid === undefined || [undefined, uid].includes(uidAt(last)));
	if (!ready || isSame) return before;
	return before === undefined || secondsBetween(before, now) > 0 ? now : secondsAfter(before, 1);
};

const timeAt = (instance: Readonly<Record<string, unknown>> | undefined, field: string): string | undefined => {
	const time = instance?.[field];
	return typeof time === "string" && !Number.isNaN(millisOf(time)) ? time : undefined;
};

const uidAt = (instance: Readonly<Record<string, unknown>>): string | undefined =>
	typeof instance["uid"] === "string" ? instance["uid"] : undefined;

/** Seconds of silence until a roster reports it: a single response can be lost. */
const SILENT_SECONDS = 30;

/** Whether silence that began then is reported. */
export const isLongSilent = (since: string | undefined, now: string): boolean =>
	since !== undefined && secondsBetween(since, now) >= SILENT_SECONDS;

/** The latest of some timestamps, which have one form: their order as texts is their order in time. */
export const latestOf = (...times: readonly (string | undefined)[]): string | undefined =>
	times
		.filter((time) => time !== undefined)
		.toSorted()
		.at(-1);
