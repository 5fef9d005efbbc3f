import { expect } from "vitest";
import { timestampOf } from "../../../kube/time.ts";
import type { AdminCall } from "../../../schemas/admin.ts";
import { about, aboutInstance, adminOf, type FakeProxy, type Handler, startProxy } from "./fake-proxy.ts";

// A proxy, a client of its admin API, and what becomes of calls and questions.

export const BUDGET_MS = 5000;
export const PENDING = { state: "pending" };

export const failed = (failure: string) => ({ state: "failed", failure });
export const unknown = (failure: string) => ({ state: "unknown", failure });
export const inSeconds = (seconds: number) => timestampOf(Date.now() + seconds * 1000);

/** RFC 3339 in seconds; typed, where Vitest's own is `any`. */
export const SOME_TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
export const known = (record: unknown) => ({ state: "known", readAt: SOME_TIME, record });

interface Asking {
	readonly after?: string;
	readonly budgetMs?: number;
}

export async function prepare(
	...[options, adminOptions]: [Parameters<typeof startProxy>[0]?, Parameters<typeof adminOf>[1]?]
) {
	const proxy = await startProxy(options);
	const admin = adminOf([proxy], adminOptions);
	const execute = async (call: AdminCall, budgetMs = BUDGET_MS) => {
		const [result] = await admin.execute([call], budgetMs);
		expect(result?.call).toBe(call);
		return result?.outcome;
	};
	const ask = async (namespaceId = "orders", { after, budgetMs = BUDGET_MS }: Asking = {}) => {
		const [answer] = await admin.ask([about(proxy, namespaceId, after)], budgetMs);
		return answer?.answer;
	};
	const askInstance = async (budgetMs = BUDGET_MS) => {
		const [answer] = await admin.ask([aboutInstance(proxy)], budgetMs);
		return answer?.answer;
	};
	return { proxy, admin, execute, ask, askInstance };
}

/** Has the next call wait until it is let go. */
export function held<Request, Response>(
	works: Handler<Request, Response>,
	use: (handler: Handler<Request, Response>) => void,
): () => void {
	// The call may come later than its release, on a busy machine.
	const { promise, resolve } = Promise.withResolvers<void>();
	use((...given) => {
		use(works);
		void promise.then(() => works(...given));
	});
	return resolve;
}

export const heldAssign = ({ does }: FakeProxy) =>
	held(does.assign, (handler) => {
		does.assign = handler;
	});

export const heldCreate = ({ does }: FakeProxy) =>
	held(does.create, (handler) => {
		does.create = handler;
	});
