import { createHash, createHmac, timingSafeEqual } from "node:crypto";

// Bearer tokens that callers may carry. Only their digests are kept: they have one length, which comparing in constant
// time needs, and no error can quote them.

const TOKENS_AT_ONCE = 2;
const LEAST_LENGTH = 16;
/** What a header can carry after "Bearer ". */
const FORM = /^[\x21-\x7e]+$/;

export interface Tokens {
	readonly digests: readonly Buffer[];
	/** One of each token, by which the operator signs what only it writes. */
	readonly keys: readonly string[];
}

/** Throws an error, whose message quotes nothing, when the text of a token file is not one. */
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

/** Whether an Authorization header carries one of the tokens; takes the same time whichever it is, or is close to. */
export function carriesToken(authorization: string | undefined, { digests }: Tokens): boolean {
	const carried = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
	if (carried === undefined) return false;
	const presented = digest(carried);
	return digests.map((token) => timingSafeEqual(token, presented)).includes(true);
}

const digest = (token: string): Buffer => createHash("sha256").update(token).digest();

/** No token: who learns it can't call. */
const signingKey = (token: string): string => createHmac("sha256", token).update("prism.io/placements").digest("hex");
