import { expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { failedProbe } from "../../../plugin/cluster/pod-probes.ts";
import { isPod } from "../../../plugin/cluster/pods.ts";
import { event, MINUTES_AGO, NOW, other, pod } from "../world.ts";

const SET = other("apps/v1", "ReplicaSet", "orders-7f9c", { namespace: "shop", uid: "set" }, {});
const POD = pod("orders", SET);
const probeOf = (message: string, reason = "Unhealthy") =>
	isPod(POD)
		? failedProbe(POD, viewOf({ objects: [POD], events: [event(POD, reason, message)], now: NOW }))
		: undefined;

it.each([
	["Liveness probe failed: statuscode: 500", "liveness", "statuscode: 500"],
	["Startup probe failed:\ttimeout", "startup", "timeout"],
	["in other words", "readiness", "in other words"],
])("the event %s names the probe that failed", (message, kind, detail) => {
	expect(probeOf(message)).toEqual({ kind, detail, since: MINUTES_AGO });
});

it("events of other reasons are no failures of probes", () => {
	expect(probeOf("Liveness probe failed: no", "Killing")).toBeUndefined();
});
