// Error responses: one table of stable codes, for responses, log and docs. Match the code; the sentence
// can change.

export interface ServerError {
	readonly status: number;
	/** A fixed sentence, so that Events of one cause are one Event; %s stands for a value of the server, never of the caller. */
	readonly error: string;
	/** The remedy, for the docs. */
	readonly remedy: string;
}

const answering = <const Status extends number>(status: Status, error: string, remedy: string) => ({
	status,
	error,
	remedy,
});

export const ERRORS = {
	PRISM_ERR_NOT_JSON: answering(
		400,
		"the request's body is not JSON",
		"The caller is not Metacontroller. Find the caller.",
	),
	PRISM_ERR_NO_REQUEST: answering(
		400,
		"this is not a request of Metacontroller: %s",
		"`field` has the location. Check that the operator supports the version of Metacontroller.",
	),
	PRISM_ERR_TAMPERED: answering(
		400,
		'the key "__proto__" is not allowed here',
		"Only Metacontroller and the API server write this field. Find the caller.",
	),
	PRISM_ERR_TOO_DEEP: answering(
		400,
		"the request's body nests too deep",
		"The body has more than 10,100 levels. No object of an API server has so many levels. Find the caller.",
	),
	PRISM_ERR_TOO_WIDE: answering(
		400,
		"the request's body has an object or a list with too many entries",
		"An object or list has more than 50,000 entries. Check free-form fields such as `config`.",
	),
	PRISM_ERR_TOO_MANY_VALUES: answering(
		400,
		"the request's body has too many values",
		"Reduce the related objects: narrower selectors, or fewer objects in the namespace.",
	),
	PRISM_ERR_NO_TOKEN: answering(
		401,
		"the request carries no valid bearer token",
		"The tokens of Metacontroller and of the operator differ. See docs/alerts.md, PrismOperatorCallersUnknown.",
	),
	PRISM_ERR_NO_CERTIFICATE: answering(
		403,
		"the connection has no client certificate of a trusted CA",
		"Give the caller a client certificate of a CA in PRISM_TLS_CLIENT_CA_FILE.",
	),
	PRISM_ERR_NO_HOOK: answering(
		404,
		"there is no hook at this path",
		"The URL of a controller belongs to another version. Apply the controllers of this release.",
	),
	PRISM_ERR_WRONG_METHOD: answering(405, "this path answers %s only", "Webhooks accept only POST. Find the caller."),
	PRISM_ERR_TOO_SLOW: answering(
		408,
		"the request can't be read",
		"The request did not arrive in time. Check the network between Metacontroller and the operator.",
	),
	PRISM_ERR_TOO_LARGE: answering(
		413,
		"the request's body is above BODY_LIMIT_BYTES",
		"Raise BODY_LIMIT_BYTES together with the memory limit, or reduce the related objects.",
	),
	PRISM_ERR_WRONG_TYPE: answering(
		415,
		"the request's body must be application/json",
		"The caller is not Metacontroller. Find the caller.",
	),
	PRISM_ERR_WRONG_KIND: answering(
		422,
		"this hook serves %s only",
		"A controller calls the webhook of another controller. Apply the controllers of this release.",
	),
	PRISM_ERR_OVERLOADED: answering(
		429,
		"the operator is overloaded; try again later",
		"None for a short overload: Metacontroller retries. Otherwise, add replicas or CPU.",
	),
	PRISM_ERR_LARGE_HEADERS: answering(431, "the request can't be read", "The headers are too large. Find the caller."),
	PRISM_ERR_UNREADABLE: answering(
		400,
		"the request can't be read",
		"The request is not valid HTTP. Find the caller. The status may also be another 4xx.",
	),
	PRISM_ERR_FAILED: answering(
		500,
		"the operator failed; see its log",
		"This is a bug of the operator. Its log has the object and the cause. Please report it.",
	),
} as const satisfies Record<string, ServerError>;

export type ErrorCode = keyof typeof ERRORS;

/** Body of a response other than 200. */
export interface ErrorBody {
	readonly code: ErrorCode;
	readonly error: string;
	/** JSON pointer into the request's body. */
	readonly field?: string;
}

/** `value` replaces %s. */
export const errorBody = (code: ErrorCode, value = "", field?: string): ErrorBody => {
	const error = ERRORS[code].error.replace("%s", () => value);
	return field === undefined ? { code, error } : { code, error, field };
};
