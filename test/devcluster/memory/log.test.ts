import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { createEventLog } from "../../../devcluster/memory/log.ts";
import type { WatchEvent } from "../../../devcluster/store.ts";
import { configMap } from "../widget.ts";

const added = (name: string): WatchEvent => ({ type: "ADDED", object: configMap(name, {}, "default") });
const nameOf = (event: WatchEvent): string => (event.type === "EXPIRED" ? "EXPIRED" : event.object.metadata.name);

const filled = (limit: number, count: number) => {
	const log = createEventLog(limit);
	for (let revision = 1; revision <= count; revision++) log.append(revision, added(`r${revision}`));
	const follow = (revision: number) => {
		const stopping = new AbortController();
		const seen: string[] = [];
		const ended: string[] = [];
		void log.watch(revision, (event) => void seen.push(nameOf(event)), stopping.signal).then(() => ended.push("ended"));
		return { seen, ended, stop: () => stopping.abort() };
	};
	return { log, follow };
};

it.each([
	[0, ["r1", "r2", "r3"]],
	[2, ["r3"]],
	[3, []],
	[9, []],
])("a watch from revision %d has what came after it", async (revision, events) => {
	const { follow } = filled(9, 3);
	const { seen, ended } = follow(revision);
	expect(seen).toEqual([]);
	await turn();
	expect(seen).toEqual(events);
	expect(ended).toEqual([]);
});

it.each([
	[0, ["EXPIRED"]],
	[1, ["r2", "r3"]],
])("of two events that are kept of three, a watch from %d has %o", async (revision, events) => {
	const { follow } = filled(2, 3);
	const { seen, ended } = follow(revision);
	await turn();
	expect(seen).toEqual(events);
	expect(ended).toEqual(events[0] === "EXPIRED" ? ["ended"] : []);
});

it("a watch goes on until it is stopped, and has each event once", async () => {
	const { log, follow } = filled(9, 1);
	const { seen, ended, stop } = follow(0);
	await turn();
	log.append(2, added("r2"));
	log.append(3, added("r3"));
	await turn();
	expect(seen).toEqual(["r1", "r2", "r3"]);
	log.append(4, added("r4"));
	stop();
	log.append(5, added("r5"));
	await turn();
	expect(seen).toHaveLength(3);
	expect(ended).toEqual(["ended"]);
});
