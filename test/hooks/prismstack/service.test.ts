import { expect, it } from "vitest";
import { componentService } from "../../../hooks/prismstack/service.ts";
import { planned, plannedAdmin } from "./planned.ts";

const metrics = { observability: { enabled: true } };
const serviceOf = (spec: Record<string, unknown>) => {
	const plan = planned(spec);
	return componentService(plan, plan.proxy);
};
const portsOf = (spec: Record<string, unknown>) => serviceOf(spec).spec?.ports?.map(({ name }) => name);

it("leads clients to the proxies, and Prometheus as well inside the cluster", () => {
	const { metadata, spec } = serviceOf({ proxy: { port: 8980 } });
	expect(metadata.name).toBe("it-proxy");
	expect(spec).toMatchObject({
		type: "ClusterIP",
		selector: { app: "prism-proxy", stack: "it" },
		ports: [{ name: "grpc", port: 8980 }],
	});
	expect(portsOf(metrics)).toEqual(["grpc", "metrics"]);
	expect(portsOf({ ...metrics, proxy: { service: { type: "LoadBalancer" } } })).toEqual(["grpc"]);
});

it("has the annotations and the exposure of the spec", () => {
	const service = { type: "LoadBalancer", annotations: { tier: "edge" }, loadBalancerSourceRanges: ["10.0.0.0/8"] };
	const child = serviceOf({ proxy: { service } });
	expect(child.metadata.annotations).toEqual({ tier: "edge" });
	expect(child.spec).toMatchObject({ type: "LoadBalancer", loadBalancerSourceRanges: ["10.0.0.0/8"] });
});

it("leads to the control plane", () => {
	const { plan, admin } = plannedAdmin({ port: 9000 });
	expect(componentService(plan, admin)).toMatchObject({
		metadata: { name: "it-admin" },
		spec: { type: "ClusterIP", selector: { app: "prism-admin" }, ports: [{ name: "grpc", port: 9000 }] },
	});
});
