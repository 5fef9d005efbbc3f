import { describe, expect, it } from "vitest";
import { childrenOf } from "../../../hooks/backendconfig/children.ts";
import { statusFields, untilSilence, verdictOf, withMessage } from "../../../hooks/backendconfig/status.ts";
import { objectMap } from "../../../kube/offline.ts";
import { refusal } from "../../../kube/spec-refusal.ts";
import { secondsAfter } from "../../../kube/time.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { plannedBackend } from "../plans.ts";
import { NOW } from "../situations.ts";

const ago = (seconds: number) => secondsAfter(NOW, -seconds);
const PROBED = { connection: { url: "redis://r" }, healthCheck: { enabled: true } };
const REFUSED = refusal({ reason: "InvalidSpec", about: "fields", problems: [] });

/** All children are there, and the probe's pod is as told since so many seconds. */
const seen = (spec: object, probe: { updated?: number; available?: boolean; for?: number } = {}, status?: object) => {
	const { plan, request } = plannedBackend(spec, status ? { status } : {});
	const children = childrenOf(plan, {});
	const { updated = 1, available = false, for: seconds = 0 } = probe;
	const counted = {
		observedGeneration: 1,
		replicas: 1,
		updatedReplicas: updated,
		readyReplicas: Number(available),
		availableReplicas: Number(available),
		conditions: [{ type: "Available", status: available ? "True" : "False", lastTransitionTime: ago(seconds) }],
	};
	const there = children.map(
		(child): KubeObject => ({ ...child, metadata: { ...child.metadata, generation: 1 }, status: counted }),
	);
	const observation = { backend: request.parent, children, observed: objectMap(there), isLost: false, now: NOW };
	return { plan, observation };
};

describe("a backend is", () => {
	const ready = { ready: "True", phase: "Ready" };
	it.each([
		["ready, unchecked", seen({}), { ...ready, finding: { reason: "NotChecked" } }],
		[
			"ready by its nature",
			seen({ provider: "memstore" }),
			{ ...ready, finding: { reason: "BackendHealthy", by: "nature" } },
		],
		[
			"ready, as its probe says",
			seen(PROBED, { available: true }),
			{ ...ready, finding: { reason: "BackendHealthy", by: "probe" } },
		],
		[
			"pending until the probe's pod is there",
			seen(PROBED, { updated: 0 }),
			{ phase: "Pending", finding: { reason: "Progressing" } },
		],
		[
			"pending until the probe's first answer",
			seen(PROBED, { for: 14 }),
			{ phase: "Pending", finding: { about: "probe" } },
		],
		[
			"unhealthy after that",
			seen(PROBED, { for: 15 }),
			{ phase: "Degraded", finding: { reason: "BackendUnhealthy", provider: "redis" } },
		],
		[
			"unhealthy at once, if it was healthy",
			seen(PROBED, { for: 1 }, { healthy: true }),
			{ finding: { reason: "BackendUnhealthy" } },
		],
	])("%s", (_what, { plan, observation }, verdict) => {
		expect(verdictOf(plan, observation)).toMatchObject(verdict);
	});

	it("pending until what runners mount is there", () => {
		const { plan, observation } = seen({});
		expect(verdictOf(plan, { ...observation, observed: {} })).toMatchObject({ finding: { about: "children" } });
	});

	it("failed if its spec is refused", () => {
		expect(verdictOf(REFUSED, seen({}).observation)).toMatchObject({ phase: "Failed", stalled: true });
	});
});

it.each([
	[0, 16],
	[14, 2],
	[15, undefined],
])("after %i s, its silence is looked at again in %j s", (seconds, left) => {
	expect(untilSilence(seen(PROBED, { for: seconds }).observation)).toBe(left);
});

describe("status has", () => {
	const before = { provider: "redis", configMap: "old", checksum: "1" };
	it.each([
		["no health that nobody checks", seen({}), {}],
		["the health of what can't be down", seen({ provider: "memstore" }), { healthy: true }],
		[
			"what the probe said, and when",
			seen(PROBED, { available: true, for: 9 }),
			{ healthy: true, lastChecked: ago(9) },
		],
		["what it does not say any more", seen(PROBED, { for: 20 }), { healthy: false, lastChecked: ago(20) }],
		["nothing of what is not known yet", seen(PROBED, { for: 1 }), {}],
	])("%s", (_what, { plan, observation }, health) => {
		expect(statusFields(plan, observation)).toEqual({ binding: plan.binding, ...health });
	});

	it("the binding as it was, until another is published", () => {
		const { plan, observation } = seen({}, {}, { binding: before });
		const unpublished = { ...observation, observed: {} };
		expect(statusFields(plan, unpublished)).toEqual({ binding: before });
		expect(statusFields(REFUSED, observation)).toEqual({ binding: before });
		expect(statusFields(plan, { ...unpublished, isLost: true })).toEqual({ binding: undefined });
		expect(statusFields(plan, { ...unpublished, backend: seen({}, {}, { binding: "x" }).observation.backend })).toEqual(
			{
				binding: undefined,
			},
		);
	});

	it("the message of Ready once more", () => {
		const ready = {
			type: "Ready",
			status: "True",
			reason: "R",
			message: "all is well",
			lastTransitionTime: NOW,
		} as const;
		const { backend } = seen({}).observation;
		expect(withMessage(backend, { conditions: [ready] })).toMatchObject({ message: "all is well" });
		expect(withMessage(backend, {})).not.toHaveProperty("message");
	});
});
