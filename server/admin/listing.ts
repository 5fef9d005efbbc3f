import { sha256Hex } from "../../kube/hash.ts";
import type {
	GetMetricsResponse,
	ListNamespacesRequest,
	ListNamespacesResponse,
	NamespaceInfo,
	NamespaceMetrics,
} from "../../protos/gen/prism/admin/v1/admin.ts";
import type { InstanceKnown, NamespaceFigures } from "../../schemas/admin.ts";
import { AdminError } from "./failures.ts";
import { type Listed, NONSENSE, packed, type Records, STATUSES } from "./records.ts";

// Parses what a proxy reports, defensively: the server can be of any version, broken, or another program.

export interface Contents {
	/** Empty: the server does not report it. */
	readonly storeId: string;
	/** Whether the server supports the fields that are additions to the published API; without them, 0 is no number. */
	readonly tells: boolean;
	readonly records: Records;
}

export type FetchPage = (request: ListNamespacesRequest) => Promise<ListNamespacesResponse>;

const PAGE_SIZE = 500;
const PAGES = 200;
const ENTRIES = 50_000;
const LONGEST_NAME = 253;
const LONGEST_DIGEST = 128;
const LONGEST_OWNER = 512;

/** All of an instance, read after `before`. Throws an `AdminError` if the response is invalid as a whole. */
export async function readAll(fetchPage: FetchPage, before?: Contents): Promise<Contents> {
	const sketches: Sketch[] = [];
	let storeId: string | undefined;
	for await (const page of pages(fetchPage, "")) {
		// The store changed in between: the proxy restarted, and the pages are of two stores.
		if (storeId !== undefined && page.storeId !== storeId) throw new AdminError("BadAnswer");
		storeId = page.storeId;
		sketches.push(...page.sketches);
		if (sketches.length > ENTRIES) throw new AdminError("BadAnswer");
	}
	const { tells, records } = recordsOf(sketches, storeId ?? "");
	return { storeId: shortened(storeId ?? ""), tells, records: packed(records, before?.records) };
}

const LONGEST_STORE_ID = 64;

/** The API server would reject a roster with a longer one. */
const shortened = (storeId: string): string => (storeId.length <= LONGEST_STORE_ID ? storeId : sha256Hex(storeId));

export interface Found {
	readonly record: Listed | undefined;
	/** As in `Contents`. */
	readonly storeId: string;
	/** The server can't list a single namespace. */
	readonly ignoresName: boolean;
}

/** The record of one namespace; reads further pages until it is found, if the server lists others too. */
export async function readOne(fetchPage: FetchPage, name: string): Promise<Found> {
	let found: Found = { record: undefined, storeId: "", ignoresName: false };
	for await (const { sketches, storeId } of pages(fetchPage, name)) {
		found = {
			record: recordsOf(sketches, storeId).records.get(name),
			storeId: shortened(storeId),
			ignoresName: found.ignoresName || sketches.some((sketch) => sketch.name !== name),
		};
		if (found.record !== undefined) break;
	}
	return found;
}

interface Page {
	readonly storeId: string;
	readonly sketches: readonly Sketch[];
}

async function* pages(fetchPage: FetchPage, name: string): AsyncGenerator<Page> {
	const tokens = new Set([""]);
	let pageToken = "";
	do {
		const { namespaces, nextPageToken, storeId } = await fetchPage({ pageSize: PAGE_SIZE, pageToken, name });
		if (namespaces.length > ENTRIES || storeId.length > LONGEST_NAME) throw new AdminError("BadAnswer");
		yield { storeId, sketches: namespaces.map(sketchOf) };
		// A server that repeats a page would never end.
		if (nextPageToken !== "" && (tokens.has(nextPageToken) || tokens.size >= PAGES)) throw new AdminError("BadAnswer");
		tokens.add(nextPageToken);
		pageToken = nextPageToken;
	} while (pageToken !== "");
}

// ── Records ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The kept fields of an entry: descriptions can have any length, and are not used. */
type Sketch = Pick<NamespaceInfo, "name" | "configDigest" | "configVersion" | "owner" | "status" | "metrics">;

function sketchOf({ name, configDigest, configVersion, owner, status, metrics }: NamespaceInfo): Sketch {
	if (name === "" || name.length > LONGEST_NAME) throw new AdminError("BadAnswer");
	return { name, configDigest, configVersion, owner, status, metrics };
}

export function recordsOf(sketches: readonly Sketch[], storeId: string) {
	const tells =
		storeId !== "" ||
		sketches.some(({ configDigest, configVersion, owner }) => configDigest !== "" || owner !== "" || configVersion > 0);
	const records = new Map<string, Listed>();
	for (const sketch of sketches) {
		records.set(sketch.name, records.has(sketch.name) ? NONSENSE : recordOf(sketch, tells));
	}
	return { tells, records };
}

function recordOf({ configDigest, configVersion, owner, status, metrics }: Sketch, tells: boolean): Listed {
	if (configDigest.length > LONGEST_DIGEST || owner.length > LONGEST_OWNER) return NONSENSE;
	if (!isCount(configVersion)) return NONSENSE;
	const figures = metrics === undefined ? undefined : figuresOf(metrics, tells);
	if (figures === NONSENSE) return NONSENSE;
	return {
		...(configDigest !== "" && { digest: configDigest }),
		...(configVersion !== 0 && { version: configVersion }),
		...(tells && { owner }),
		status: STATUSES[status] ?? "Unspecified",
		...(figures !== undefined && { metrics: figures }),
	};
}

function figuresOf(
	{ requestsPerSecond, keyCount, connections, p99LatencyMs }: NamespaceMetrics,
	tells: boolean,
): NamespaceFigures | typeof NONSENSE {
	if (![requestsPerSecond, keyCount, connections, p99LatencyMs].every(isCount)) return NONSENSE;
	return tells ? { keys: keyCount, connections, requestsPerSecond, p99LatencyMs } : { requestsPerSecond };
}

// ── Metrics ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A server that supports the call but not its fields returns zeros; `tells` shows that it supports them. */
export function instanceFigures(
	{ requestsPerSecond, p99LatencyMs }: GetMetricsResponse,
	tells: boolean,
): InstanceKnown["metrics"] {
	if (!tells && requestsPerSecond === 0 && p99LatencyMs === 0) return undefined;
	return { requestsPerSecond, ...((tells || p99LatencyMs !== 0) && { p99LatencyMs }) };
}

/** Throws an `AdminError` for an invalid number. */
export function checkedMetrics(response: GetMetricsResponse): GetMetricsResponse {
	if (![response.requestsPerSecond, response.p99LatencyMs].every(isCount)) throw new AdminError("BadAnswer");
	return response;
}

const isCount = (value: number): boolean => Number.isFinite(value) && value >= 0;
