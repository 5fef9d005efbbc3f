import { sha256Hex } from "./hash.ts";

const HASH_LENGTH = 8;
/** Characters of the parent's name that a shortened name keeps, so that a reader recognizes the parent. */
const LEAST_OF_BASE = 8;

/**
 * A name from a parent's name and a suffix, of at most `limit` characters. A longer one is shortened and gets a hash of the whole, so
 * that two long names differ. 63 is the limit of a Service, a container and a label value; a StatefulSet's is 52, because the names of
 * its pods are label values too.
 */
export const derivedName = (base: string, suffix: string, limit = 63): string => {
	const whole = `${base}-${suffix}`;
	if (whole.length <= limit) return whole;
	const hash = sha256Hex(whole).slice(0, HASH_LENGTH);
	const room = limit - suffix.length - HASH_LENGTH - 2;
	// A suffix from a user can itself exceed the limit; then it is shortened as well.
	if (room < LEAST_OF_BASE) return `${cut(whole, limit - HASH_LENGTH - 1)}-${hash}`;
	return `${cut(base, room)}-${hash}-${suffix}`;
};

const cut = (text: string, length: number): string => text.slice(0, length).replace(/(?<!-)-+$/, "");

/** A number in [0, 1) that is always the same for the same text: spreads resyncs without a random source. */
export const fractionOf = (text: string): number => Number.parseInt(sha256Hex(text).slice(0, 8), 16) / 2 ** 32;

/** `seconds` plus up to a quarter, differently for each object: spreads reconciliations over time. */
export const jittered = (seconds: number, uid: string): number => Math.round(seconds * (1 + fractionOf(uid) / 4));

/**
 * Name of a Service, or of a pod behind one, for lookups by a pod. Without the cluster domain, the resolver tries the search list
 * first, and could find a Service in a user's namespace `svc`.
 */
export const serviceHost = (name: string, namespace: string, clusterDomain: string | undefined): string =>
	clusterDomain === undefined ? `${name}.${namespace}.svc` : `${name}.${namespace}.svc.${clusterDomain}.`;
