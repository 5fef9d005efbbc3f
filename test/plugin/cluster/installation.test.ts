import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../../hooks/index.ts";
import {
	controllerOf,
	expectedController,
	hookService,
	hookUrl,
	metacontrollerContainer,
	readMachinery,
	rowOfKind,
} from "../../../plugin/cluster/installation.ts";
import { fakeKubectl, type World } from "../fake-kubectl.ts";
import { hooksDeployment, hooksService, MACHINERY } from "../why-case.ts";
import { other } from "../world.ts";

const COMPOSITES = "compositecontrollers.metacontroller.k8s.io";
const read = (world: Partial<World> = {}) => readMachinery(fakeKubectl({ objects: MACHINERY, ...world }));

describe("the machinery", () => {
	it("is Metacontroller, its controllers and the operator", async () => {
		const { controllers, metacontrollers, hooks, services, pods, ...rest } = await read();
		expect(controllers).toHaveLength(REGISTRY.length);
		expect([metacontrollers, hooks, services, pods].map(({ length }) => length)).toEqual([1, 1, 1, 1]);
		expect(rest).toEqual({ kindsInstalled: true, metacontrollerPods: [], slices: [], unread: [], notes: [] });
	});

	it("has no controllers without the CRDs of Metacontroller", async () => {
		expect(await read({ unknown: [COMPOSITES] })).toMatchObject({ kindsInstalled: false, controllers: [], notes: [] });
	});

	it.each([
		[COMPOSITES, { controllers: undefined, kindsInstalled: true, unread: [] }],
		["deployments.apps", { hooks: [], unread: ["workloads"] }],
		["services", { services: [], unread: ["operator"] }],
	])("is read in parts without the permission to list %s", async (resource, parts) => {
		const machinery = await read({ forbidden: [resource] });
		expect(machinery).toMatchObject(parts);
		expect(machinery.notes).toHaveLength(1);
	});

	it("has a controller for each row, of the row's kind", async () => {
		const machinery = await read();
		for (const row of REGISTRY) {
			expect(controllerOf(machinery, row)?.kind).toBe(expectedController(row).kind);
			expect(controllerOf({ ...machinery, controllers: undefined }, row)).toBeUndefined();
		}
		expect([rowOfKind("PrismStack")?.name, rowOfKind("Pod")]).toEqual(["prismstack", undefined]);
	});
});

describe("the container of Metacontroller", () => {
	const of = (container: Record<string, unknown>) =>
		metacontrollerContainer(
			other("apps/v1", "Deployment", "it", {}, { spec: { template: { spec: { containers: [container] } } } }),
		);

	it.each([
		[{ name: "main", image: "ghcr.io/metacontroller/metacontroller:v4.17.2" }, true],
		[{ name: "main", image: "mirror.example.com/metacontroller@sha256:0" }, true],
		[{ name: "metacontroller", image: "mirror.example.com/mc:1" }, true],
		[{ name: "main", command: ["/usr/bin/metacontroller"] }, true],
		[{ name: "main", image: "ghcr.io/metacontroller/metacontroller-docs:1" }, false],
		[{ name: "main" }, false],
	])("%j: %s", (container, isFound) => expect(of(container) !== undefined).toBe(isFound));
});

describe("the Service of the webhooks", () => {
	const calling = (url: unknown) =>
		other("m/v1", "CompositeController", "it", {}, { spec: { hooks: { sync: { webhook: { url } } } } });
	const machinery = { services: [hooksService], hooks: [hooksDeployment] } as unknown as Parameters<
		typeof hookService
	>[0];

	it.each([
		["http://prism-operator.prism-system.svc:8080/sync", { name: "prism-operator", service: hooksService }],
		["https://prism-operator.prism-system.svc.cluster.local", { name: "prism-operator", service: hooksService }],
		["http://prism-operator.elsewhere.svc", { namespace: "elsewhere", service: undefined }],
		["http://192.0.2.1:8080", undefined],
		["no URL", undefined],
		[7, undefined],
	])("of %s", (url, found) => {
		const called = hookService(machinery, hookUrl(calling(url)));
		if (found === undefined) expect(called).toBeUndefined();
		else expect(called).toMatchObject(found);
	});
});
