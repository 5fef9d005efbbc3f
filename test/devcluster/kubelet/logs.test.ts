import { expect, test } from "vitest";
import { createContainerLog, type LogLine } from "../../../devcluster/kubelet/logs.ts";
import { createManualClock } from "../../clock.ts";

test("lines have their time, and readers what is written from then on", async () => {
	const clock = createManualClock();
	const log = createContainerLog(clock);
	log.write("one");
	await clock.advance(1500);
	const seen: LogLine[] = [];
	const stop = log.follow((line) => void seen.push(line));
	log.write("two");
	stop();
	log.write("three");
	expect(log.lines()).toEqual([
		{ time: "2026-01-01T00:00:00.000Z", text: "one" },
		{ time: "2026-01-01T00:00:01.500Z", text: "two" },
		{ time: "2026-01-01T00:00:01.500Z", text: "three" },
	]);
	expect(seen.map(({ text }) => text)).toEqual(["two"]);
});

test("only the last 2,000 lines are kept", () => {
	const log = createContainerLog(createManualClock());
	for (let index = 0; index < 2001; index++) log.write(String(index));
	expect([log.lines().length, log.lines()[0]?.text]).toEqual([2000, "1"]);
});
