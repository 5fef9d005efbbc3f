import { existsSync } from "node:fs";
import { styleText } from "node:util";
import { conditionOf } from "../../kube/conditions.ts";
import { differences } from "../../kube/field-differences.ts";
import { canonicalJson, describeObject, isRecord } from "../../kube/object.ts";
import { objectMap } from "../../kube/offline.ts";
import { counted } from "../../schemas/messages/words.ts";
import type { RecordedCall, RecordedResponse } from "../../schemas/recorded-call.ts";
import { ManifestError, printManifests, readText } from "../../yaml/manifests.ts";
import { rowOf } from "../render/render.ts";
import { answered, parseCall, readCase, replayedAnswer } from "./golden-case.ts";

// `replay`: repeats a recorded call without a cluster, and compares the response with the recorded one.

export type Replay = ReturnType<typeof replay>;

/** A case by its path with or without extension, or a file with a recorded call ("-": standard input). */
export const readRecorded = (place: string): RecordedCall => {
	const stem = place.replace(/\.(in|call|out)\.yaml$/, "");
	const recorded = readCase(stem);
	if (recorded !== undefined) return recorded;
	if (existsSync(`${stem}.in.yaml`))
		throw new ManifestError(`cannot replay ${place}: it was not recorded (there is no ${stem}.call.yaml); render it`);
	return parseCall(readText(place, place === "-" ? "standard input" : place), place);
};

export const replay = (call: RecordedCall) => {
	const row = rowOf(call.parent);
	if (row === undefined) throw new ManifestError(`cannot replay ${call.parent.kind}: it is not a Prism kind`);
	const response = replayedAnswer(row, call);
	// Undefined: the hook failed, so there is no recorded response.
	return { call, response, changes: call.response && differences(comparable(call.response), comparable(response)) };
};

/** Children by kind and name: their order has no meaning. */
const comparable = ({ children, ...rest }: RecordedResponse) => ({
	...rest,
	children: Object.fromEntries(
		Object.values(objectMap(children))
			.flatMap((objects) => Object.values(objects))
			.map((child) => [describeObject(child), child]),
	),
});

export const printAnswer = ({ call, response }: Replay): string => printManifests(answered(call, response));

/** The result for a terminal. */
export const describeReplay = ({ call, response, changes }: Replay, color: boolean): string[] => {
	const paint = (style: "green" | "red" | "yellow", text: string) => (color ? styleText(style, text) : text);
	const head = `${describeObject(call.parent)}: ${call.hook} at ${call.now}`;
	const lines = [
		head,
		`  ${stateOf(call, response)}`,
		`  ${response.children.length} ${response.children.length === 1 ? "child" : "children"}`,
	];
	if (changes === undefined)
		return [...lines, paint("yellow", "  … nothing to compare with: the hook failed when it was recorded")];
	if (changes.length === 0) return [...lines, paint("green", "  ✔ the same as recorded")];
	return [
		...lines,
		paint("red", `  ✖ ${counted(changes.length, "difference")} to what was recorded:`),
		...changes.flatMap(({ path, before, after }) => [
			`    ${path}`,
			...(before === undefined ? [] : [paint("red", `      - ${shortOf(before)}`)]),
			...(after === undefined ? [] : [paint("green", `      + ${shortOf(after)}`)]),
		]),
	];
};

const stateOf = ({ parent }: RecordedCall, { status, finalized }: RecordedResponse): string => {
	if (finalized === true) return "finalized";
	const ready = isRecord(status) ? conditionOf({ ...parent, status }, "Ready") : undefined;
	return ready === undefined ? "no status" : `Ready ${ready.status}, ${ready.reason}: ${ready.message}`;
};

const LONGEST = 400;

const shortOf = (value: unknown): string => {
	const text = canonicalJson(value);
	return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
};
