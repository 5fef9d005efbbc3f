import { expect, it } from "vitest";
import { shardConfig } from "../../../hooks/prismshard/config-file.ts";
import { givenShard } from "../plans.ts";

const file = (spec: object) => shardConfig(givenShard(spec).shard);

it("tells the proxy its ports, its folder and the user's settings", () => {
	const text = file({ port: 1, adminPort: 2, metricsPort: 3, config: { cache: { mb: 64 } } }).data["config.json"];
	expect(JSON.parse(text ?? "")).toEqual({
		shard: "it",
		port: 1,
		adminPort: 2,
		metrics: { port: 3 },
		dataFolder: "/var/lib/prism",
		settings: { cache: { mb: 64 } },
	});
	expect(JSON.parse(file({}).data["config.json"] ?? "")).not.toHaveProperty("settings");
});

it("has a checksum that moves with the file, and with nothing else", () => {
	expect(file({ config: { a: 1, b: 2 } }).checksum).toBe(file({ config: { b: 2, a: 1 }, replicas: 3 }).checksum);
	expect(file({ config: { a: 1 } }).checksum).not.toBe(file({ config: { a: 2 } }).checksum);
});

it.each([
	[{}, "ConfigMap"],
	[{ config: { natsUrl: "nats://nats:4222" } }, "ConfigMap"],
	[{ config: { natsUrl: "nats://me:secret@nats:4222" } }, "Secret"],
	[{ config: { nested: { password: "x" } } }, "Secret"],
])("of %j is kept in a child of the kind that may hold it", (spec, kind) => {
	expect(file(spec).kind).toBe(kind);
});
