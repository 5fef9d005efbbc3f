import { describe, expect, it } from "vitest";
import { controllers } from "../../../plugin/doctor/controllers.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { stateOf } from "../doctor-state.ts";
import { CONTROLLERS } from "../why-case.ts";

const COMPOSITES = "compositecontrollers.metacontroller.k8s.io";
/** The controllers, of which the one of stacks is edited as text. */
const edited = (from: string | RegExp, to: string): KubeObject[] =>
	CONTROLLERS.map((one) =>
		one.metadata.name === "prismstack" ? (JSON.parse(JSON.stringify(one).replace(from, to)) as KubeObject) : one,
	);
const [first, ...others] = CONTROLLERS;
const copy: KubeObject = { ...(first ?? { apiVersion: "", kind: "" }), metadata: { name: "copy" } };

describe("the controllers", () => {
	it.each<[string, KubeObject[], Parameters<typeof stateOf>[1], string[]]>([
		["match this release", CONTROLLERS, {}, ["good"]],
		["can't be there without Metacontroller", [], { unknown: [COMPOSITES] }, []],
		["may not be read", CONTROLLERS, { forbidden: [COMPOSITES] }, ["unknown"]],
		["are missing", others, {}, ["bad"]],
		["update no child", edited('"InPlace"', '"OnDelete"'), {}, ["odd"]],
		["call another version of a hook", edited('"version":"v2"', '"version":"v1"'), {}, ["odd"]],
		["call another path", edited("/prismstack/sync", "/prismstack/old"), {}, ["odd"]],
		["call another server", edited(/prism-system/g, "elsewhere"), {}, ["odd"]],
		["lack a child", edited('"resource":"services"', '"resource":"nothing"'), {}, ["odd"]],
		["revert each other", [...CONTROLLERS, copy], {}, ["bad"]],
	])("%s", async (_, objects, world, levels) =>
		expect(controllers(await stateOf(objects, world)).map(({ level }) => level)).toEqual(levels),
	);

	it("do not start without the kinds of their children", async () => {
		const found = controllers(await stateOf(CONTROLLERS, {}, { served: new Set(["services"]) }));
		expect(found.length).toBeGreaterThan(1);
		expect(found.map(({ level }) => level)).toEqual(found.map(() => "bad"));
	});
});
