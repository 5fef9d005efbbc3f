import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deployment, podTemplate, type Simulation, service, simulate, statefulSet } from "../../workload-objects.ts";

let cluster: Simulation;
beforeEach(async () => {
	cluster = await simulate();
});
afterEach(() => cluster.stop());

const slice = async () => {
	const [first, ...others] = await cluster.list("EndpointSlice");
	expect(others).toEqual([]);
	return first;
};
const unready = podTemplate("app:1", { "local.prism.io/fail": "unready" });

describe("a Service", () => {
	test("has an EndpointSlice that follows its pods", async () => {
		await cluster.create(service());
		expect(await slice()).toMatchObject({
			endpoints: [],
			metadata: { labels: { "kubernetes.io/service-name": "demo" } },
		});
		await cluster.create(deployment());
		expect(await slice()).toMatchObject({ endpoints: [{ conditions: { ready: false, serving: false } }] });
		await cluster.clock.advance(300);
		const [pod] = await cluster.list("Pod");
		expect(await slice()).toMatchObject({
			addressType: "IPv4",
			ports: [{ name: "http", port: 8080, protocol: "TCP" }],
			endpoints: [
				{
					addresses: ["10.244.0.1"],
					conditions: { ready: true, serving: true, terminating: false },
					nodeName: "local",
					targetRef: { kind: "Pod", name: pod?.metadata.name, uid: pod?.metadata.uid },
				},
			],
		});
		await cluster.change(deployment(), { replicas: 0 });
		expect(await slice()).toMatchObject({
			endpoints: [{ conditions: { ready: false, serving: true, terminating: true } }],
		});
		await cluster.clock.advance(1000);
		expect(await slice()).toMatchObject({ endpoints: [] });
	});

	test("publishes pods that are not ready where it says so", async () => {
		await cluster.create(deployment({ template: unready }));
		await cluster.create(service({ publishNotReadyAddresses: true }));
		await cluster.clock.advance(1000);
		expect(await slice()).toMatchObject({ endpoints: [{ conditions: { ready: true, serving: false } }] });
	});

	test("names the pods of its StatefulSet", async () => {
		await cluster.create(service({ clusterIP: "None" }));
		await cluster.create(statefulSet({ replicas: 2, podManagementPolicy: "Parallel" }));
		await cluster.clock.advance(1000);
		expect(await slice()).toMatchObject({
			metadata: { labels: { "service.kubernetes.io/headless": "" } },
			endpoints: [{ hostname: "demo-0" }, { hostname: "demo-1" }],
		});
	});

	test("without a selector it is left alone", async () => {
		await cluster.create(service({ selector: undefined }));
		await cluster.create(deployment());
		expect(await cluster.list("EndpointSlice")).toEqual([]);
	});

	test("takes its slices with it, and moves with its selector", async () => {
		await cluster.create(deployment());
		await cluster.create(service());
		await cluster.clock.advance(1000);
		await cluster.change(service(), { selector: { app: "other" } });
		expect(await slice()).toMatchObject({ endpoints: [] });
		await cluster.remove(service());
		expect(await cluster.list("EndpointSlice")).toEqual([]);
	});

	test("writes nothing once it is settled", async () => {
		await cluster.create(service());
		await cluster.create(deployment());
		await cluster.clock.advance(5000);
		const settled = await cluster.version();
		await cluster.clock.advance(3_600_000);
		expect(await cluster.version()).toBe(settled);
		expect(cluster.log).toEqual([]);
	});
});
