import { describe, expect, it } from "vitest";
import { createActivity } from "../../../devcluster/controllers/activity.ts";
import { createMemoryStore } from "../../../devcluster/memory/memory.ts";
import { createEventRecorder } from "../../../devcluster/metacontroller/events.ts";
import type { Store } from "../../../devcluster/store.ts";
import { createManualClock } from "../../clock.ts";

const parent = {
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata: { name: "it", namespace: "default", uid: "u", resourceVersion: "1" },
};

/** A recorder over memory, and what it asked the API server for. */
const recorder = () => {
	const clock = createManualClock();
	const memory = createMemoryStore({ clock, kinds: [] });
	const verbs: string[] = [];
	const noting: Store = {
		...memory,
		create: (object) => {
			verbs.push(`create ${object.apiVersion} ${object.kind}`);
			return memory.create(object);
		},
		update: (object) => {
			verbs.push("update");
			return memory.update(object);
		},
		patch: (resource, namespace, name, change) => {
			verbs.push(`patch ${resource.apiVersion} ${resource.resource} ${Object.keys(change).toSorted().join()}`);
			return memory.patch(resource, namespace, name, change);
		},
	};
	const activity = createActivity();
	const complaints: string[] = [];
	const recording = createEventRecorder({
		store: noting,
		clock,
		activity,
		log: ({ message }) => void complaints.push(message),
	});
	const events = async () => (await memory.list(await memory.resourceOf("v1", "Event"))).items;
	const say = async (message: string) => {
		recording.warn(parent, "SyncError", message);
		await activity.idle();
	};
	return { clock, memory, verbs, complaints, events, say };
};

describe("events", () => {
	it("are created once, and counted up by patches of what changes", async () => {
		const { verbs, events, say, clock } = recorder();
		await say("out");
		await clock.advance(5000);
		await say("out");
		await say("other");
		await say("out");
		const patch = "patch v1 events count,lastTimestamp";
		expect(verbs).toEqual(["create v1 Event", patch, "create v1 Event", patch]);
		expect(await events()).toMatchObject([
			{ message: "out", count: 3 },
			{ message: "other", count: 1 },
		]);
		const [first] = await events();
		expect(first?.["lastTimestamp"]).not.toBe(first?.["firstTimestamp"]);
	});

	it("that have expired are created again, and go on counting", async () => {
		const { memory, verbs, events, say } = recorder();
		await say("out");
		const [event] = await events();
		await memory.delete(await memory.resourceOf("v1", "Event"), "default", event?.metadata.name ?? "");
		await say("out");
		expect(verbs.map((verb) => verb.split(" ")[0])).toEqual(["create", "patch", "create"]);
		expect(await events()).toMatchObject([{ metadata: { name: event?.metadata.name }, message: "out", count: 2 }]);
	});

	it("that can't be counted up are complained of", async () => {
		const { memory, complaints, events, say } = recorder();
		await say("out");
		memory.patch = () => Promise.reject(new Error("it is forbidden"));
		await say("out");
		expect(complaints).toEqual([expect.stringContaining("cannot record an event: it is forbidden")]);
		expect(await events()).toHaveLength(1);
	});
});
