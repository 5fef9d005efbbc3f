import { expect, test } from "vitest";
import { createRefusalLog } from "../../server/rejected-request-log.ts";
import { captureLog } from "./toy.ts";

test("of each sort of refusal one warning a minute is written; the next tells how many were left out", () => {
	const captured = captureLog();
	let now = 0;
	const warn = createRefusalLog(captured.log, () => now);
	const counts = () => captured.lines("refused").map(({ code, omitted }) => [code, omitted]);
	for (let count = 0; count < 100; count++) warn({ code: "one" }, "refused");
	warn({ code: "other" }, "refused");
	now = 59_999;
	warn({ code: "one" }, "refused");
	expect(counts()).toEqual([
		["one", undefined],
		["other", undefined],
	]);
	now = 60_000;
	warn({ code: "one" }, "refused");
	warn({ code: "one" }, "refused");
	expect(counts().slice(2)).toEqual([["one", 100]]);
});
