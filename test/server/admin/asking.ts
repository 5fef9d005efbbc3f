import { expect } from "vitest";
import { timestampOf } from "../../../kube/time.ts";
import { about, aboutInstance, adminOf, startProxy } from "./fake-proxy.ts";

// A proxy, who asks it, and what is answered.

export const BUDGET_MS = 5000;

export const inSeconds = (seconds: number) => timestampOf(Date.now() + seconds * 1000);

/** RFC 3339 in seconds; typed, where Vitest's own is `any`. */
export const SOME_TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

export const known = (record: unknown) => ({ state: "known", readAt: SOME_TIME, record });

export const unknown = (failure: string) => ({ state: "unknown", failure });

export async function prepare(
	...[options, adminOptions]: [Parameters<typeof startProxy>[0]?, Parameters<typeof adminOf>[1]?]
) {
	const proxy = await startProxy(options);
	const admin = adminOf([proxy], adminOptions);
	const ask = async (namespaceId = "orders", after?: string, budgetMs = BUDGET_MS) => {
		const [answer] = await admin.ask([about(proxy, namespaceId, after)], budgetMs);
		return answer?.answer;
	};
	const askInstance = async (budgetMs = BUDGET_MS) => {
		const [answer] = await admin.ask([aboutInstance(proxy)], budgetMs);
		return answer?.answer;
	};
	return { proxy, admin, ask, askInstance };
}
