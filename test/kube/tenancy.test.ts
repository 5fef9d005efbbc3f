import { expect, it } from "vitest";
import { excessesOver, takesFrom } from "../../kube/tenancy.ts";

it.each([
	[{}, false],
	[{ from: "Same" }, false],
	[{ from: "All" }, true],
	[{ from: "List", names: ["a", "b"] }, true],
	[{ from: "List", names: ["b"] }, false],
	[{ from: "List" }, false],
	[{ names: ["a"] }, false],
] as const)("namespace a is taken by %j: %s", (allowed, is) => {
	expect(takesFrom(allowed, "a")).toBe(is);
});

const CEILINGS = { ceilings: { maxKeys: 100, rateLimit: { requestsPerSecond: 10, burstSize: 20 } } };
const RATE = "spec.quotas.rateLimit.requestsPerSecond";
const BURST = "spec.quotas.rateLimit.burstSize";
const quota = (field: string, ceiling: number, value?: number) => ({
	about: "quota",
	field,
	ceiling,
	...(value !== undefined && { value }),
});

it.each([
	{ reason: "nothing is limited", bounds: {}, spec: { quotas: { maxKeys: 1e9 } }, excesses: [] },
	{
		reason: "no quota is more than any",
		bounds: CEILINGS,
		spec: {},
		excesses: [quota("spec.quotas.maxKeys", 100), quota(RATE, 10), quota(BURST, 20)],
	},
	{
		reason: "exactly as much",
		bounds: CEILINGS,
		spec: { quotas: { maxKeys: 100, rateLimit: { requestsPerSecond: 10, burstSize: 20 } } },
		excesses: [],
	},
	{
		reason: "one too many, and 0, which may mean no limit",
		bounds: CEILINGS,
		spec: { quotas: { maxKeys: 101, rateLimit: { requestsPerSecond: 0, burstSize: 1 } } },
		excesses: [quota("spec.quotas.maxKeys", 100, 101), quota(RATE, 10, 0)],
	},
	{
		reason: "a ceiling of 0 is met by 0",
		bounds: { ceilings: { maxConnections: 0 } },
		spec: { quotas: { maxConnections: 0 } },
		excesses: [],
	},
	{
		reason: "the other field of the rate counts first",
		bounds: { ceilings: { rateLimit: { requestsPerSecond: 10 } } },
		spec: { rateLimit: { rps: 11 }, quotas: { rateLimit: { requestsPerSecond: 5 } } },
		excesses: [quota("spec.rateLimit.rps", 10, 11)],
	},
	{
		reason: "settings of a backend",
		bounds: {},
		spec: { backend: "redis", backendConfig: { pool: 5, db: 1 } },
		excesses: [{ about: "settings", keys: ["pool", "db"] }],
	},
	{
		reason: "settings that are allowed",
		bounds: { backendConfig: true },
		spec: { backend: "redis", backendConfig: { pool: 5 } },
		excesses: [],
	},
	{ reason: "settings that go nowhere", bounds: {}, spec: { backendConfig: { pool: 5 } }, excesses: [] },
])("asks for too much: $reason", ({ bounds, spec, excesses }) => {
	expect(excessesOver(bounds, spec)).toEqual(excesses);
});
