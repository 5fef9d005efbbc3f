import { CANARY } from "./mutations.ts";
import type { Random } from "./random.ts";
import type { Good } from "./requests.ts";
import type { Step } from "./wire.ts";

// What is sent in one case, and which answers are right. Cases whose body is sound say so exactly.

/** The one that the server accepts. */
export const TOKEN = `${CANARY}-token-of-the-callers`;

/** What one answer must be: its status, and, for a request that is fine, its text. */
export interface Expected {
	readonly statuses: readonly number[];
	readonly good?: Good;
}

export interface Case {
	readonly kind: string;
	readonly path: string;
	/** Over a connection that others use before and after. */
	readonly bytes?: Uint8Array;
	readonly headOnly?: boolean;
	/** Over a connection of its own. */
	readonly steps?: readonly Step[];
	readonly expected: readonly Expected[];
	/** Whether fewer answers than that, or none, are fine: whoever breaks off is not owed one. */
	readonly mayBeCut?: boolean;
}

/** How long a request may take to arrive; the server is started with it. */
export const ARRIVAL_SECONDS = 2;

export const OK = [200];
/** A body that is no request of Metacontroller, or of another kind; or one that the hook took, and told its user of. */
export const BODY = [200, 400, 422];
export const UNREADABLE = [400];

export interface Head {
	readonly method?: string;
	readonly target?: string;
	readonly version?: string;
	readonly headers?: readonly (readonly [name: string, value: string])[];
}

export const COMMON = [
	["host", "prism-operator.prism-system.svc:8080"],
	["authorization", `Bearer ${TOKEN}`],
	["content-type", "application/json"],
] as const;

export const without = (name: string) => COMMON.filter(([other]) => other !== name);

export const headOf = ({ method = "POST", target = "/", version = "1.1", headers = COMMON }: Head): string =>
	`${method} ${target} HTTP/${version}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}`;

export const whole = (head: Head, body: Uint8Array): Buffer =>
	Buffer.concat([Buffer.from(`${headOf(head)}content-length: ${body.length}\r\n\r\n`, "latin1"), body]);

export const chunked = (body: Buffer, size: number): Buffer[] => {
	const chunks: Buffer[] = [];
	for (let at = 0; at < body.length; at += size) {
		const part = body.subarray(at, at + size);
		chunks.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
	}
	return chunks;
};

export const plain = (
	kind: string,
	{ path }: Good,
	body: Buffer,
	statuses: readonly number[],
	head: Head = {},
): Case => ({
	kind,
	path,
	bytes: whole({ target: path, ...head }, body),
	expected: [{ statuses }],
});

export type Make = (good: Good, random: Random, pool: readonly Good[]) => Case;
