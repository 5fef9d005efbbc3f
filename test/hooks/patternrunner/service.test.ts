import { expect, it } from "vitest";
import { runnerService } from "../../../hooks/patternrunner/service.ts";
import { plannedRunner } from "../plans.ts";

const built = (service: object = {}) =>
	runnerService(plannedRunner({ service, observability: { metricsPort: 9100 } }).plan);

it("is not wanted of type None", () => {
	expect(built({ type: "None" })).toBeUndefined();
});

it.each([
	["ClusterIP", ["grpc", "metrics"]],
	["NodePort", ["grpc"]],
	["LoadBalancer", ["grpc"]],
])("of type %s offers %j: metrics never beyond the cluster", (type, ports) => {
	const service = built({ type, port: 9000 });
	expect(service?.spec?.type).toBe(type);
	expect(service?.spec?.ports?.map(({ name }) => name)).toEqual(ports);
	expect(service?.spec?.ports?.[0]?.port).toBe(9000);
});

it("is found by the runner's name, selects its pods, and has the user's annotations", () => {
	expect(built({ type: "LoadBalancer", annotations: { "example.com/pool": "a" } })).toMatchObject({
		metadata: { name: "it", namespace: "prism", annotations: { "example.com/pool": "a" } },
		spec: { selector: { app: "prism", runner: "it" } },
	});
});
