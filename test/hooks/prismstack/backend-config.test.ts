import { expect, it } from "vitest";
import { backendConfigChild } from "../../../hooks/prismstack/backend-config.ts";
import { planned } from "./planned.ts";

const childOf = (backend: Record<string, unknown>) => {
	const plan = planned({ backends: [{ type: "cache", ...backend }] });
	const [own] = plan.spec.backends ?? [];
	if (own === undefined) throw new Error("no backend");
	return backendConfigChild(plan, own, {});
};

it("has the address in the connection's place", () => {
	const child = childOf({ name: "redis", connectionString: "redis://redis:6379" });
	expect(child.metadata).toMatchObject({ name: "it-redis", labels: { stack: "it", backend: "redis" } });
	expect(child.spec).toMatchObject({ type: "cache", connection: { url: "redis://redis:6379" } });
	expect(child.spec.provider).toBeUndefined();
});

it("is told by its name what provides it, where there is no address", () => {
	expect(childOf({ name: "memstore" }).spec).toMatchObject({ provider: "memstore", connection: undefined });
	expect(childOf({ name: "memstore", provider: "sqlite" }).spec.provider).toBe("sqlite");
});
