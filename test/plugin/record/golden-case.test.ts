import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { caseFiles, parseCall, readAnswers, readCase, writeCase } from "../../../plugin/record/golden-case.ts";
import { Installation } from "../../../schemas/installation.ts";
import { RECORD_FORMAT, type RecordedCall } from "../../../schemas/recorded-call.ts";
import { other, ours } from "../world.ts";

const installation = Value.Create(Installation);
const CALL: RecordedCall = {
	format: RECORD_FORMAT,
	hook: "sync",
	now: "2026-01-01T12:00:00Z",
	installation,
	parent: ours("PrismStack", "shop"),
	observed: [],
	related: [],
	answers: {},
	outcomes: {},
	redacted: [],
};
const WHOLE: RecordedCall = {
	...CALL,
	installation: { ...installation, keda: !installation.keda },
	observed: [other("v1", "ConfigMap", "a")],
	related: [other("v1", "ConfigMap", "b")],
	answers: { "shop-0": { state: "unverifiable" } },
	outcomes: { "shop-0": { state: "refused", message: "no" } },
	response: { status: { phase: "Running" }, children: [other("v1", "ConfigMap", "c")], resyncAfterSeconds: 5 },
};

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "prism-case-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the files of a case", () => {
	it.each([
		["an empty call", CALL, ["in", "call"]],
		["a whole call", WHOLE, ["in", "observed", "related", "answers", "outcomes", "installation", "call", "out"]],
	])("of %s", (_, call, parts) => expect([...caseFiles(call).keys()]).toEqual(parts));

	it("name what was redacted, each in one line", () => {
		const text = caseFiles({ ...CALL, redacted: ["spec.a\nkind: Secret"], failure: "boom\nat" }).get("in");
		expect(text).toMatch(/^# .*\n# .*\n# {3}spec\.a kind: Secret\n# .*boom at\n---\n/);
	});

	it("have the settings that differ from the defaults, and no others", () => {
		expect(caseFiles(WHOLE).get("installation")).toBe(`---\nkeda: ${!installation.keda}\n`);
	});

	it.each([
		["an empty call", CALL],
		["a whole call", WHOLE],
	])("are read as they were written: %s", (name, call) => {
		const stem = join(folder, name);
		expect(writeCase(stem, call)).toHaveLength(caseFiles(call).size);
		expect(readCase(stem)).toEqual({ ...call, response: call.response });
		expect(() => writeCase(stem, call)).toThrow(/already exists/);
	});

	it("are not those of a case that was not recorded", () => expect(readCase(join(folder, "nothing"))).toBeUndefined());
});

it("reads a call in one document, and nothing else", () => {
	expect(parseCall(JSON.stringify(CALL), "it")).toEqual(CALL);
	expect(() => parseCall("kind: Pod", "it")).toThrow(/it: this is not a recorded call/);
	expect(() => parseCall(JSON.stringify({ ...CALL, hook: 7 }), "it")).toThrow(/hook/);
	expect(() => readAnswers(join(folder, "none.yaml"))).toThrow(/none\.yaml/);
});
