import { isRecord } from "../../kube/object.ts";
import { twoDigits } from "../../kube/quantity.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { NamespaceFigures } from "../../schemas/admin.ts";
import type { Served } from "./outcome.ts";

// Figures move all the time, and a status that moves with them would be written all the time.

/** Seconds between two changes of the figures. */
const EVERY_SECONDS = 600;

/** `metrics` and `metricsUpdatedAt`: the old ones until it is time for others; absent when nobody tells any. */
export const metricsOf = (
	old: Readonly<Record<string, unknown>>,
	served: readonly Served[],
	now: string,
): { metrics?: unknown; metricsUpdatedAt?: unknown } => {
	const { metrics, metricsUpdatedAt } = old;
	const isFresh = typeof metricsUpdatedAt === "string" && secondsBetween(metricsUpdatedAt, now) < EVERY_SECONDS;
	if (isFresh && isRecord(metrics)) return { metrics, metricsUpdatedAt };
	const figures = served.map(({ record }) => record?.metrics).filter((found) => found !== undefined);
	if (figures.length === 0) return {};
	const next = summary(figures);
	const isSame =
		isRecord(metrics) && Object.keys({ ...next, ...metrics }).every((field) => next[field] === metrics[field]);
	return isSame ? { metrics, metricsUpdatedAt } : { metrics: next, metricsUpdatedAt: now };
};

/** Every instance has all keys; connections and requests are each instance's own. */
const summary = (figures: readonly NamespaceFigures[]): Record<string, unknown> => {
	const told = (field: keyof NamespaceFigures) =>
		figures.map((each) => each[field]).filter((value) => value !== undefined);
	const rate = sum(told("requestsPerSecond"));
	const latency = most(told("p99LatencyMs"));
	return Object.fromEntries(
		Object.entries({
			currentKeys: most(told("keys")),
			currentConnections: sum(told("connections")),
			requestRate: rate,
			rps: rate,
			p99Latency: latency === undefined ? undefined : `${latency}ms`,
		}).filter(([, value]) => value !== undefined),
	);
};

const most = (values: readonly number[]) => (values.length === 0 ? undefined : twoDigits(Math.max(...values)));

const sum = (values: readonly number[]) =>
	values.length === 0 ? undefined : twoDigits(values.reduce((total, value) => total + value, 0));
