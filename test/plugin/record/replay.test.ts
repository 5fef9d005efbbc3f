import { describe, expect, it } from "vitest";
import { replayedAnswer } from "../../../plugin/record/golden-case.ts";
import { describeReplay, readRecorded, replay } from "../../../plugin/record/replay.ts";
import { rowOf } from "../../../plugin/render/render.ts";
import { RECORD_FORMAT, type RecordedCall } from "../../../schemas/recorded-call.ts";
import { readConfig } from "../../../server/config.ts";
import { ours } from "../world.ts";

const PARENT = ours("BackendConfig", "redis", { spec: { provider: "redis", connection: { url: "redis://cache" } } });
const CALL: RecordedCall = {
	format: RECORD_FORMAT,
	hook: "sync",
	now: "2026-01-01T12:00:00Z",
	installation: readConfig({}).installation,
	parent: PARENT,
	observed: [],
	related: [],
	answers: {},
	outcomes: {},
	redacted: [],
};
const row = rowOf(PARENT);
if (row === undefined) throw new Error("no row");
const RESPONSE = replayedAnswer(row, CALL);
const last = (call: RecordedCall) => describeReplay(replay(call), false).at(-1) ?? "";

describe("a replay", () => {
	it("has no changes of its own response, in any order of the children", () => {
		const response = { ...RESPONSE, children: RESPONSE.children.toReversed() };
		expect(replay({ ...CALL, response }).changes).toEqual([]);
		expect(last({ ...CALL, response })).toMatch(/✔/);
	});

	it("shows each field that differs", () => {
		const response = { ...RESPONSE, status: { ...(RESPONSE.status as object), phase: "Other" } };
		expect(replay({ ...CALL, response }).changes).toEqual([
			expect.objectContaining({ path: "status.phase", before: "Other" }),
		]);
		expect(describeReplay(replay({ ...CALL, response }), false)).toContainEqual('      - "Other"');
	});

	it("of a hook that failed has nothing to compare with", () => {
		expect(replay(CALL).changes).toBeUndefined();
		expect(last(CALL)).toMatch(/…/);
	});

	it("of another kind is an error", () =>
		expect(() => replay({ ...CALL, parent: { ...PARENT, kind: "Pod" } })).toThrow(/Pod/));
});

it.each([
	["test/golden/stack-minimal", /was not recorded/],
	["samples/quickstart.yaml", /not a recorded call/],
	["nowhere.yaml", /cannot read/],
])("can't read %s", (path, message) => expect(() => readRecorded(path)).toThrow(message));
