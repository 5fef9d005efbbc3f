import { expect, it } from "vitest";
import {
	CHECKED_PROVIDERS,
	healthOfProvider,
	needsAddress,
	PROBED_PROVIDERS,
	providerOfScheme,
	TLS_SCHEMES,
} from "../../schemas/providers.ts";

it.each([
	["redis", "redis"],
	["rediss", "redis"],
	["postgresql", "postgres"],
	["nats", "nats"],
	["amqp", undefined],
	["toString", undefined],
	["", undefined],
])("scheme %s is of provider %s", (scheme, provider) => {
	expect(providerOfScheme(scheme)).toBe(provider);
});

it.each([
	["redis", "probed", true],
	["memstore", "nature", false],
	["amqp", "unknown", true],
	["constructor", "unknown", true],
])("provider %s: health is %s, needs an address: %s", (provider, health, needs) => {
	expect([healthOfProvider(provider), needsAddress(provider)]).toEqual([health, needs]);
});

it("lists are those of the table", () => {
	expect(TLS_SCHEMES).toEqual(expect.arrayContaining(["rediss", "https"]));
	expect(TLS_SCHEMES).not.toContain("redis");
	expect(PROBED_PROVIDERS).toContain("redis");
	expect(PROBED_PROVIDERS).not.toContain("memstore");
	expect(CHECKED_PROVIDERS).toEqual(expect.arrayContaining([...PROBED_PROVIDERS, "memstore"]));
});
