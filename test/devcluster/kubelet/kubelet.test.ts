import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { objectsAt, stringAt, valueAt } from "../../../devcluster/json.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { conditions, deployment, type Simulation, simulate } from "../workload-objects.ts";

// What a pod's status says while something keeps its containers from running, in the words of a real kubelet.

let cluster: Simulation;
beforeEach(async () => {
	cluster = await simulate();
});
afterEach(() => cluster.stop());

interface Template {
	readonly spec?: Record<string, unknown>;
	readonly containers?: readonly Record<string, unknown>[];
	readonly annotations?: Record<string, string>;
}

const run = async ({ spec = {}, containers = [{}], annotations = {} }: Template): Promise<void> => {
	const named = containers.map((container, index) => ({ name: `c${index}`, image: "app:1", ...container }));
	const template = { metadata: { labels: { app: "demo" }, annotations }, spec: { containers: named, ...spec } };
	await cluster.create(deployment({ template }));
	await cluster.clock.advance(3_000);
};

const pod = async (): Promise<KubeObject> => {
	const [first] = await cluster.list("Pod");
	if (first === undefined) throw new Error("there is no pod");
	return first;
};

/** Each container's state: the reason for which it waits, or what it does. */
const states = async (list = "containerStatuses"): Promise<string[]> =>
	objectsAt((await pod())["status"], list).map((status) => {
		const [what = ""] = Object.keys(Object(status["state"]));
		return stringAt(status, "state", what, "reason") ?? what;
	});

const message = async (index = 0): Promise<string> =>
	stringAt(objectsAt((await pod())["status"], "containerStatuses")[index], "state", "waiting", "message") ?? "";

const create = (kind: "Secret" | "ConfigMap", name: string, data: Record<string, string>) =>
	cluster.store.create({ apiVersion: "v1", kind, metadata: { name, namespace: "default" }, data });

const env = (reference: Record<string, unknown>) => ({ env: [{ name: "A", valueFrom: reference }] });

test("only the container whose image is bad waits, first with ErrImagePull and then backing off", async () => {
	await cluster.create(deployment({ template: { metadata: { labels: { app: "demo" } }, spec: twoImages } }));
	await cluster.clock.advance(400);
	expect(await states()).toEqual(["running", "ErrImagePull"]);
	await cluster.clock.advance(2_000);
	expect(await states()).toEqual(["running", "ImagePullBackOff"]);
	expect(await message(1)).toMatch(/^Back-off pulling image "app:broken": ErrImagePull: .*not found$/);
	expect((await pod())["status"]).toMatchObject({
		phase: "Pending",
		conditions: conditions(["Ready", "False", "ContainersNotReady"]),
	});
});
const twoImages = {
	containers: [
		{ name: "good", image: "app:1" },
		{ name: "bad", image: "app:broken" },
	],
};

describe("a reference that can't be resolved", () => {
	test.for([
		["a Secret", env({ secretKeyRef: { name: "s", key: "k" } }), 'secret "s" not found'],
		["a ConfigMap", env({ configMapKeyRef: { name: "c", key: "k" } }), 'configmap "c" not found'],
		["all of a Secret", { envFrom: [{ secretRef: { name: "s" } }] }, 'secret "s" not found'],
	] as const)("%s is told, and looked for until it is there", async ([, container, problem]) => {
		await run({ containers: [container, {}] });
		expect(await states()).toEqual(["CreateContainerConfigError", "running"]);
		expect(await message()).toBe(problem);
		await create("Secret", "s", { k: btoa("v") });
		await create("ConfigMap", "c", { k: "v" });
		await cluster.clock.advance(3_000);
		expect(await states()).toEqual(["running", "running"]);
	});

	test("a key that is missing is named", async () => {
		await create("Secret", "s", { other: btoa("v") });
		await run({ containers: [env({ secretKeyRef: { name: "s", key: "k" } })] });
		expect(await message()).toBe("couldn't find key k in Secret default/s");
	});

	test("an optional one keeps nothing back", async () => {
		await run({ containers: [env({ secretKeyRef: { name: "s", key: "k", optional: true } })] });
		expect(await states()).toEqual(["running"]);
	});

	test("a volume's keeps the whole pod back", async () => {
		await run({ spec: { volumes: [{ name: "tls", secret: { secretName: "s" } }] }, containers: [{}, {}] });
		expect(await states()).toEqual(["ContainerCreating", "ContainerCreating"]);
		await create("Secret", "s", {});
		await cluster.clock.advance(3_000);
		expect(await states()).toEqual(["running", "running"]);
	});
});

describe("runAsNonRoot", () => {
	const user = "local.prism.io/image-user";
	const nonRoot = { securityContext: { runAsNonRoot: true } };
	test.for([
		[{ spec: nonRoot }, "running"],
		[{ spec: nonRoot, annotations: { [user]: "1000" } }, "running"],
		[{ annotations: { [user]: "nobody" } }, "running"],
		[{ spec: nonRoot, annotations: { [user]: "nobody" } }, "CreateContainerConfigError"],
		[{ spec: nonRoot, annotations: { [user]: "root" } }, "CreateContainerConfigError"],
		[{ spec: { securityContext: { runAsNonRoot: true, runAsUser: 0 } } }, "CreateContainerConfigError"],
		[
			{ spec: { securityContext: { runAsNonRoot: true, runAsUser: 65_532 } }, annotations: { [user]: "nobody" } },
			"running",
		],
	] as const)("%j: %s", async ([template, state]) => {
		await run(template);
		expect(await states()).toEqual([state]);
	});

	test("names the user that can't be verified", async () => {
		await run({ spec: nonRoot, annotations: { [user]: "nobody" } });
		expect(await message()).toBe(
			"container has runAsNonRoot and image has non-numeric user (nobody), cannot verify user is non-root",
		);
	});
});

test("a container that crashes is restarted later each time, and runs once it doesn't any more", async () => {
	await run({ annotations: { "local.prism.io/fail": "crash" } });
	const restarts = async () => valueAt(objectsAt((await pod())["status"], "containerStatuses")[0], "restartCount");
	expect([await states(), await restarts()]).toEqual([["CrashLoopBackOff"], 1]);
	expect(await message()).toMatch(/^back-off 10s restarting failed container=c0 pod=demo-.*_default\(/);
	await cluster.clock.advance(10_000);
	expect(await restarts()).toBe(2);
	expect(await message()).toMatch(/^back-off 20s /);
	await cluster.clock.advance(2_000_000);
	expect(await message()).toMatch(/^back-off 5m0s /);
	const live = await pod();
	await cluster.store.update({ ...live, metadata: { ...live.metadata, annotations: {} } });
	await cluster.clock.advance(1_000);
	expect(await states()).toEqual(["running"]);
});

test("init containers end one after the other before the others start", async () => {
	const first = { name: "copy", image: "app:1" };
	await run({ spec: { initContainers: [first, { name: "second", image: "app:broken" }] } });
	expect(await states("initContainerStatuses")).toEqual(["Completed", "ImagePullBackOff"]);
	expect(await states()).toEqual(["PodInitializing"]);
	expect((await pod())["status"]).toMatchObject({
		phase: "Pending",
		conditions: conditions(["Initialized", "False", "ContainersNotInitialized"]),
	});
});

test("what others say of a pod stays", async () => {
	await run({});
	const live = await pod();
	const foreign = { type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" };
	const found = objectsAt(live["status"], "conditions");
	await cluster.store.updateStatus({ ...live, status: { ...Object(live["status"]), conditions: [...found, foreign] } });
	const again = await pod();
	await cluster.store.update({ ...again, metadata: { ...again.metadata, annotations: { any: "thing" } } });
	await cluster.clock.advance(1_000);
	expect((await pod())["status"]).toMatchObject({ conditions: expect.arrayContaining([foreign]) as unknown });
});
