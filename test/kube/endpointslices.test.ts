import { describe, expect, it } from "vitest";
import { endpointsBehind, slicesOf } from "../../kube/endpointslices.ts";
import { objectMap } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";

const slice = (name: string, endpoints: unknown, change: Partial<KubeObject["metadata"]> = {}): KubeObject => ({
	apiVersion: "discovery.k8s.io/v1",
	kind: "EndpointSlice",
	metadata: { name, namespace: "team", labels: { "kubernetes.io/service-name": "shard" }, ...change },
	endpoints,
});

const endpoint = (pod: unknown, conditions: unknown = { serving: true }, addresses: unknown = ["10.0.0.1"]) => ({
	addresses,
	conditions,
	targetRef: { kind: "Pod", name: pod },
});

const behind = (...slices: readonly KubeObject[]) =>
	endpointsBehind({ children: {}, related: objectMap(slices) }, "shard", "team");
const outline = (...slices: readonly KubeObject[]) =>
	behind(...slices).map(
		({ pod, ready, terminating }) => `${pod} ${ready ? "ready" : "late"}${terminating ? " going" : ""}`,
	);

describe("the slices of a Service", () => {
	it("are related by its name, in its namespace", () => {
		expect(slicesOf("shard", "team")).toEqual({
			apiVersion: "discovery.k8s.io/v1",
			resource: "endpointslices",
			namespace: "team",
			labelSelector: { matchLabels: { "kubernetes.io/service-name": "shard" } },
		});
	});

	it("tell of its pods, by name", () => {
		expect(
			behind(
				slice("1", [endpoint("b", { serving: true }, ["10.0.0.2", "10.0.0.9"]), endpoint("a")]),
				slice("2", [endpoint("c")]),
			),
		).toEqual([
			{ pod: "a", host: "10-0-0-1", ready: true, terminating: false },
			{ pod: "b", host: "10-0-0-2", ready: true, terminating: false },
			{ pod: "c", host: "10-0-0-1", ready: true, terminating: false },
		]);
	});

	it.each([
		["it serves", { serving: true, ready: false }, "a ready"],
		["it is only published as ready", { ready: true }, "a late"],
		["it goes, and serves still", { serving: true, terminating: true }, "a late going"],
		["it goes", { terminating: true }, "a late going"],
		["nothing is said", undefined, "a late"],
		["what is said makes no sense", { serving: "true", terminating: "true" }, "a late"],
	])("tell whether a pod is ready: %s", (_, conditions, title) => {
		expect(outline(slice("1", [{ ...endpoint("a"), conditions }]))).toEqual([title]);
	});

	it("tell of each pod once, as the last one has it", () => {
		expect(outline(slice("1", [endpoint("a")]), slice("2", [endpoint("a", {})]))).toEqual(["a late"]);
	});

	it.each([
		["another Service's", slice("1", [endpoint("a")], { labels: { "kubernetes.io/service-name": "other" } })],
		["nobody's", slice("1", [endpoint("a")], { labels: undefined as never })],
		["another namespace's", slice("1", [endpoint("a")], { namespace: "other" })],
		["without endpoints", slice("1", undefined)],
		["with endpoints that are none", slice("1", ["a", null])],
		["without a pod", slice("1", [{ ...endpoint("a"), targetRef: undefined }])],
		["with a pod without a name", slice("1", [endpoint(5)])],
		["without an address", slice("1", [endpoint("a", {}, [])])],
		["with an address that is none", slice("1", [endpoint("a", {}, [5])])],
		["with addresses that are none", slice("1", [endpoint("a", {}, "10.0.0.1")])],
	])("tell nothing when they are %s", (_, each) => {
		expect(behind(each)).toEqual([]);
	});

	it("may not be there at all", () => {
		expect(endpointsBehind({ children: {}, related: {} }, "shard", "team")).toEqual([]);
	});
});

describe("a pod's own DNS name", () => {
	it.each([
		["10.244.0.5", "10-244-0-5"],
		["fd00::1:2", "fd00--1-2"],
	])("of %s begins with %s", (address, label) => {
		expect(behind(slice("1", [endpoint("a", {}, [address])])).map(({ host }) => host)).toEqual([label]);
	});

	it("begins with its hostname, which a StatefulSet gives it", () => {
		const endpoints = [{ ...endpoint("shop-proxy-0"), hostname: "shop-proxy-0" }];
		expect(behind(slice("1", endpoints)).map(({ host }) => host)).toEqual(["shop-proxy-0"]);
	});
});
