import type { Outside, Question } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { RefusalData } from "../rejected-request.ts";
import type { AnswerSummary, ErrorDescription } from "../sync-log.ts";

// What the server and its thread for large bodies send each other. A call has two steps, because the server reads the state of proxies
// in between: the thread has no connections.

export type ThreadStep =
	| { readonly id: number; readonly begin: LargeCall }
	| { readonly id: number; readonly conclude: Outside | undefined }
	/** It will not be concluded. */
	| { readonly id: number; readonly drop: true };

export interface LargeCall {
	/** Path of the webhook. */
	readonly path: string;
	readonly bytes: Uint8Array;
	readonly context: Context;
}

export type Reply = { readonly id: number } & (Refused | Failed | Begun | Concluded);

interface Refused {
	readonly refusal: RefusalData;
}

/** What the hook, or the server, threw. */
interface Failed {
	readonly failure: ErrorDescription;
}

export interface Begun {
	/** Without its spec, and with what metrics and logs need of its metadata. */
	readonly parent: KubeObject;
	readonly questions: readonly Question[];
}

export interface Concluded {
	/** The response, as JSON. */
	readonly body: Uint8Array;
	readonly summary: AnswerSummary;
	/** Time in the hook, in milliseconds. */
	readonly ms: number;
}

/** Buffers that a message hands over instead of copying them: those that have their memory to themselves. */
export const handedOver = ({ buffer, byteLength }: Uint8Array): ArrayBuffer[] =>
	buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
