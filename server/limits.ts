// What one caller, or all together, may ask of the server. What an installation may want otherwise is a variable.

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

/** Above the 90 s for which Metacontroller keeps an idle connection: the side that closes first must be the caller. */
export const KEEP_ALIVE_MS = 100_000;
export const HEADERS_TIMEOUT_MS = 10_000;
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How much longer than a request's arrival its answer may go without being read. */
export const UNREAD_MS = 10_000;
/** How late the timeouts may be noticed. */
export const TIMEOUT_CHECK_MS = 1000;

/** Bytes of a request's first line and headers together; Metacontroller sends some 300. */
export const HEADER_BYTES = 16_384;
export const HEADERS = 100;

/** Levels of JSON in a body. Definitions of kinds reach 40. */
export const NESTING = 512;
/**
 * Fields of one object, or entries of one list. Objects with very many fields are hash tables, and take microseconds
 * a field to build and to look through. Of objects as Kubernetes has them, so many are well above the body limit.
 */
export const ENTRIES = 50_000;
/** Values of a whole body: of a Deployment as the API server answers it, one takes 24 bytes. */
export const VALUES = 1_000_000;

/** Bytes of bodies that may be arriving at once: some at the limit, or many small ones. */
export const bodyBytesAtOnce = ({ bodyBytes }: Limits): number => Math.max(4 * bodyBytes, 64 * 1024 * 1024);
