import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { leftOver } from "../../kube/namesakes.ts";
import { commandText } from "../../schemas/messages/words.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually } from "./installed.ts";
import { applyCase, type Line, METACONTROLLER, startLine } from "./line.ts";

// Children of an object that is gone: left by an orphaning deletion, as they come back from a backup.

const NAMESPACE = "vel";

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("children that are left over", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({ name: "local", metacontroller: METACONTROLLER });
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const kubectl = async (command: string): Promise<void> => {
		const { kubectl: path } = await testBinaries();
		// As it is printed, without a shell: nothing in it needs one.
		const args = command.replace(/^kubectl /, "").split(" ");
		await promisify(execFile)(path, ["--kubeconfig", line.cluster.kubeconfig ?? "", ...args]);
	};
	const podsOf = async () => {
		const { items } = await line.cluster.store.list(await line.resource("Pod"), NAMESPACE);
		return items.map(({ metadata }) => metadata.uid ?? "").toSorted();
	};

	it("are taken over as they are with the command of the finding, and no pod is replaced", {
		timeout: 240_000,
	}, async () => {
		await applyCase(line, "c18-velero");
		const { metadata } = await line.untilReady("PrismStack", "vs", NAMESPACE);
		const pods = await podsOf();
		expect(pods.length).toBeGreaterThan(1);
		const stacks = await line.resource("PrismStack");
		await line.cluster.store.delete(stacks, NAMESPACE, "vs", { propagationPolicy: "Orphan" });
		await eventually(async () => expect(await line.cluster.store.get(stacks, NAMESPACE, "vs")).toBeUndefined(), 60);
		expect(await podsOf()).toEqual(pods);
		await applyCase(line, "c18-velero");
		const commands: string[] = [];
		await eventually(async () => {
			const stack = await line.get("PrismStack", "vs", NAMESPACE);
			expect(stack.metadata.uid).not.toBe(metadata.uid);
			const ready = conditionOf(stack, "Ready");
			const [, kind, name] =
				/^(\w+) (\S+) was not created .* left over from a deletion$/.exec(ready?.message ?? "") ?? [];
			const child = kind && name ? await line.get(kind, name, NAMESPACE) : undefined;
			const takeOver = child && leftOver(stack, child, [child]);
			const command = takeOver && commandText(takeOver);
			if (command !== undefined && !commands.includes(command)) {
				commands.push(command);
				await kubectl(command);
			}
			expect(`${ready?.status} ${ready?.message}`).toMatch(/^True/);
		}, 150);
		expect(commands.length).toBeGreaterThan(0);
		expect(commands.length).toBeLessThan(8);
		expect(await podsOf()).toEqual(pods);
	});
});
