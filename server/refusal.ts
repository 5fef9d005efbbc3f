// What a caller is told when its request is not served. Metacontroller writes the body of such an answer into a
// Kubernetes Event on the parent: sentences are fixed, so that Events of one cause are one Event, and hold no value.

export class Refusal extends Error {
	override readonly name = "Refusal";
	readonly status: number;
	readonly field: string | undefined;
	readonly headers: Readonly<Record<string, string>>;

	constructor(status: number, message: string, field?: string, headers: Readonly<Record<string, string>> = {}) {
		super(message);
		this.status = status;
		this.field = field;
		this.headers = headers;
	}
}

/** The body of an answer that is not 200. */
export interface RefusalBody {
	readonly error: string;
	/** JSON pointer into the request's body. */
	readonly field?: string;
}

export const refusalBody = ({ message, field }: Refusal): RefusalBody =>
	field === undefined ? { error: message } : { error: message, field };

/** A JSON pointer longer than this is somebody's key, not a place in the envelope. */
const FIELD_LENGTH = 200;

/** The parts of Fastify's own errors that decide the answer; their messages can quote the request. */
interface Reported extends Error {
	readonly code?: unknown;
	readonly statusCode?: unknown;
	readonly validation?: readonly { readonly instancePath: string; readonly message?: string }[];
}

/** The refusal that an error amounts to; `undefined`: it is a failure of ours. */
export function refusalOf(error: unknown): Refusal | undefined {
	if (error instanceof Refusal) return error;
	if (!(error instanceof Error)) return undefined;
	const { code, statusCode, validation }: Reported = error;
	const invalid = validation?.[0];
	if (invalid !== undefined) {
		const expected = invalid.message?.toLowerCase() ?? "another value";
		return new Refusal(400, `this is not a request of Metacontroller: ${expected}`, pointer(invalid.instancePath));
	}
	if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new Refusal(413, "the request's body is above BODY_LIMIT_BYTES");
	if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new Refusal(415, "the request's body must be application/json");
	if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
		return new Refusal(statusCode, "the request can't be read");
	}
	return undefined;
}

const pointer = (path: string): string => (path === "" ? "/" : path.slice(0, FIELD_LENGTH));
