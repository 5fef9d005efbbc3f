import { expect, test } from "vitest";
import { objectAt } from "../../../devcluster/json.ts";
import { createRecorder, type PodEvent, recordNothing } from "../../../devcluster/kubelet/events.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import { ApiError } from "../../../devcluster/store.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { createManualClock } from "../../clock.ts";

const pod = (uid = "u"): KubeObject => ({
	apiVersion: "v1",
	kind: "Pod",
	metadata: { name: "demo", namespace: "default", uid },
});
const PULL: PodEvent = { type: "Warning", reason: "Failed", message: "not found", container: "app" };

const recorded = async (...events: readonly (readonly [uid: string, PodEvent])[]) => {
	const clock = createManualClock();
	const store = createMemoryStore({ clock, kinds: [] });
	const record = createRecorder(store, clock, () => {});
	for (const [uid, event] of events) {
		record(pod(uid), event);
		await clock.advance(1000);
	}
	return (await store.list(await store.resourceOf("v1", "Event"))).items;
};

test("the same again is one Event, which counts, and tells when it was last", async () => {
	expect(await recorded(["u", PULL], ["u", PULL], ["u", PULL])).toMatchObject([
		{
			metadata: { namespace: "default" },
			type: "Warning",
			reason: "Failed",
			message: "not found",
			count: 3,
			firstTimestamp: "2026-01-01T00:00:00Z",
			lastTimestamp: "2026-01-01T00:00:02Z",
			involvedObject: { kind: "Pod", name: "demo", uid: "u", fieldPath: "spec.containers{app}" },
		},
	]);
});

test.each<[string, string, Partial<PodEvent>]>([
	["another reason", "u", { reason: "BackOff" }],
	["another message", "u", { message: "denied" }],
	["another container", "u", { container: "other" }],
	["another pod of that name", "v", {}],
])("%s is an Event of its own", async (_, uid, change) => {
	const events = await recorded(["u", PULL], [uid, { ...PULL, ...change }]);
	expect(events.map((event) => event["count"])).toEqual([1, 1]);
});

test("an Event of the pod itself names no container", async () => {
	const [event] = await recorded(["u", { ...PULL, container: undefined }]);
	expect(objectAt(event, "involvedObject")).not.toHaveProperty("fieldPath");
});

test("an Event that can't be written is logged, and holds up nothing", async () => {
	const clock = createManualClock();
	const store = createMemoryStore({ clock, kinds: [] });
	const lines: string[] = [];
	const failing = { ...store, create: () => Promise.reject(new ApiError(403, "Forbidden", "being terminated")) };
	createRecorder(failing, clock, (line) => void lines.push(line))(pod(), PULL);
	recordNothing(pod(), PULL);
	await clock.settle();
	expect(lines).toEqual([expect.stringContaining("default/demo")]);
});
