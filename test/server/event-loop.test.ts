import { AsyncLocalStorage } from "node:async_hooks";
import { expect, test } from "vitest";
import { createTurns } from "../../server/event-loop.ts";

test("work is nobody's when its turn comes, and what waits for it is its own again", async () => {
	const turns = createTurns();
	const caller = new AsyncLocalStorage<string>();
	const seen: (string | undefined)[] = [];
	const look = () => seen.push(caller.getStore());
	const first = caller.run("first", async () => {
		await turns.result(look);
		return caller.getStore();
	});
	const second = caller.run("second", async () => {
		await turns.result(look);
		return caller.getStore();
	});
	turns.goOn(look);
	expect(await Promise.all([first, second])).toEqual(["first", "second"]);
	expect(seen).toEqual([undefined, undefined, undefined]);
});
