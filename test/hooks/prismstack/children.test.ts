import { expect, it } from "vitest";
import { childrenOf } from "../../../hooks/prismstack/children.ts";
import { DESIRED_HASH_ANNOTATION } from "../../../schemas/vocabulary.ts";
import { planned, seeing } from "./planned.ts";

const made = (spec: Record<string, unknown>) => childrenOf(planned(spec), seeing());
const titles = (spec: Record<string, unknown>) => made(spec).map(({ kind, metadata: { name } }) => `${kind} ${name}`);
const PROXIES = [
	"Deployment it-proxy",
	"Service it-proxy",
	"ConfigMap it-proxy",
	"PodDisruptionBudget it-proxy",
	"Service it-proxy-headless",
	"PrismRoster it-proxy",
];

it.each([
	["nothing but proxies", {}, []],
	[
		"a control plane",
		{ admin: { enabled: true } },
		["Deployment it-admin", "Service it-admin", "ConfigMap it-admin", "PodDisruptionBudget it-admin"],
	],
	["a pattern", { patterns: [{ name: "kv", type: "keyvalue", backend: "memstore" }] }, ["PatternRunner kv"]],
	["a backend", { backends: [{ name: "redis", type: "KeyValue" }] }, ["BackendConfig it-redis"]],
	["a namespace", { namespaces: [{ name: "acme" }] }, ["PrismNamespace it-acme"]],
	["a network policy", { networkPolicy: { enabled: true } }, ["NetworkPolicy it-proxy"]],
])("a stack with %s", (_what, spec, more) => {
	expect(titles(spec).toSorted()).toEqual([...PROXIES, ...more].toSorted());
});

const hashOf = (spec: Record<string, unknown>, kind: string) =>
	made(spec).find((child) => child.kind === kind)?.metadata.annotations?.[DESIRED_HASH_ANNOTATION];
const scaled = (replicas: number) => ({
	proxy: {
		replicas,
		autoscaling: { enabled: true, minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 70 },
	},
});

it("the count of proxies is part of what is desired, unless an autoscaler owns it", () => {
	const [one, two] = [1, 2].map((replicas) => hashOf({ proxy: { replicas } }, "Deployment"));
	expect(one).toBeDefined();
	expect(two).not.toBe(one);
	expect(hashOf(scaled(2), "Deployment")).toBe(hashOf(scaled(3), "Deployment"));
});

it("a volume's size is not part of what is desired: a StatefulSet keeps its claims", () => {
	const stored = (size: string) => ({ admin: { enabled: true, storage: { size } } });
	expect(hashOf(stored("1Gi"), "StatefulSet")).toBeDefined();
	expect(hashOf(stored("2Gi"), "StatefulSet")).toBe(hashOf(stored("1Gi"), "StatefulSet"));
});
