import { createHash, createHmac, timingSafeEqual } from "node:crypto";

// Bearer tokens of callers. Only their digests are kept: equal lengths are required for a comparison in constant time, and no error
// can quote them.

const TOKENS_AT_ONCE = 2;
const LEAST_LENGTH = 16;
/** Characters that a header can contain after "Bearer ". */
const FORM = /^[\x21-\x7e]+$/;

export interface Tokens {
	readonly digests: readonly Buffer[];
	/** One key per token, with which the operator signs placements. */
	readonly keys: readonly string[];
}

/** Throws an error, whose message quotes nothing, if the text is no valid token file. */
export function readTokens(text: string): Tokens {
	const tokens = text
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "");
	if (tokens.length === 0) throw new Error("the file has no token");
	if (tokens.length > TOKENS_AT_ONCE) throw new Error(`the file has more than ${TOKENS_AT_ONCE} tokens`);
	if (tokens.some((token) => token.length < LEAST_LENGTH)) {
		throw new Error(`a token is shorter than ${LEAST_LENGTH} characters`);
	}
	if (!tokens.every((token) => FORM.test(token))) throw new Error("a token has other characters than printable ASCII");
	return { digests: tokens.map(digest), keys: tokens.map(signingKey) };
}

/** Whether an Authorization header has one of the tokens, in constant time. */
export function carriesToken(authorization: string | undefined, { digests }: Tokens): boolean {
	const carried = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
	if (carried === undefined) return false;
	const presented = digest(carried);
	return digests.map((token) => timingSafeEqual(token, presented)).includes(true);
}

const digest = (token: string): Buffer => createHash("sha256").update(token).digest();

/** Not a token: it does not allow calls. */
const signingKey = (token: string): string => createHmac("sha256", token).update("prism.io/placements").digest("hex");
