import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { AdminFailure } from "../../schemas/admin.ts";
import type { MethodName } from "./methods.ts";

// What the client of the admin API counts of itself. Shards are told by the names of their Services: a cluster's
// operators chose them, and only so many are told apart.

/** How a call ended: with a yes, with a no, or without an answer that counts. */
export type CallCode = "OK" | "Refused" | AdminFailure;

export interface AdminMetrics {
	/** A call begins; what is answered is told how it ended. */
	readonly begins: (method: MethodName, address: string) => (code: CallCode) => void;
	readonly listed: (outcome: "read" | "failed") => void;
	readonly breakers: (change: 1 | -1) => void;
	readonly channels: (change: 1 | -1) => void;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SHARDS = 600;
const OTHER = "other";

export function createAdminMetrics(registry: Registry): AdminMetrics {
	const registers = [registry];
	const calls = new Counter({
		name: "prism_operator_admin_calls_total",
		help: "Calls of the proxies' admin API, by method, shard (its Service's name) and code: OK, Refused, or what failed.",
		labelNames: ["method", "shard", "code"],
		registers,
	});
	const seconds = new Histogram({
		name: "prism_operator_admin_call_duration_seconds",
		help: "Time of a call of the admin API, in seconds; of calls that were not made because the breaker is open, none.",
		labelNames: ["method"],
		buckets: SECONDS,
		registers,
	});
	const inFlight = new Gauge({
		name: "prism_operator_admin_calls_in_flight",
		help: "Calls of the admin API that are under way.",
		registers,
	});
	const listings = new Counter({
		name: "prism_operator_admin_listings_total",
		help: "Listings of a proxy's namespaces, which answer for all of them for a while: read or failed.",
		labelNames: ["outcome"],
		registers,
	});
	const breakers = new Gauge({
		name: "prism_operator_admin_breakers_open",
		help: "Proxies that are left alone for a while, having failed several times in a row.",
		registers,
	});
	const channels = new Gauge({
		name: "prism_operator_admin_channels",
		help: "Channels to proxies that are open.",
		registers,
	});
	const shards = new Set<string>();
	const shardOf = (address: string): string => {
		const shard = serviceOf(address);
		if (!shards.has(shard) && shards.size >= SHARDS) return OTHER;
		shards.add(shard);
		return shard;
	};
	return {
		begins: (method, address) => {
			const began = performance.now();
			inFlight.inc();
			return (code) => {
				inFlight.dec();
				calls.inc({ method, shard: shardOf(address), code });
				if (code !== "CircuitOpen") seconds.observe({ method }, (performance.now() - began) / 1000);
			};
		},
		listed: (outcome) => listings.inc({ outcome }),
		breakers: (change) => breakers.inc(change),
		channels: (change) => channels.inc(change),
	};
}

/** Of [<pod>.]<service>.<namespace>.svc[.<domain>]:<port>; any other address is no shard's. */
function serviceOf(address: string): string {
	const labels = address.replace(/:\d+$/, "").split(".");
	return labels[labels.indexOf("svc") - 2] ?? OTHER;
}
