import { describe, expect, test } from "vitest";
import type {
	ListNamespacesResponse,
	NamespaceInfo,
	NamespaceMetrics,
} from "../../../protos/gen/prism/admin/v1/admin.ts";
import { AdminError } from "../../../server/admin/failures.ts";
import { checkedMetrics, type FetchPage, instanceFigures, readAll, readOne } from "../../../server/admin/listing.ts";
import { NONSENSE } from "../../../server/admin/records.ts";
import { info } from "./fake-proxy.ts";

type Page = Partial<ListNamespacesResponse>;

/** Answers these pages one after the other; the token of each but the last is its number. */
const paged = (pages: readonly Page[]): FetchPage & { readonly asked: string[] } => {
	const asked: string[] = [];
	const fetchPage: FetchPage = async ({ pageToken }) => {
		asked.push(pageToken);
		const index = Number(pageToken || 0);
		const nextPageToken = index + 1 < pages.length ? String(index + 1) : "";
		return { namespaces: [], storeId: "s", nextPageToken, ...pages[index] };
	};
	return Object.assign(fetchPage, { asked });
};

const one = (entry: NamespaceInfo, storeId = "s") => readAll(paged([{ namespaces: [entry], storeId }]));

const plain = { configDigest: "", configVersion: 0, owner: "" };

const metrics = (change: Partial<NamespaceMetrics> = {}): NamespaceMetrics => ({
	activeSessions: 1,
	storageBytesUsed: 2,
	requestsPerSecond: 3,
	keyCount: 4,
	connections: 5,
	p99LatencyMs: 6.5,
	...change,
});

describe("a record", () => {
	test("of a server that tells everything", async () => {
		const { records, storeId, tells } = await one(info("a", { status: 2, metrics: metrics() }));
		expect({ storeId, tells }).toEqual({ storeId: "s", tells: true });
		expect(records.get("a")).toEqual({
			digest: "0123456789abcdef",
			version: 1,
			owner: "test/shop/orders",
			status: "ReadOnly",
			metrics: { keys: 4, connections: 5, requestsPerSecond: 3, p99LatencyMs: 6.5 },
		});
	});

	test("of a server that knows only the published design: what it can't tell is left out, and never 0", async () => {
		const { records, tells } = await one(
			info("a", { ...plain, metrics: metrics({ keyCount: 0, connections: 0 }) }),
			"",
		);
		expect(tells).toBe(false);
		expect(records.get("a")).toEqual({ status: "Active", metrics: { requestsPerSecond: 3 } });
	});

	test("of nobody, on a server that tells owners", async () => {
		expect((await one(info("a", plain))).records.get("a")).toEqual({ owner: "", status: "Active" });
		const others = await readAll(paged([{ namespaces: [info("a", plain), info("b")], storeId: "" }]));
		expect(others.records.get("a")).toEqual({ owner: "", status: "Active" });
	});

	test.each([
		[0, "Unspecified"],
		[1, "Active"],
		[2, "ReadOnly"],
		[3, "Suspended"],
		[77, "Unspecified"],
	])("status %s is %s", async (status, word) => {
		const { records } = await one(info("a", { status: status as 0 }));
		expect(records.get("a")).toMatchObject({ status: word });
	});

	test.each([
		{ reason: "no number", change: { metrics: metrics({ p99LatencyMs: Number.NaN }) } },
		{ reason: "no end", change: { metrics: metrics({ p99LatencyMs: Number.POSITIVE_INFINITY }) } },
		{ reason: "less than nothing", change: { metrics: metrics({ requestsPerSecond: -1 }) } },
		{ reason: "a version below 0", change: { configVersion: -1 } },
		{ reason: "a digest without end", change: { configDigest: "x".repeat(1000) } },
		{ reason: "an owner without end", change: { owner: "x".repeat(1000) } },
	])("$reason makes no sense, and takes no other along", async ({ change }) => {
		const { records } = await readAll(paged([{ namespaces: [info("a", change), info("b")] }]));
		expect(records.get("a")).toBe(NONSENSE);
		expect(records.get("b")).toMatchObject({ status: "Active" });
	});

	test("that is listed twice, on one page or on two, makes no sense", async () => {
		const { records } = await readAll(
			paged([{ namespaces: [info("a"), info("a"), info("b")] }, { namespaces: [info("b")] }]),
		);
		expect([...records.names()].map(records.get)).toEqual([NONSENSE, NONSENSE]);
	});
});

test("a store's name that no roster could hold is told by its digest", async () => {
	const { storeId } = await readAll(paged([{ storeId: "x".repeat(65) }]));
	expect(storeId).toMatch(/^[0-9a-f]{64}$/);
	expect((await readOne(paged([{ storeId: "x".repeat(65) }]), "a")).storeId).toBe(storeId);
	expect((await readAll(paged([{ storeId: "x".repeat(64) }]))).storeId).toBe("x".repeat(64));
});

describe("pages", () => {
	test("are read to the end", async () => {
		const fetchPage = paged([{ namespaces: [info("a")] }, {}, { namespaces: [info("b")] }]);
		expect([...(await readAll(fetchPage)).records.names()]).toEqual(["a", "b"]);
		expect(fetchPage.asked).toEqual(["", "1", "2"]);
	});

	const names = (count: number) => Array.from({ length: count }, (_, index) => info(`n${index}`));

	test.each([
		{ reason: "in circles", pages: [{}, {}, { nextPageToken: "1" }] },
		{ reason: "without end", pages: Array.from({ length: 300 }, () => ({})) },
		{ reason: "of two stores", pages: [{ storeId: "a" }, { storeId: "b" }] },
		{ reason: "with too many entries at once", pages: [{ namespaces: names(50_001) }] },
		{ reason: "with too many entries together", pages: [{ namespaces: names(30_000) }, { namespaces: names(30_000) }] },
		{ reason: "with a name that is empty", pages: [{ namespaces: [info("a"), info("")] }] },
		{ reason: "with a name without end", pages: [{ namespaces: [info("x".repeat(254))] }] },
		{ reason: "with a store's name without end", pages: [{ storeId: "x".repeat(300) }] },
	])("$reason make no sense at all", async ({ pages }) => {
		await expect(readAll(paged(pages))).rejects.toThrow(new AdminError("BadAnswer"));
	});
});

describe("one namespace", () => {
	test("of a server that lists only that", async () => {
		const fetchPage = paged([{ namespaces: [info("b")] }]);
		expect(await readOne(fetchPage, "b")).toMatchObject({ record: { status: "Active" }, ignoresName: false });
		expect(await readOne(paged([{}]), "b")).toEqual({ record: undefined, storeId: "s", ignoresName: false });
	});

	test("of a server that lists all: up to the page with it, or to the end", async () => {
		const pages = [{ namespaces: [info("a")] }, { namespaces: [info("b")] }, { namespaces: [info("c")] }];
		const found = paged(pages);
		expect(await readOne(found, "b")).toMatchObject({ record: { status: "Active" }, ignoresName: true });
		expect(found.asked).toEqual(["", "1"]);
		const missing = paged(pages);
		expect(await readOne(missing, "x")).toEqual({ record: undefined, storeId: "s", ignoresName: true });
		expect(missing.asked).toEqual(["", "1", "2"]);
	});
});

describe("an instance's metrics", () => {
	test.each([
		{ reason: "told", tells: true, response: [12, 3], figures: { requestsPerSecond: 12, p99LatencyMs: 3 } },
		{ reason: "told, at rest", tells: true, response: [0, 0], figures: { requestsPerSecond: 0, p99LatencyMs: 0 } },
		{ reason: "told by half", tells: false, response: [12, 0], figures: { requestsPerSecond: 12 } },
		{ reason: "not known to the server", tells: false, response: [0, 0], figures: undefined },
	])("$reason", ({ tells, response: [requestsPerSecond = 0, p99LatencyMs = 0], figures }) => {
		expect(instanceFigures({ requestsPerSecond, p99LatencyMs }, tells)).toEqual(figures);
	});

	test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])("%s makes no sense", (value) => {
		expect(() => checkedMetrics({ requestsPerSecond: value, p99LatencyMs: 0 })).toThrow(new AdminError("BadAnswer"));
		expect(() => checkedMetrics({ requestsPerSecond: 0, p99LatencyMs: value })).toThrow(new AdminError("BadAnswer"));
	});
});
