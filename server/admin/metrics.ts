import type { Registry } from "prom-client";
import type { AdminFailure } from "../../schemas/admin.ts";
import { CALL_SECONDS, metersOf } from "../meters.ts";
import { systemTime } from "../time.ts";
import type { MethodName } from "./methods.ts";

// Metrics of the admin API client. The label of a shard is the name of its Service; the number of labels is
// limited.

/** Result of a call: accepted, rejected, failed, or not made. */
export type CallCode = "OK" | "Refused" | "CircuitOpen" | AdminFailure;

export type AdminMetrics = ReturnType<typeof createAdminMetrics>;

const SHARDS = 600;
const OTHER = "other";

export function createAdminMetrics(registry: Registry) {
	const { counter, gauge, histogram } = metersOf(registry);
	const calls = counter(
		"prism_operator_admin_calls_total",
		"Calls of the admin API of proxies, by method, shard (name of its Service) and code: OK, Refused, or the kind of failure.",
		["method", "shard", "code"],
	);
	const seconds = histogram(
		"prism_operator_admin_call_duration_seconds",
		"Duration of admin API calls, in seconds. Calls that an open circuit breaker prevented are not included.",
		CALL_SECONDS,
		["method"],
	);
	const inFlight = gauge("prism_operator_admin_calls_in_flight", "Admin API calls in flight.");
	const listings = counter(
		"prism_operator_admin_listings_total",
		"Lists of the namespaces of a proxy, which the operator caches, by outcome: read or failed.",
		["outcome"],
	);
	const breakers = gauge(
		"prism_operator_admin_breakers_open",
		"Proxies whose circuit breaker is open because several calls failed in a row.",
	);
	const channels = gauge("prism_operator_admin_channels", "Open gRPC channels to proxies.");
	const shards = new Set<string>();
	const shardOf = (address: string): string => {
		const shard = serviceOf(address);
		if (!shards.has(shard) && shards.size >= SHARDS) return OTHER;
		shards.add(shard);
		return shard;
	};
	return {
		/** A call starts; the returned function records its result. */
		begins: (method: MethodName, address: string) => {
			const began = systemTime.monotonic();
			inFlight.inc();
			return (code: CallCode) => {
				inFlight.dec();
				calls.inc({ method, shard: shardOf(address), code });
				if (code !== "CircuitOpen") seconds.observe({ method }, (systemTime.monotonic() - began) / 1000);
			};
		},
		listed: (outcome: "read" | "failed") => listings.inc({ outcome }),
		breakers: (change: 1 | -1) => breakers.inc(change),
		channels: (change: 1 | -1) => channels.inc(change),
	};
}

/** For [<pod>.]<service>.<namespace>.svc[.<domain>]:<port>; any other address is not of a shard. */
function serviceOf(address: string): string {
	const labels = address.replace(/:\d+$/, "").split(".");
	return labels[labels.indexOf("svc") - 2] ?? OTHER;
}
