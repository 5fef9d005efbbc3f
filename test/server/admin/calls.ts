import { expect } from "vitest";
import type { AdminCall } from "../../../schemas/admin.ts";
import { about, adminOf, type FakeProxy, type Handler, startProxy } from "./fake-proxy.ts";

// A proxy, a client of its admin API, and what becomes of calls.

export const BUDGET_MS = 5000;
export const PENDING = { state: "pending" };

export const failed = (failure: string) => ({ state: "failed", failure });
export const SOME_TIME: unknown = expect.stringMatching(/Z$/);
export const known = (record: unknown) => ({ state: "known", readAt: SOME_TIME, record });

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
	const ask = async (namespaceId = "orders", budgetMs = BUDGET_MS) => {
		const [answer] = await admin.ask([about(proxy, namespaceId)], budgetMs);
		return answer?.answer;
	};
	return { proxy, admin, execute, ask };
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
