import { expect, test } from "vitest";
import type { NamespaceAssignment } from "../../../protos/gen/prism/control_plane.ts";
import type { NamespaceConfig } from "../../../schemas/admin.ts";
import { assignment, creation, partitionOf, revocation } from "../../../server/admin/messages.ts";
import { prepare } from "./calls.ts";
import { assign, create, revoke } from "./fake-proxy.ts";

const PLACE = { instance: { name: "p-0", address: "p-0.p.shop.svc:8981", namespace: "shop" } };

const CONFIG = {
	backends: { main: { backendType: "redis", connectionString: "redis://cache" } },
	patterns: { kv: { patternName: "keyvalue", settings: { ttl: "5" }, requiredInterfaces: ["kv"] } },
	auth: { enabled: true, provider: "oidc" },
	metadata: { owner: "test/shop/orders" },
};
const ON_THE_WIRE = {
	backends: { main: { ...CONFIG.backends.main, credentials: {}, options: {} } },
	patterns: CONFIG.patterns,
	auth: { ...CONFIG.auth, options: {} },
	metadata: CONFIG.metadata,
};
const NOTHING = { backends: {}, patterns: {}, auth: undefined, metadata: {} };

test("what the wire carries", async () => {
	const { proxy, execute } = await prepare();
	let seen: NamespaceAssignment | undefined;
	proxy.does.assign = (request, reply) => {
		seen = request;
		reply(null, { success: true, message: "" });
	};
	await execute({ ...assign(proxy, "orders", 1_760_000_000_000_003), config: CONFIG });
	expect(seen).toEqual({
		namespace: "orders",
		partitionId: partitionOf("orders"),
		config: ON_THE_WIRE,
		version: 1_760_000_000_000_003,
		owner: "test/shop/orders",
	});
});

test.each<[string, NamespaceConfig, object]>([
	["whole", CONFIG, ON_THE_WIRE],
	["empty", {}, NOTHING],
	[
		"with no connection and no settings",
		{ backends: { a: { backendType: "nats" } }, patterns: { b: { patternName: "pubsub" } } },
		{
			...NOTHING,
			backends: { a: { backendType: "nats", connectionString: "", credentials: {}, options: {} } },
			patterns: { b: { patternName: "pubsub", settings: {}, requiredInterfaces: [] } },
		},
	],
	[
		"with credentials and options",
		{ backends: { a: { backendType: "nats", credentials: { user: "u" }, options: { db: "1" } } } },
		{
			...NOTHING,
			backends: { a: { backendType: "nats", connectionString: "", credentials: { user: "u" }, options: { db: "1" } } },
		},
	],
])("a configuration, %s", (_, config, wire) => {
	expect(assignment({ ...assign(PLACE), config }).config).toEqual(wire);
	expect(creation({ ...create(PLACE), config })).toEqual({
		namespace: "orders",
		requestingProxy: "prism-operator",
		principal: "prism-operator",
		config: wire,
		owner: "test/shop/orders",
		version: 1,
	});
});

test.each([
	[{}, "p-0"],
	[{ proxyId: "shop-proxy-1" }, "shop-proxy-1"],
])("a revocation with %o is for the proxy %s", (change, proxyId) => {
	expect(revocation({ ...revoke(PLACE, "orders", 3), ...change })).toEqual({
		proxyId,
		namespace: "orders",
		gracefulTimeoutSeconds: 0,
		owner: "test/shop/orders",
		version: 3,
	});
});

test.each([
	// CRC-32's own test vector, 0xCBF43926.
	["123456789", 0x26],
	["", 0],
])("the partition of %o is %d", (namespaceId, partition) => {
	expect(partitionOf(namespaceId)).toBe(partition);
});
