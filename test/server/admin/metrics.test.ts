import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { createAdminMetrics } from "../../../server/admin/metrics.ts";
import { BUDGET_MS } from "./calls.ts";
import { about, aboutInstance, adminOf, assign, startProxy } from "./fake-proxy.ts";

describe("what is counted", () => {
	const counted = async (registry: Registry) =>
		(await registry.metrics())
			.split("\n")
			.filter((line) => line.startsWith("prism") && !/_bucket|_sum/.test(line))
			.toSorted();

	test("calls by method, shard and how they ended; listings, channels", async () => {
		const registry = new Registry();
		const proxy = await startProxy();
		const shard = proxy.instance.address.split(".")[1];
		const admin = adminOf([proxy], { metrics: createAdminMetrics(registry) });
		await admin.ask([about(proxy), aboutInstance(proxy)], BUDGET_MS);
		await admin.execute([assign(proxy)], BUDGET_MS);
		proxy.does.assign = (_request, reply) => reply(null, { success: false, message: "CANARY" });
		await admin.execute([assign(proxy, "orders", 2)], BUDGET_MS);
		proxy.stop();
		await admin.execute([assign(proxy, "orders", 3)], BUDGET_MS);
		expect(await counted(registry)).toEqual(
			[
				'prism_operator_admin_call_duration_seconds_count{method="AssignNamespace"} 3',
				'prism_operator_admin_call_duration_seconds_count{method="GetMetrics"} 1',
				'prism_operator_admin_call_duration_seconds_count{method="ListNamespaces"} 2',
				"prism_operator_admin_breakers_open 0",
				"prism_operator_admin_calls_in_flight 0",
				`prism_operator_admin_calls_total{method="AssignNamespace",shard="${shard}",code="OK"} 1`,
				`prism_operator_admin_calls_total{method="AssignNamespace",shard="${shard}",code="Refused"} 1`,
				`prism_operator_admin_calls_total{method="AssignNamespace",shard="${shard}",code="Unreachable"} 1`,
				`prism_operator_admin_calls_total{method="GetMetrics",shard="${shard}",code="OK"} 1`,
				`prism_operator_admin_calls_total{method="ListNamespaces",shard="${shard}",code="OK"} 2`,
				"prism_operator_admin_channels 1",
				'prism_operator_admin_listings_total{outcome="read"} 1',
			].toSorted(),
		);
		await admin.close();
		expect(await counted(registry)).toContain("prism_operator_admin_channels 0");
	});

	test("shards by their Services' names, and only so many of them", async () => {
		const registry = new Registry();
		const { begins } = createAdminMetrics(registry);
		const addresses = [
			"pod-0.orders.shop.svc:8981",
			"pod-1.orders.shop.svc.cluster.local:8981",
			"admin.shop.svc:8981",
			"localhost:1",
			"svc:1",
			"[::1]:1",
			...Array.from({ length: 1000 }, (_, index) => `p.shard-${index}.shop.svc:8981`),
		];
		for (const address of addresses) begins("GetMetrics", address)("OK");
		const calls = (await counted(registry)).filter((line) => line.includes("calls_total"));
		expect(calls).toHaveLength(600);
		expect(calls).toContain('prism_operator_admin_calls_total{method="GetMetrics",shard="orders",code="OK"} 2');
		expect(calls).toContain('prism_operator_admin_calls_total{method="GetMetrics",shard="admin",code="OK"} 1');
		expect(calls).toContain('prism_operator_admin_calls_total{method="GetMetrics",shard="other",code="OK"} 406');
	});
});
