import { ERRORS, type ErrorBody, type ErrorCode, errorBody } from "./errors.ts";

// The response to a rejected request. Metacontroller writes its body into a Kubernetes Event on the parent: sentences are fixed, so that
// Events of one cause are one Event, and contain no value.

export class Refusal extends Error {
	override readonly name = "Refusal";
	readonly status: number;
	readonly body: ErrorBody;
	readonly headers: Readonly<Record<string, string>>;

	constructor(code: ErrorCode, { value, field, status, headers = {} }: RefusalDetails = {}) {
		const body = errorBody(code, value, field);
		super(body.error);
		this.status = status ?? ERRORS[code].status;
		this.body = body;
		this.headers = headers;
	}
}

interface RefusalDetails {
	/** Value for the sentence. */
	readonly value?: string;
	/** JSON pointer into the request's body. */
	readonly field?: string;
	/** Replaces the default remedy of the table. */
	readonly status?: number;
	readonly headers?: Readonly<Record<string, string>>;
}

/** A longer JSON pointer is a user's key, not a location in the envelope. */
const FIELD_LENGTH = 200;

/** The fields of Fastify's errors that decide the response; their messages can quote the request. */
interface Reported extends Error {
	readonly code?: unknown;
	readonly statusCode?: unknown;
	readonly validation?: readonly { readonly instancePath: string; readonly message?: string }[];
}

/** The refusal for an error; `undefined`: a failure of the server. */
export function refusalOf(error: unknown): Refusal | undefined {
	if (error instanceof Refusal) return error;
	if (!(error instanceof Error)) return undefined;
	const { code, statusCode, validation }: Reported = error;
	const invalid = validation?.[0];
	if (invalid !== undefined) {
		const expected = invalid.message?.toLowerCase() ?? "another value";
		return new Refusal("PRISM_ERR_NO_REQUEST", { value: expected, field: pointer(invalid.instancePath) });
	}
	if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new Refusal("PRISM_ERR_TOO_LARGE");
	if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new Refusal("PRISM_ERR_WRONG_TYPE");
	if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
		return new Refusal("PRISM_ERR_UNREADABLE", { status: statusCode });
	}
	return undefined;
}

const pointer = (path: string): string => (path === "" ? "/" : path.slice(0, FIELD_LENGTH));
