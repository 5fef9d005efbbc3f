import { describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { objects } from "../../../plugin/doctor/objects.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { stateOf } from "../doctor-state.ts";
import { event, HOURS_AGO, late, MINUTES_AGO, NOW, other, ours, ready, silent } from "../world.ts";

const SPEECH = { program: "kubectl prism", flags: [] };
const READY = ours("PrismStack", "shop", ready("StackReady", "up"));
const LATE = ours("PrismStack", "late", late("Progressing", "m"));
const SILENT = silent("PrismShard", "silent");
const NEW = silent("PrismShard", "new", { creationTimestamp: NOW });
const going = (deletionTimestamp: string) => silent("PrismStack", "going", { deletionTimestamp, finalizers: ["a/b"] });
const failed = (at: string) => event(READY, "SyncError", "boom", { at });

const found = async (list: KubeObject[], events: KubeObject[] = [], notes: string[] = [], scope = {}) =>
	objects(await stateOf([], {}, { view: viewOf({ objects: list, events, notes, now: NOW }), scope }), SPEECH);

describe("the objects", () => {
	it.each<[string, KubeObject[], KubeObject[], string[], string[]]>([
		["are ready", [READY], [], [], ["good"]],
		["are of other kinds", [other("v1", "ConfigMap", "a")], [], [], ["good"]],
		["can't be read", [], [], ["unread"], ["unknown"]],
		["are not ready", [READY, LATE], [], [], ["odd"]],
		["are not reconciled", [READY, SILENT], [], [], ["bad", "good"]],
		["are new", [READY, NEW], [], [], ["odd"]],
		[
			"have changed",
			[ours("PrismStack", "a", { ...ready("R", "m"), metadata: { generation: 2 } })],
			[],
			[],
			["bad", "good"],
		],
		["are being deleted", [going(NOW)], [], [], ["odd"]],
		["are stuck", [going(HOURS_AGO)], [], [], ["bad", "odd"]],
		["failed to sync", [READY], [failed("2026-01-01T11:55:00Z")], [], ["bad", "good"]],
		["failed to sync long ago", [READY], [failed(MINUTES_AGO)], [], ["good"]],
	])("%s", async (_, list, events, notes, levels) =>
		expect((await found(list, events, notes)).map(({ level }) => level)).toEqual(levels),
	);

	it.each([
		[{}, "kubectl prism status -A"],
		[{ namespace: "shop" }, "kubectl prism status -n shop"],
	])("were read in %j", async (scope, command) =>
		expect((await found([LATE], [], [], scope))[0]?.fix).toEqual([command]),
	);

	it("are listed up to five, with the command for the first one", async () => {
		const many = Array.from({ length: 7 }, (_, index) => silent("PrismShard", `s-${index}`));
		const [first] = await found(many);
		expect([first?.details?.length, first?.details?.at(-1)]).toEqual([6, "and 2 more"]);
		expect(first?.fix).toEqual(["kubectl prism why prismshard/s-0 -n shop"]);
	});
});
