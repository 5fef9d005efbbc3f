import { ERRORS, type ErrorBody, type ErrorCode, errorBody } from "./errors.ts";

// The response to a rejected request. Metacontroller writes its body into a Kubernetes Event on the parent: sentences are fixed, so that
// Events of one cause are one Event, and contain no value.

export class Refusal extends Error {
	override readonly name = "Refusal";
	/** For another thread, where it is made again. */
	readonly data: RefusalData;
	readonly status: number;
	readonly body: ErrorBody;
	readonly headers: Readonly<Record<string, string>>;

	constructor(code: ErrorCode, details: RefusalDetails = {}) {
		const { value, field, status, headers = {} } = details;
		const body = errorBody(code, value, field);
		super(body.error);
		this.data = { code, details };
		this.status = status ?? ERRORS[code].status;
		this.body = body;
		this.headers = headers;
	}
}

export interface RefusalData {
	readonly code: ErrorCode;
	readonly details: RefusalDetails;
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
	readonly validation?: readonly Violation[];
}

interface Violation {
	readonly instancePath: string;
	readonly message?: string;
}

/** The refusal for an error; `undefined`: a failure of the server. */
export function refusalOf(error: unknown): Refusal | undefined {
	if (error instanceof Refusal) return error;
	if (!(error instanceof Error)) return undefined;
	const { code, statusCode, validation }: Reported = error;
	const invalid = validation?.[0];
	if (invalid !== undefined) return noRequest(invalid);
	if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new Refusal("PRISM_ERR_TOO_LARGE");
	if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new Refusal("PRISM_ERR_WRONG_TYPE");
	if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
		return new Refusal("PRISM_ERR_UNREADABLE", { status: statusCode });
	}
	return undefined;
}

export const noRequest = ({ instancePath, message = "another value" }: Violation): Refusal =>
	new Refusal("PRISM_ERR_NO_REQUEST", { value: message.toLowerCase(), field: pointer(instancePath) });

const pointer = (path: string): string => (path === "" ? "/" : path.slice(0, FIELD_LENGTH));
