import { expect, it } from "vitest";
import {
	commonSettings,
	configurationMap,
	configurationMount,
	MOUNTED_CONFIG,
} from "../../../hooks/prismstack/configuration.ts";
import { planned } from "./planned.ts";

it.each([
	[{}, { stack: "it", port: 9090 }],
	[{ observability: { enabled: true, metrics: { port: 9100 } } }, { stack: "it", port: 9090, metrics: { port: 9100 } }],
	[
		{ observability: { enabled: true, tracing: { endpoint: "otel:4317" } } },
		{ stack: "it", port: 9090, metrics: { port: 9091 }, tracing: { endpoint: "otel:4317" } },
	],
	[{ observability: { enabled: false, tracing: { endpoint: "otel:4317" } } }, { stack: "it", port: 9090 }],
])("settings of %j", (spec, settings) => {
	const plan = planned(spec);
	expect(commonSettings(plan, plan.proxy)).toEqual(settings);
});

it("is a file in a ConfigMap, in one order of fields, where the container sees it", () => {
	const plan = planned();
	const { metadata, data } = configurationMap(plan, plan.proxy, { b: 1, a: { d: 1, c: 2 } });
	const { mountPath, source } = configurationMount(plan.proxy);
	expect(source).toEqual({ configMap: { name: metadata.name } });
	const [file = ""] = Object.keys(data ?? {});
	expect(`${mountPath}/${file}`).toBe(MOUNTED_CONFIG);
	expect(data?.[file]).toBe('{"a":{"c":2,"d":1},"b":1}\n');
});
