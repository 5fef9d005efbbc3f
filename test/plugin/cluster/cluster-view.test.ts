import { describe, expect, it } from "vitest";
import {
	ancestry,
	descendants,
	eventTime,
	isEvent,
	matching,
	ownerOf,
	syncError,
	viewOf,
} from "../../../plugin/cluster/cluster-view.ts";
import { deployment, event, HOURS_AGO, MINUTES_AGO, NOW, other, ours, ownedBy, pod, replicaSet } from "../world.ts";

const STACK = ours("PrismStack", "shop");
const RUNNER = ours("PatternRunner", "shop", { metadata: ownedBy(STACK) });
const SET = deployment("orders", RUNNER, 1, 1);
const REPLICAS = replicaSet("orders-7f9c", SET);
const POD = pod("orders-7f9c-x", REPLICAS);
const OBJECTS = [STACK, RUNNER, SET, REPLICAS, POD];
const view = viewOf({ objects: OBJECTS, now: NOW });

describe("a view", () => {
	it("finds objects by kind, name, uid and owner", () => {
		expect(view.get("PatternRunner", "shop", "shop")).toBe(RUNNER);
		expect(view.get("PatternRunner", "", "shop")).toBeUndefined();
		expect(view.byUid(SET.metadata.uid ?? "")).toBe(SET);
		expect(view.all("Pod")).toEqual([POD]);
		expect(view.all("Pod", "elsewhere")).toEqual([]);
		expect(view.owned(STACK)).toEqual([RUNNER]);
		expect(view.owned({ ...STACK, metadata: { name: "shop" } })).toEqual([]);
	});

	it("follows owners up and children down, also in a circle", () => {
		expect(ancestry(view, POD)).toEqual([POD, REPLICAS, SET, RUNNER, STACK]);
		expect(descendants(view, STACK)).toEqual([RUNNER, SET, REPLICAS, POD]);
		const egg = other("v1", "ConfigMap", "egg", {
			uid: "egg",
			...ownedBy(other("v1", "ConfigMap", "hen", { uid: "hen" })),
		});
		const hen = other("v1", "ConfigMap", "hen", { uid: "hen", ...ownedBy(egg) });
		const circle = viewOf({ objects: [hen, egg], now: NOW });
		expect(ancestry(circle, hen)).toEqual([hen, egg]);
		expect(descendants(circle, hen)).toEqual([egg, hen]);
	});

	it("takes the controlling owner before the first one", () => {
		const [first] = ownedBy(STACK).ownerReferences ?? [];
		const [second] = ownedBy(SET).ownerReferences ?? [];
		if (first === undefined || second === undefined) throw new Error("no owner");
		const owned = (...ownerReferences: (typeof first)[]) => other("v1", "ConfigMap", "it", { ownerReferences });
		expect(ownerOf(view, owned({ ...first, controller: false }, second))).toBe(SET);
		expect(ownerOf(view, owned({ ...first, controller: false }))).toBe(STACK);
		expect(ownerOf(view, owned({ ...first, uid: "unread" }))).toBeUndefined();
		expect(ownerOf(view, STACK)).toBeUndefined();
	});

	it.each([
		[{ name: "shop" }, [STACK, RUNNER]],
		[{ name: "shop", kind: "PrismStack" }, [STACK]],
		[{ name: "shop", namespace: "elsewhere" }, []],
		// Without a kind, only a user's objects.
		[{ name: "orders" }, []],
		[{ name: "orders", kind: "Deployment" }, [SET]],
	])("matches %j", (wanted, found) => expect(matching(view, wanted)).toEqual(found));
});

describe("events", () => {
	const older = event(STACK, "SyncError", "older", { at: HOURS_AGO });
	const newer = event(STACK, "SyncError", "newer", { at: MINUTES_AGO });
	const predecessor = event({ ...STACK, metadata: { ...STACK.metadata, uid: "earlier" } }, "SyncError", "m", {
		at: NOW,
	});
	const seen = viewOf({ objects: OBJECTS, events: [older, STACK, predecessor, newer], now: NOW });

	it("are about one object, and not its predecessor, newest first", () => {
		expect(seen.events).toHaveLength(3);
		expect(seen.eventsOn(STACK).map(({ message }) => message)).toEqual(["newer", "older"]);
		expect(seen.eventsOn(RUNNER)).toEqual([]);
		expect(syncError(seen, STACK)?.message).toBe("newer");
		expect(syncError(view, STACK)).toBeUndefined();
	});

	it.each([
		[{ series: { lastObservedTime: "1", count: 2 }, lastTimestamp: "2" }, "1"],
		[{ lastTimestamp: "2", eventTime: "3" }, "2"],
		[{ lastTimestamp: undefined, eventTime: "3", firstTimestamp: "4" }, "3"],
		[{ lastTimestamp: undefined, firstTimestamp: "4" }, "4"],
		[{ lastTimestamp: undefined, firstTimestamp: undefined }, HOURS_AGO],
	])("have the last of their times: %j", (times, time) => {
		const one = { ...newer, ...times };
		if (!isEvent(one)) throw new Error("no event");
		expect(eventTime(one)).toBe(time);
	});
});
