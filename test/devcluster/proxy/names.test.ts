import { afterEach, beforeEach, expect, test } from "vitest";
import { destinationOf, type NamesOptions } from "../../../devcluster/proxy/names.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { deployment, type Simulation, service, simulate, statefulSet } from "../workload-objects.ts";

let cluster: Simulation;
let names: NamesOptions;
beforeEach(async () => {
	cluster = await simulate();
	const informer = async (apiVersion: string, kind: string) =>
		cluster.informers.get(await cluster.store.resourceOf(apiVersion, kind));
	names = {
		services: await informer("v1", "Service"),
		slices: await informer("discovery.k8s.io/v1", "EndpointSlice"),
	};
});
afterEach(() => cluster.stop());

const running = async (...objects: readonly KubeObject[]) => {
	for (const object of objects) await cluster.create(object);
	await cluster.clock.advance(5000);
};
/** Name of the pod, and port. */
const destination = async (address: string) => {
	const found = destinationOf(names, address);
	if (found === undefined) return undefined;
	const pod = (await cluster.list("Pod")).find(({ metadata }) => metadata.uid === found.pod);
	return [pod?.metadata.name, found.port];
};

test.each([
	["demo-1.demo.default.svc:8080", ["demo-1", 8080]],
	["demo-1.demo.default.svc.cluster.local:9", ["demo-1", 9]],
	["demo-1.demo.default.svc.cluster.local.:9", ["demo-1", 9]],
	["demo.default.svc:8080", ["demo-0", 8080]],
	["demo-7.demo.default.svc:8080", undefined],
	["demo-1.demo.other.svc:8080", undefined],
	["demo-1.other.default.svc:8080", undefined],
	["demo-1.demo.default:8080", undefined],
	["demo-1.demo.default.svc", undefined],
	["a.demo-1.demo.default.svc:8080", undefined],
	["demo-1.demo.default.svc.cluster.org:1", undefined],
])("of a headless Service, %s leads to %o", async (address, expected) => {
	await running(service({ clusterIP: "None" }), statefulSet({ replicas: 2, podManagementPolicy: "Parallel" }));
	expect(await destination(address)).toEqual(expected);
});

test("another Service translates ports, and gives its pods no names", async () => {
	await running(service(), deployment());
	const [pod] = await cluster.list("Pod");
	expect(await destination("demo.default.svc:80")).toEqual([pod?.metadata.name, 8080]);
	expect(await destination("demo.default.svc:8080")).toBeUndefined();
	expect(await destination(`${pod?.metadata.name}.demo.default.svc:80`)).toBeUndefined();
});

test("a pod that is not ready is not connected to", async () => {
	await running(service(), deployment());
	expect(await destination("demo.default.svc:80")).toBeDefined();
	await cluster.change(deployment(), { replicas: 0 });
	expect(await destination("demo.default.svc:80")).toBeUndefined();
});
