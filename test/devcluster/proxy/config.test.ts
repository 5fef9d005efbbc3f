import { expect, test } from "vitest";
import {
	columnsOf,
	configFromText,
	configFromWire,
	configToWire,
	withoutLast,
} from "../../../devcluster/proxy/config.ts";
import type { NamespaceConfig } from "../../../schemas/admin.ts";
import { CONFIG } from "./callers.ts";

const EMPTY = { backends: {}, patterns: {}, auth: undefined, metadata: {} };

test.each<[string, NamespaceConfig]>([
	["everything", CONFIG],
	["nothing", {}],
	["an authentication that is off", { auth: { enabled: false, provider: "" } }],
	["credentials", { backends: { a: { backendType: "nats", credentials: { user: "u" } } } }],
	["a pattern without settings", { patterns: { a: { patternName: "kv" } } }],
])("a configuration with %s is the same after the wire", (_, config) => {
	expect(configFromWire(configToWire(config))).toEqual(config);
});

test.each([undefined, EMPTY])("what is empty on the wire is absent: %o", (config) => {
	expect(configFromWire(config)).toEqual({});
});

test.each([
	['{"metadata":{"a":"b"}}', { metadata: { a: "b" } }],
	["[]", {}],
	["null", {}],
	["7", {}],
	["{", {}],
	["", {}],
])("the text %o is the configuration %o", (text, config) => {
	expect(configFromText(text)).toEqual(config);
});

test("what is lost is the last member, until there is none", () => {
	const wire = configToWire(CONFIG);
	const first = withoutLast(wire);
	expect(first).toEqual({ ...wire, metadata: {} });
	const second = withoutLast(first);
	expect(second).toEqual({ ...wire, metadata: {}, auth: undefined });
	const third = withoutLast(second);
	expect(third).toEqual({ ...EMPTY, backends: wire.backends });
	expect(withoutLast(third)).toEqual(EMPTY);
	expect(withoutLast(EMPTY)).toEqual(EMPTY);
});

const NO_COLUMNS = {
	backend: "",
	pattern: "",
	backend_config: "{}",
	consistency: null,
	cache_ttl_seconds: null,
	rate_limit_rps: null,
	tags: "{}",
};

test.each<[string, NamespaceConfig, object]>([
	["nothing", {}, {}],
	[
		"two backends: the first by name",
		{ backends: { b: { backendType: "redis" }, a: { backendType: "nats", options: { pool: "5" } } } },
		{ backend: "nats", backend_config: '{"pool":"5"}' },
	],
	[
		"settings: metadata come before those of the pattern, and those before options",
		{
			backends: { a: { backendType: "nats", options: { consistency: "weak", rate_limit_rps: "1" } } },
			patterns: { a: { patternName: "kv", settings: { consistency: "strong", rate_limit_rps: "2" } } },
			metadata: { rate_limit_rps: "3" },
		},
		{
			backend: "nats",
			backend_config: '{"consistency":"weak","rate_limit_rps":"1"}',
			pattern: "kv",
			consistency: "strong",
			rate_limit_rps: 3,
		},
	],
	["numbers that are none", { metadata: { cache_ttl_seconds: "5s", rate_limit_rps: "1".repeat(16) } }, {}],
	["tags", { metadata: { "tag.team": "orders", team: "x" } }, { tags: '{"team":"orders"}' }],
])("columns of %s", (_, config, columns) => {
	expect(columnsOf(config)).toEqual({ ...NO_COLUMNS, ...columns });
});
