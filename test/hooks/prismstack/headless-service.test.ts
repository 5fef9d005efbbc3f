import { expect, it } from "vitest";
import { componentHeadlessService } from "../../../hooks/prismstack/headless-service.ts";
import { planned, plannedAdmin } from "./planned.ts";

const metrics = { observability: { enabled: true } };
const portsOf = (...given: Parameters<typeof componentHeadlessService>) =>
	componentHeadlessService(...given)?.spec?.ports?.map(({ name }) => name);

it("gives each proxy an address for its admin API, before it is ready", () => {
	const plan = planned();
	const child = componentHeadlessService(plan, plan.proxy);
	expect(child?.metadata.name).toBe("it-proxy-headless");
	expect(child?.spec).toMatchObject({
		clusterIP: "None",
		publishNotReadyAddresses: true,
		selector: { app: "prism-proxy", stack: "it" },
	});
	expect(portsOf(plan, plan.proxy)).toEqual(["admin"]);
});

it("offers metrics where the Service reaches beyond the cluster", () => {
	const inside = planned(metrics);
	const outside = planned({ ...metrics, proxy: { service: { type: "LoadBalancer" } } });
	expect(portsOf(inside, inside.proxy)).toEqual(["admin"]);
	expect(portsOf(outside, outside.proxy)).toEqual(["admin", "metrics"]);
});

it.each([
	{ admin: {}, ports: undefined },
	{ admin: { storage: {} }, ports: ["grpc"] },
	{ admin: { storage: {}, replicas: 3 }, ports: ["grpc", "raft"] },
])("of a control plane with $admin has the ports $ports", ({ admin: given, ports }) => {
	const { plan, admin } = plannedAdmin(given);
	expect(portsOf(plan, admin)).toEqual(ports);
});
