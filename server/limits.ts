// Limits for one caller, or all together. Limits that an installation may change are variables.

export interface Limits {
	/** Largest body of a request, inclusive. A parent whose body is larger never syncs again. */
	readonly bodyBytes: number;
	/** Time within which a request must have arrived whole. */
	readonly requestTimeoutSeconds: number;
	readonly connections: number;
	/** Calls of hooks that may be under way at once, the arrival of their bodies included. */
	readonly requests: number;
	readonly eventLoopDelayMs: number;
}

/** Levels that an object may have in the API server, and some around it. */
export const STORED_NESTING = 10_100;
/**
 * Fields of one object, or entries of one list. Objects with very many fields are hash tables, and take microseconds
 * a field to build and to look through. Of objects as Kubernetes has them, so many are well above the body limit.
 */
export const ENTRIES = 50_000;
/** Values of a whole body: of a Deployment as the API server answers it, one takes 24 bytes. */
export const VALUES = 1_000_000;

/** Bytes of memory that a byte of a body becomes: itself, and two of the text and two of its parts once a character needs two. */
export const BECOMES = 5;
/** Beside a large body there is room for small ones, or it would never find its turn. */
const ROOM_BESIDE = 32 * 1024 * 1024;
/** Bytes of memory for bodies at once: one at the limit, or many small ones. */
export const bodyMemory = ({ bodyBytes }: Limits): number => BECOMES * bodyBytes + ROOM_BESIDE;
