import type { Time } from "../../kube/time.ts";
import { millisOf, timestampOf } from "../../kube/time.ts";
import type { GetMetricsResponse } from "../../protos/gen/prism/admin/v1/admin.ts";
import type {
	AdminFailure,
	Failed,
	InstanceAnswer,
	InstanceQuestion,
	NamespaceAnswer,
	NamespaceKnown,
	NamespaceQuestion,
	Unknown,
	Unverifiable,
} from "../../schemas/admin.ts";
import { isTransport } from "./failures.ts";
import { type Contents, type Found, instanceFigures } from "./listing.ts";
import { createReader, type Read, type Reader, type Waiting } from "./reader.ts";
import { type Listed, NONSENSE } from "./records.ts";
import { LATE, type Timing, within } from "./timing.ts";

// Cached state of one proxy: its last listing, single namespaces that were read back after a call, and namespaces whose cached
// state is invalid because a call is changing them.

type AboutNamespace = Pick<NamespaceQuestion, "namespaceId" | "after" | "storeId" | "changedAt">;

export interface Reads {
	/** Reads, given the previous result. */
	readonly all: (before: Contents | undefined) => Promise<Contents>;
	readonly one: (namespaceId: string) => Promise<Found>;
	readonly metrics: () => Promise<GetMetricsResponse>;
	readonly failureOf: (error: unknown) => Failed;
	/** Whether the proxy may be dead: what was called last did not come through. */
	readonly isDoubtful: () => boolean;
}

/** A namespace's record from some read. */
interface Reading extends Read<Listed | undefined> {
	/** Empty: the server does not report it. */
	readonly storeId: string;
}

interface Doubt {
	/** Reads that began earlier are invalid. */
	until: number;
	/** In progress, or being read back. */
	change: Waiting | undefined;
}

export function createCache(reads: Reads, timing: Timing, time: Time) {
	const listings = createReader(reads.all, reads.failureOf, timing, time);
	const metrics = createReader(reads.metrics, reads.failureOf, timing, time);
	const readings = new Map<string, Reading>();
	const doubts = new Map<string, Doubt>();
	const digests = createDigests(readings);
	const stores = createStores();
	const changes = createChanges();
	let ignoresName = false;

	/**
	 * Valid data about a namespace: from a read that began at these times or later, by the monotonic clock and the system clock, and
	 * after the last change.
	 */
	const believed = ({ namespaceId, storeId }: AboutNamespace, since: number, earliest: number) => {
		const listing = listings.latest(since);
		const listed: Reading | undefined = listing && {
			...listing,
			value: listing.value.records.get(namespaceId),
			storeId: listing.value.storeId,
		};
		const seen = readings.get(namespaceId);
		const newest = seen !== undefined && seen.began > (listed?.began ?? since) ? seen : listed;
		if (newest === undefined || newest.at < earliest) return undefined;
		if (newest.began < changes.since() || stores.isGone(newest, storeId)) return undefined;
		return newest.began >= (doubts.get(namespaceId)?.until ?? 0) ? newest : undefined;
	};

	const waitFor = ({ namespaceId, storeId }: AboutNamespace, earliest: number): Waiting => {
		const doubt = doubts.get(namespaceId);
		if (doubt?.change !== undefined) return doubt.change;
		const now = time.now();
		if (earliest > now) return { began: time.monotonic(), ended: passed(time, earliest - now) };
		return listings.wait(Math.max(doubt?.until ?? 0, stores.since(storeId), changes.since()), earliest);
	};

	const namespace = async (question: AboutNamespace, budgetMs: number): Promise<NamespaceAnswer> => {
		const { after, storeId, changedAt } = question;
		const asked = time.monotonic();
		changes.told(changedAt, asked);
		stores.told(storeId, asked);
		const earliest = endOfSecond(after);
		// Too early to know, or the clock of the API server is ahead of ours.
		if (earliest - time.now() > budgetMs) return unknown("DeadlineExceeded");
		const fresh = asked - timing.listingMaxAgeMs;
		const old = () => {
			const reading = believed(question, fresh - timing.staleForMs, earliest);
			return reading && answerOf(reading);
		};
		let patience: Patience | undefined;
		for (;;) {
			const reading = believed(question, fresh, earliest);
			if (reading !== undefined) return answerOf(reading);
			const failure = listings.failure(asked, changes.since());
			if (failure !== undefined) return (isPassing(failure.failure) ? old() : undefined) ?? failed(failure);
			patience ??= patienceOf(reads, budgetMs, timing, time, old() !== undefined);
			if (!(await patience(waitFor(question, earliest)))) return old() ?? unknown("DeadlineExceeded");
		}
	};

	const instance = async (
		{ changedAt }: Pick<InstanceQuestion, "changedAt">,
		budgetMs: number,
	): Promise<InstanceAnswer> => {
		const asked = time.monotonic();
		changes.told(changedAt, asked);
		const patience = patienceOf(reads, budgetMs, timing, time);
		// Both at the same time; the metrics are optional.
		const figures = metricsWithin(time, metrics, patienceOf(reads, budgetMs, timing, time), timing);
		for (;;) {
			const listing = listings.latest(Math.max(asked - timing.instanceMaxAgeMs, changes.since()));
			if (listing !== undefined) {
				const namespaces = digests(listing);
				const response = await figures;
				if (namespaces === NONSENSE || response === "BadAnswer") return unknown("BadAnswer");
				const { storeId, tells } = listing.value;
				const told = response && instanceFigures(response, tells);
				return {
					state: "known",
					readAt: timestampOf(listing.at),
					...(storeId !== "" && { storeId }),
					namespaces,
					...(told !== undefined && { metrics: told }),
				};
			}
			const failure = listings.failure(asked, changes.since());
			if (failure !== undefined) return failed(failure);
			if (!(await patience(listings.wait(changes.since(), 0)))) return unknown("DeadlineExceeded");
		}
	};

	return {
		namespace,
		instance,
		/** A call that changes a namespace begins. One at a time. */
		changing: (namespaceId: string) => {
			const { promise: ended, resolve } = Promise.withResolvers<void>();
			const doubt: Doubt = { until: Number.POSITIVE_INFINITY, change: { began: time.monotonic(), ended } };
			doubts.set(namespaceId, doubt);
			return {
				/** The call has ended: reads from now on are valid again. */
				ended: () => {
					doubt.until = time.monotonic();
				},
				/** The read-back is complete, or will not happen: callers need not wait any longer. */
				settled: () => {
					doubt.change = undefined;
					resolve();
				},
			};
		},
		/** The current state of a namespace on the proxy; `undefined`: not reported this time. */
		readBack: async (namespaceId: string): Promise<NamespaceKnown | Unverifiable | undefined> => {
			const began = time.monotonic();
			if (listings.failure(began)?.failure === "Unimplemented") return UNVERIFIABLE;
			const at = time.now();
			if (ignoresName) {
				// It would list everything after every call: all calls that end meanwhile share the next listing.
				await listings.wait(began, at).ended;
				const reading = believed({ namespaceId }, began, 0);
				return reading && knownAs(reading);
			}
			try {
				const found = await reads.one(namespaceId);
				ignoresName = found.ignoresName;
				const reading: Reading = { began, at, value: found.record, storeId: found.storeId };
				if (found.record !== NONSENSE) readings.set(namespaceId, reading);
				return knownAs(reading);
			} catch (error) {
				// It is read again on the next request; an invalid response was logged.
				return reads.failureOf(error).failure === "Unimplemented" ? UNVERIFIABLE : undefined;
			}
		},
		isIdle: () => listings.isIdle() && metrics.isIdle(),
		/** Drops entries that are too old to be valid, or to be needed. */
		sweep: () => {
			const limit = time.monotonic() - timing.listingMaxAgeMs - timing.staleForMs;
			for (const [id, { began }] of readings) if (began < limit) readings.delete(id);
			// Listings of this age are invalid too.
			for (const [id, { until }] of doubts) if (until < limit) doubts.delete(id);
		},
	};
}

const passed = (time: Time, ms: number) => new Promise<void>((resolve) => void time.after(ms, resolve));

/** The end of a second that was reported without fractions. An invalid time never ends: nothing is claimed then. */
function endOfSecond(timestamp: string | undefined): number {
	if (timestamp === undefined) return 0;
	const millis = millisOf(timestamp);
	return Number.isNaN(millis) ? Number.POSITIVE_INFINITY : millis + 1000;
}

const unknown = (failure: AdminFailure): Unknown => ({ state: "unknown", failure });

const UNVERIFIABLE: Unverifiable = { state: "unverifiable" };

const failed = (why: Failed): Unknown | Unverifiable =>
	why.failure === "Unimplemented" ? UNVERIFIABLE : { state: "unknown", ...why };

/** A failure that can be over by the next read. Other failures need a user, and are reported at once. */
const isPassing = (failure: AdminFailure): boolean =>
	isTransport(failure) || failure === "Overloaded" || failure === "NotReady" || failure === "Unavailable";

const answerOf = (reading: Reading): NamespaceAnswer => knownAs(reading) ?? unknown("BadAnswer");

function knownAs({ at, value }: Reading): NamespaceKnown | undefined {
	if (value === NONSENSE) return undefined;
	return { state: "known", readAt: timestampOf(at), record: value };
}

/** Whether the awaited read has ended. */
type Patience = (waiting: Waiting) => Promise<boolean>;

/**
 * Waits within a budget that starts with the read: a later caller of a hanging read waits less than the first one, and a caller of a
 * dead proxy, or with cached data, waits less.
 */
function patienceOf(
	{ isDoubtful }: Reads,
	budgetMs: number,
	{ doubtfulBudgetMs }: Timing,
	time: Time,
	knowsSomething = false,
): Patience {
	const budget = knowsSomething || isDoubtful() ? Math.min(budgetMs, doubtfulBudgetMs) : budgetMs;
	const deadline = time.monotonic() + budget;
	return async ({ began, ended }) => {
		const rest = Math.min(deadline, began + budget) - time.monotonic();
		return rest > 0 && (await within(time, ended, rest)) !== LATE;
	};
}

/** `undefined`: none, or not in time. */
async function metricsWithin(
	time: Time,
	reader: Reader<GetMetricsResponse>,
	patience: Patience,
	{ instanceMaxAgeMs }: Pick<Timing, "instanceMaxAgeMs">,
): Promise<GetMetricsResponse | "BadAnswer" | undefined> {
	const asked = time.monotonic();
	const latest = () => reader.latest(asked - instanceMaxAgeMs);
	if (latest() === undefined && reader.failure(asked) === undefined) await patience(reader.wait(0, 0));
	return latest()?.value ?? (reader.failure(asked)?.failure === "BadAnswer" ? "BadAnswer" : undefined);
}

/**
 * The store that the proxy reports. Data of another store that was read before the first report of this one was lost by the proxy;
 * data of another store that is read afterwards is newer.
 */
function createStores() {
	let said: { readonly storeId: string; readonly since: number } | undefined;
	const since = (storeId: string | undefined): number => (said?.storeId === storeId ? (said?.since ?? 0) : 0);
	return {
		told: (storeId: string | undefined, now: number) => {
			if (storeId !== undefined && storeId !== said?.storeId) said = { storeId, since: now };
		},
		/** Reads of this store must begin at this time or later. */
		since,
		isGone: ({ storeId: found, began }: Reading, storeId: string | undefined): boolean =>
			storeId !== undefined && found !== "" && found !== storeId && began < since(storeId),
	};
}

/**
 * When the proxy became ready or silent, as reported. Data from before the last such report can be of a process or volume that no
 * longer exists. By the clock of this process, so that clocks need not agree.
 */
function createChanges() {
	let last: string | undefined;
	let since = 0;
	return {
		told: (changedAt: string | undefined, now: number) => {
			// A caller with an older roster does not know of it yet.
			if (changedAt === undefined || (last !== undefined && changedAt <= last)) return;
			last = changedAt;
			since = now;
		},
		/** Valid reads began at this time or later. */
		since: () => since,
	};
}

/** Identifier → digest of a listing and of later observations; built again only after a change. */
function createDigests(readings: ReadonlyMap<string, Reading>) {
	let made: { readonly of: unknown; readonly newer: number; readonly digests: Map<string, string> } | undefined;
	return ({ began, value }: Read<Contents>): ReadonlyMap<string, string> | typeof NONSENSE => {
		const newer = [...readings].filter(([, reading]) => reading.began > began);
		const last = Math.max(0, ...newer.map(([, reading]) => reading.began));
		if (made?.of === value && made.newer === last) return made.digests;
		const digests = new Map<string, string>();
		for (const id of value.records.names()) {
			const record = value.records.get(id);
			if (record === NONSENSE) return NONSENSE;
			digests.set(id, record?.digest ?? "");
		}
		for (const [id, { value: record }] of newer) {
			if (record === undefined) digests.delete(id);
			else if (record !== NONSENSE) digests.set(id, record.digest ?? "");
		}
		made = { of: value, newer: last, digests };
		return digests;
	};
}
