import { expect, it } from "vitest";
import { isReportedSilent, silentSince } from "../../../hooks/prismstack/silent-proxies.ts";
import type { Answer, InstanceAnswer } from "../../../schemas/admin.ts";
import { known, unknown } from "../prismshard-pieces.ts";
import { LONG_AGO, NOW } from "../situations.ts";
import { seeing } from "./planned.ts";

const SILENT = unknown("Unreachable");
const answer = (name: string, its: InstanceAnswer): Answer => ({
	question: { about: "instance", instance: { name, namespace: "prism", address: `${name}:1` } },
	answer: its,
});
const seen = (doubtfulSince: unknown, ...answers: Answer[]) => {
	const { request, ...rest } = seeing();
	return { ...rest, request: { ...request, parent: { ...request.parent, status: { doubtfulSince } } }, answers };
};

it.each([
	["nobody was asked", seen(LONG_AGO), undefined],
	["all answer", seen(LONG_AGO, answer("a", known([]))), undefined],
	["one is silent", seen(undefined, answer("a", known([])), answer("b", SILENT)), NOW],
	["one has been", seen(LONG_AGO, answer("b", SILENT)), LONG_AGO],
	["the time makes no sense", seen(5, answer("b", SILENT)), NOW],
])("since when: %s", (_reason, its, since) => {
	expect(silentSince(its)).toBe(since);
});

it.each([
	["it was not asked", seen(LONG_AGO, answer("b", SILENT)), undefined],
	["it answers", seen(LONG_AGO, answer("a", known([]))), false],
	["it is silent for long", seen(LONG_AGO, answer("a", SILENT)), true],
	["it is silent for the first time", seen(undefined, answer("a", SILENT)), false],
	["it is silent for a moment", seen(NOW, answer("a", SILENT)), false],
])("is reported: %s", (_reason, its, reported) => {
	expect(isReportedSilent(its, "a")).toBe(reported);
});
