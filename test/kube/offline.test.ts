import { describe, expect, it } from "vitest";
import { describeObject, objectsOf } from "../../kube/object.ts";
import { admitted, objectMap, syncRequest } from "../../kube/offline.ts";
import { BackendConfig } from "../../schemas/backendconfig.ts";
import type { KubeObject } from "../../schemas/common.ts";

const NOW = "2026-01-01T00:00:00Z";
const object = (kind: string, name: string, namespace = "n", apiVersion = "v1"): KubeObject => ({
	apiVersion,
	kind,
	metadata: { name, namespace },
});

describe("a manifest", () => {
	const manifest: KubeObject = { apiVersion: "prism.io/v1alpha1", kind: "BackendConfig", metadata: { name: "b" } };

	it("is given what an API server gives", () => {
		expect(admitted(BackendConfig, manifest, NOW).metadata).toEqual({
			name: "b",
			namespace: "default",
			generation: 1,
			creationTimestamp: NOW,
			uid: "backendconfig-default-b",
		});
	});

	it("keeps what it has", () => {
		const metadata = { name: "b", namespace: "n", generation: 4, creationTimestamp: "x", uid: "u", labels: { a: "b" } };
		expect(admitted(BackendConfig, { ...manifest, metadata }, NOW).metadata).toEqual(metadata);
		expect(admitted(BackendConfig, { ...manifest, metadata: { name: "b", namespace: "n" } }, NOW).metadata.uid).toBe(
			"backendconfig-n-b",
		);
	});
});

describe("a request", () => {
	const kinds = [
		{ apiVersion: "v1", resource: "services", kind: "Service" },
		{ apiVersion: "apps/v1", resource: "deployments", kind: "Deployment" },
	];
	const parent = object("BackendConfig", "b");

	it("has of what was observed the children's kinds in the parent's namespace, and of related objects all", () => {
		const observed = [
			object("Service", "a"),
			object("Service", "a", "other"),
			object("Service", "a", "n", "serving.knative.dev/v1"),
			object("Secret", "a"),
			object("Secret", "a", "n", "apps/v1"),
		];
		const request = syncRequest(parent, kinds, observed, [object("Secret", "s", "other")]);
		expect(request).toMatchObject({ parent, controller: {}, finalizing: false });
		expect(Object.keys(request.children).toSorted()).toEqual(["Deployment.apps/v1", "Service.v1"]);
		expect(objectsOf(request.children).map(describeObject)).toEqual(["Service n/a"]);
		expect(objectsOf(request.related).map(describeObject)).toEqual(["Secret other/s"]);
	});

	it("maps objects by kind and name", () => {
		expect(objectMap([object("Pod", "a"), object("Pod", "b"), object("Node", "a")])).toEqual({
			"Pod.v1": { "n/a": object("Pod", "a"), "n/b": object("Pod", "b") },
			"Node.v1": { "n/a": object("Node", "a") },
		});
		expect(objectMap([])).toEqual({});
	});
});
