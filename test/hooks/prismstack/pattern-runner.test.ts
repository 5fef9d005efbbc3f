import { expect, it } from "vitest";
import { patternRunnerChild } from "../../../hooks/prismstack/pattern-runner.ts";
import { planned } from "./planned.ts";

const PATTERN = { name: "cache", type: "keyvalue", backend: "redis" };
const REDIS = { backends: [{ name: "redis", type: "cache", connectionString: "redis://redis:6379" }] };
const childOf = (pattern: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => {
	const plan = planned({ ...more, patterns: [{ ...PATTERN, ...pattern }] });
	const [own] = plan.spec.patterns ?? [];
	if (own === undefined) throw new Error("no pattern");
	return patternRunnerChild(plan, own, {});
};

it("is named as its pattern, and runs it", () => {
	const child = childOf({ replicas: 3 });
	expect(child.metadata).toMatchObject({
		name: "cache",
		labels: { stack: "it", pattern: "keyvalue", runner: "cache" },
	});
	expect(child.spec).toMatchObject({ pattern: "keyvalue", backend: "redis", replicas: 3 });
	expect(child.spec).not.toHaveProperty("name");
});

it("is linked to the stack's backend of that name, unless it names a BackendConfig itself", () => {
	const linked = childOf({}, REDIS);
	expect(linked.spec.backendConfig).toEqual({ name: "it-redis" });
	expect(linked.metadata.annotations).toEqual({ "prism.io/own-backend": "true" });
	const named = childOf({ backendConfig: { name: "shared" } }, REDIS);
	expect(named.spec.backendConfig).toEqual({ name: "shared" });
	expect(named.metadata.annotations).toBeUndefined();
});

it("says so where the stack has other backends only", () => {
	expect(childOf({ backend: "nats" }, REDIS).metadata.annotations).toEqual({ "prism.io/unknown-backend": "true" });
});

it("observes as its stack does", () => {
	expect(childOf().spec.observability).toBeUndefined();
	const observability = { enabled: true, metrics: { port: 9100 } };
	expect(childOf({}, { observability }).spec.observability).toEqual({ metricsPort: 9100 });
});
