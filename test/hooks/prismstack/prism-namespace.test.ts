import { expect, it } from "vitest";
import { prismNamespaceChild } from "../../../hooks/prismstack/prism-namespace.ts";
import { planned } from "./planned.ts";

const childOf = (name: string, more: Record<string, unknown> = {}) => {
	const plan = planned({ namespaces: [{ name, ...more }] });
	const [own] = plan.spec.namespaces ?? [];
	if (own === undefined) throw new Error("no namespace");
	return prismNamespaceChild(plan, own, {});
};

it("is provisioned on the stack's own proxies", () => {
	const child = childOf("orders", { team: "checkout" });
	expect(child.metadata).toMatchObject({ name: "it-orders", labels: { stack: "it", component: "namespace" } });
	expect(child.spec).toMatchObject({ proxyRef: { name: "it-proxy" }, team: "checkout" });
	expect(child.spec).not.toHaveProperty("name");
});

it("has a hash where another stack's could have its name", () => {
	expect(childOf("new-orders").metadata.name).toMatch(/^it-new-orders-[0-9a-f]{8}$/);
});
