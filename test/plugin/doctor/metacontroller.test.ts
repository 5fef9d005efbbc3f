import { describe, expect, it } from "vitest";
import { metacontroller } from "../../../plugin/doctor/metacontroller.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { stateOf } from "../doctor-state.ts";
import { other } from "../world.ts";

const FAST = ["--workers=20", "--client-go-qps", "200", "--client-go-burst=400"];
const running = (
	args: readonly string[] = FAST,
	{ image = "metacontroller:v4.17.2", replicas = 1, available = 1, name = "a" } = {},
) =>
	other(
		"apps/v1",
		"Deployment",
		name,
		{ namespace: "metacontroller" },
		{
			spec: { replicas, template: { spec: { containers: [{ name: "metacontroller", image, args }] } } },
			status: { availableReplicas: available },
		},
	);
const COMPOSITES = "compositecontrollers.metacontroller.k8s.io";

describe("Metacontroller", () => {
	it.each<[string, KubeObject[], Parameters<typeof stateOf>[1], string[]]>([
		["runs", [running()], {}, ["good"]],
		["is not installed", [], { unknown: [COMPOSITES] }, ["bad"]],
		["is installed, and does not run", [], {}, ["bad"]],
		["can't be seen", [], { forbidden: ["deployments.apps"] }, ["unknown"]],
		["has no pod", [running(FAST, { available: 0 })], {}, ["bad"]],
		["is too old", [running(FAST, { image: "metacontroller:v4.11.0" })], {}, ["bad"]],
		["has no version", [running(FAST, { image: "metacontroller@sha256:00" })], {}, ["unknown"]],
		["has its slow defaults", [running([])], {}, ["odd"]],
		["is slow in one flag", [running([...FAST, "--workers=3"])], {}, ["odd"]],
		["applies server-side", [running([...FAST, "--apply-strategy=server-side-apply"])], {}, ["bad"]],
		["has two pods", [running(FAST, { replicas: 2 })], {}, ["bad"]],
		["has two pods, and a leader", [running([...FAST, "--leader-election"], { replicas: 2 })], {}, ["good"]],
		["has two pods, and no leader", [running([...FAST, "--leader-election=false"], { replicas: 2 })], {}, ["bad"]],
		["runs twice", [running(), running(FAST, { name: "b" })], {}, ["good", "good", "bad"]],
		[
			"runs twice, each for its own",
			[running(), running([...FAST, "--target-label-selector=a=b"], { name: "b" })],
			{},
			["good", "good"],
		],
		["runs once, and is stopped once", [running(), running(FAST, { name: "b", available: 0 })], {}, ["good", "bad"]],
	])("%s", async (_, objects, world, levels) =>
		expect(metacontroller(await stateOf(objects, world)).map(({ level }) => level)).toEqual(levels),
	);

	it("runs outside of a cluster of make run", async () =>
		expect(metacontroller(await stateOf([], {}, { isLocal: true })).map(({ level }) => level)).toEqual(["unknown"]));

	it("lists the flags that make it slow", async () => {
		const [found] = metacontroller(await stateOf([running(["--workers=3", "--client-go-qps=200"])]));
		expect(found?.details?.map((line) => line.split(":")[0])).toEqual([
			"--workers is 3",
			"--client-go-burst is 10 by default",
		]);
	});
});
