import { describe, expect, it } from "vitest";
import { CREATION_SECONDS } from "../../kube/conditions.ts";
import { isUsable } from "../../kube/ownership.ts";
import { secondsAfter } from "../../kube/time.ts";

describe("a child", () => {
	const since = "2026-01-01T00:00:00Z";
	const child = { apiVersion: "v1", kind: "Service", metadata: { name: "shop", namespace: "default" } };
	const parent = (missing?: string) => ({
		apiVersion: "prism.io/v1alpha1",
		kind: "PrismStack",
		metadata: { name: "shop", namespace: "default" },
		...(missing !== undefined && { status: { missing: [{ kind: "Service", name: "shop", since: missing }] } }),
	});
	const there = { "Service.v1": { "default/shop": child } };
	it.each([
		["is usable once it is there", { observed: there, before: false }, true],
		["is not before it was there", { before: false }, false],
		["is while it is created again, unreported", { before: true }, true],
		["is until its time to be created is over", { before: true, missing: since, seconds: CREATION_SECONDS - 1 }, true],
		["is not from then on", { before: true, missing: since, seconds: CREATION_SECONDS }, false],
	])("%s", (_, situation, expected) => {
		const {
			observed = {},
			before,
			missing,
			seconds = 0,
		} = situation as {
			readonly observed?: typeof there;
			readonly before: boolean;
			readonly missing?: string;
			readonly seconds?: number;
		};
		const now = secondsAfter(since, seconds);
		expect(isUsable({ parent: parent(missing), observed, child, before, now })).toBe(expected);
	});
});
