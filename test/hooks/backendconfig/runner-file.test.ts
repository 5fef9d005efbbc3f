import { expect, it } from "vitest";
import { runnerFileText } from "../../../hooks/backendconfig/runner-file.ts";
import { connectionParts } from "../../../kube/connection.ts";
import { recordsAt } from "../../../kube/object.ts";

const file = (options?: Record<string, unknown>) => ({
	namespaces: [{ name: "a", pattern: "keyvalue", ...(options && { options }) }],
});
const configOf = (provider: string, url: string | undefined, options?: Record<string, unknown>): unknown => {
	const parts = url === undefined ? undefined : connectionParts(url);
	const text = runnerFileText({ file: file(options), provider, url, parts });
	expect(text.endsWith("}\n")).toBe(true);
	const [namespace] = recordsAt(JSON.parse(text), "namespaces");
	expect(namespace).toMatchObject({ name: "a", pattern: "keyvalue", backend: provider });
	return namespace?.["backend_config"];
};

it.each([
	["redis", "redis://r:7000", { address: "r:7000" }],
	["redis", "redis://r", { address: "r:6379" }],
	["redis", "redis://r/2?x=1", { address: "r:6379", db: 2 }],
	["redis", "redis://r/two", { address: "r:6379" }],
	["redis", undefined, {}],
	["nats", "nats://n:4222", { url: "nats://n:4222" }],
	["postgres", "postgres://p/db", { database_url: "postgres://p/db" }],
	["kafka", "kafka://k:9092", {}],
	["memstore", undefined, {}],
])("%s at %s is addressed by %j", (provider, url, config) => {
	expect(configOf(provider, url)).toEqual(config);
});

it("the user's options win", () => {
	expect(configOf("redis", "redis://r/2", { db: 5, pool: 1 })).toEqual({ address: "r:6379", db: 5, pool: 1 });
});
