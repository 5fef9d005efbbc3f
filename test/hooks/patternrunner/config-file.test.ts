import { expect, it } from "vitest";
import { configEnvironment, configVariables, runnerConfig } from "../../../hooks/patternrunner/config-file.ts";

it.each([
	["natsUrl", "PRISM_CONFIG_NATS_URL"],
	["max_keys", "PRISM_CONFIG_MAX_KEYS"],
	["retry-2x", "PRISM_CONFIG_RETRY_2X"],
])("has the key %s as variable %s", (key, variable) => {
	expect(configVariables({ [key]: 1 })).toEqual([{ key, variable }]);
});

it("has the whole file, and one value for each variable", () => {
	expect(runnerConfig("it", { size: 1, name: "a", nested: { b: 1, a: 2 } })).toMatchObject({
		name: "it-config",
		kind: "ConfigMap",
		data: {
			"config.json": '{"name":"a","nested":{"a":2,"b":1},"size":1}\n',
			PRISM_CONFIG_NAME: "a",
			PRISM_CONFIG_NESTED: '{"a":2,"b":1}',
			PRISM_CONFIG_SIZE: "1",
		},
		env: ["PRISM_CONFIG_NAME", "PRISM_CONFIG_NESTED", "PRISM_CONFIG_SIZE"],
	});
});

it("has a checksum that moves with a value, and not with the order", () => {
	const checksum = (config: Record<string, unknown>) => runnerConfig("it", config).checksum;
	expect(checksum({ a: 1, b: 2 })).toBe(checksum({ b: 2, a: 1 }));
	expect(checksum({ a: 1 })).not.toBe(checksum({ a: 2 }));
});

it.each([
	[{ size: 1 }, { configMapKeyRef: { name: "it-config", key: "PRISM_CONFIG_SIZE" } }],
	[{ password: "x" }, { secretKeyRef: { name: "it-config", key: "PRISM_CONFIG_PASSWORD" } }],
])("is read by the pods from where it is kept: %j", (config, valueFrom) => {
	const [variable] = configEnvironment(runnerConfig("it", config));
	expect(variable?.valueFrom).toEqual(valueFrom);
	expect(configEnvironment(undefined)).toEqual([]);
});
