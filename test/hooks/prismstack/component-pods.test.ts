import { expect, it } from "vitest";
import { componentPods, type PodsOfComponent } from "../../../hooks/prismstack/component-pods.ts";
import { recordsAt, valueAt } from "../../../kube/object.ts";
import { atOnce } from "../../../kube/pod-termination.ts";
import { planned } from "./planned.ts";

const built = (spec: Record<string, unknown> = {}, more: Partial<PodsOfComponent> = {}) => {
	const plan = planned(spec);
	return componentPods(plan, plan.proxy, {
		there: undefined,
		byDefault: undefined,
		replicas: 2,
		settings: {},
		container: { args: [], ports: plan.proxy.ports, mounts: [] },
		termination: atOnce(30),
		...more,
	});
};
const variablesOf = (spec: Record<string, unknown>) => {
	const [container] = recordsAt(built(spec).template, "spec", "containers");
	return recordsAt(container, "env").map(({ name, value }) => [name, value]);
};
const BASE = [
	["PRISM_STACK", "it"],
	["PRISM_CONFIG_FILE", "/etc/prism/config/config.json"],
	["PRISM_POD_NAME", undefined],
];
const TRACED = { enabled: true, metrics: { port: 9100 }, tracing: { endpoint: "otel:4317" } };

it.each([
	[{}, []],
	[{ observability: { enabled: true, metrics: { port: 9100 } } }, [["PRISM_METRICS_PORT", "9100"]]],
	[
		{ observability: TRACED },
		[
			["PRISM_TRACING_ENDPOINT", "otel:4317"],
			["PRISM_METRICS_PORT", "9100"],
		],
	],
	[{ observability: { ...TRACED, enabled: false } }, []],
])("variables of %j", (spec, more) => {
	const [stack, [file, path] = [], pod, ...others] = variablesOf(spec);
	expect([stack, [file, path], pod]).toEqual([BASE[0], ["PRISM_CONFIG_FILE", path], BASE[2]]);
	expect(path).toMatch(/^\/etc\/prism\/config\//);
	expect(others).toEqual(more);
});

const checksum = (settings: object) => valueAt(built({}, { settings }).template, "metadata", "annotations");

it("other settings replace the pods", () => {
	expect(checksum({ a: 1 })).toEqual(checksum({ a: 1 }));
	expect(checksum({ a: 2 })).not.toEqual(checksum({ a: 1 }));
});

it("are selected by what the Service selects, and remember the resources that they were made with", () => {
	const resources = { requests: { cpu: "1" } };
	const pods = built({}, { byDefault: resources });
	expect(pods).toMatchObject({ replicas: 2, selector: { app: "prism-proxy", stack: "it" } });
	expect(valueAt(pods.template, "metadata", "labels")).toMatchObject(pods.selector);
	expect(Object.values(pods.metadata.annotations ?? {})).toEqual(['{"requests":{"cpu":"1"}}']);
	expect(built().metadata.annotations).toBeUndefined();
	const [container] = recordsAt(pods.template, "spec", "containers");
	expect(container).toMatchObject({ name: "prism-proxy", resources });
});
