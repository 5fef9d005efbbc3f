// Limits for one caller, or all together. Limits that an installation may change are variables.

export interface Limits {
	/** Maximum size of a request body, inclusive. A parent with a larger body is never reconciled. */
	readonly bodyBytes: number;
	/** Time within which a request must arrive completely. */
	readonly requestTimeoutSeconds: number;
	readonly connections: number;
	/** Maximum number of concurrent webhook calls, including the arrival of their bodies. */
	readonly requests: number;
	readonly eventLoopDelayMs: number;
}

/** Maximum depth of an object in the API server, plus the envelope. */
export const STORED_NESTING = 10_100;
/**
 * Maximum number of fields of an object, or entries of a list. Objects with very many fields are hash tables, and take microseconds
 * per field to build and to walk. Real Kubernetes objects with so many fields exceed the body limit.
 */
export const ENTRIES = 50_000;
/** Maximum number of values in a body: in a Deployment from the API server, a value takes 24 bytes. */
export const VALUES = 1_000_000;

/** Bytes of memory per byte of a body: the byte, two for the text, and two for its parts if a character needs two. */
export const BECOMES = 5;
/** Leaves room for small bodies beside a large one, which would otherwise never be processed. */
const ROOM_BESIDE = 32 * 1024 * 1024;
/** Bytes of memory for concurrent bodies: one at the limit, or many small ones. */
export const bodyMemory = ({ bodyBytes }: Limits): number => BECOMES * bodyBytes + ROOM_BESIDE;
