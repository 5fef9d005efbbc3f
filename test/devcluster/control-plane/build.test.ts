import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildTools, goMissing, kubernetesStamps } from "../../../devcluster/control-plane/build.ts";
import { type Machine, machine } from "../control-plane-world.ts";

let here: Machine;
beforeEach(() => {
	here = machine();
});
afterEach(() => here.remove());

const VERSIONS = { go: "1.26.0", kubernetes: "1.36.3", etcd: "3.7.0" };

test.each([
	["1.26.0", "1.26.0", true],
	["1.26.1", "1.26.0", true],
	["1.100.0", "1.26.9", true],
	["2.0.0", "1.26.0", true],
	["1.26", "1.26.0", true],
	["1.25.9", "1.26.0", false],
	["1.26.0", "1.26.1", false],
	["1.9.9", "1.26.0", false],
])("Go %s builds what needs %s: %s", async (found, needed, builds) => {
	here.installGo(found);
	const why = await goMissing(here.environment, needed);
	expect(why === undefined).toBe(builds);
	if (!builds) expect(why).toContain(found);
});

test("without Go nothing is built", async () => {
	expect(await goMissing(here.environment, "1.26.0")).toBeDefined();
});

test("a program of Kubernetes knows its version", () => {
	const stamp = "k8s.io/component-base/version";
	expect(kubernetesStamps("1.36.3")).toEqual(
		["gitVersion=v1.36.3", "gitMajor=1", "gitMinor=36", "gitTreeState=clean"].map((value) => `${stamp}.${value}`),
	);
});

test("tools are built one after the other, and each is whole or not there", async () => {
	here.installGo("1.99.0", "*/kube-scheduler");
	const folder = join(here.folder, "built");
	mkdirSync(folder);
	const lines: string[] = [];
	const tools = ["etcd", "kube-scheduler", "kubectl"] as const;
	const report = { line: (text: string) => void lines.push(text), progress: () => {} };
	await expect(buildTools(tools, VERSIONS, folder, here.environment, report)).rejects.toThrow(
		"cannot build kube-scheduler v1.36.3: it broke",
	);
	expect(tools.map((tool) => existsSync(join(folder, tool)))).toEqual([true, false, false]);
	expect(lines.map((line) => line.split(" ").slice(0, 4).join(" "))).toEqual([
		"1/3 building etcd v3.7.0",
		"1/3 built etcd v3.7.0",
		"2/3 building kube-scheduler v1.36.3",
	]);
});
