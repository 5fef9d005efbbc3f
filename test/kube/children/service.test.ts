import fc from "fast-check";
import { expect, it } from "vitest";
import { distinctPorts, headlessService, type ServicePlan, service } from "../../../kube/children/service.ts";

const PLAN: ServicePlan = {
	metadata: { name: "it" },
	type: "LoadBalancer",
	selector: { app: "it" },
	ports: [{ name: "grpc", port: 8980 }],
};

it("leads each port to the container port of its name, so that the number can change in a rollout", () => {
	expect(service(PLAN).spec).toEqual({
		type: "LoadBalancer",
		selector: { app: "it" },
		ports: [{ name: "grpc", port: 8980, targetPort: "grpc", protocol: "TCP" }],
	});
});

it("is exposed as the plan has it, without empty lists", () => {
	const exposure: ServicePlan["exposure"] = {
		externalTrafficPolicy: "Local",
		loadBalancerSourceRanges: ["10.0.0.0/8"],
		ipFamilyPolicy: "PreferDualStack",
	};
	expect(service({ ...PLAN, exposure: { ...exposure, ipFamilies: [] } }).spec).toEqual({
		...service(PLAN).spec,
		...exposure,
	});
});

it("gives DNS records to pods that are not ready, too, if it is headless", () => {
	expect(headlessService(PLAN).spec).toMatchObject({
		type: "ClusterIP",
		clusterIP: "None",
		publishNotReadyAddresses: true,
		selector: { app: "it" },
	});
});

const ports = fc.array(fc.record({ name: fc.constantFrom("a", "b", "c", "d"), port: fc.integer({ min: 1, max: 4 }) }));

it("lists no port twice; the first of two stays, in order", () => {
	fc.assert(
		fc.property(ports, (given) => {
			const numbers = distinctPorts(given).map(({ port }) => port);
			expect(numbers).toEqual([...new Set(given.map(({ port }) => port))]);
			for (const each of distinctPorts(given)) expect(given.find(({ port }) => port === each.port)).toBe(each);
		}),
	);
});
