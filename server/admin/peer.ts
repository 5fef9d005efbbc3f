import type { Time } from "../../kube/time.ts";
import type { AdminCall, CallOutcome, Failed } from "../../schemas/admin.ts";
import { createCache } from "./cache.ts";
import { createCalls } from "./calls.ts";
import { createBreaker } from "./circuit-breaker.ts";
import { AdminError } from "./failures.ts";
import { createLimiter, type Limiter } from "./limiter.ts";
import { type Contents, checkedMetrics, type FetchPage, readAll, readOne } from "./listing.ts";
import { getMetrics, listNamespaces } from "./methods.ts";
import type { Reminders } from "./repeat-schedule.ts";
import { outcomeOf, type Reply, sendCall } from "./replies.ts";
import type { Bounds, Timing } from "./timing.ts";
import type { Endpoint, Transport, TransportOptions } from "./transport.ts";

// Everything about one proxy: its cached state, its calls, and its circuit breaker.

export type Peer = ReturnType<typeof createPeer>;

export interface PeerOptions extends Pick<TransportOptions, "log" | "channels" | "metrics"> {
	readonly transport: Transport;
	readonly timing: Timing;
	readonly bounds: Bounds;
	/** What all proxies share. */
	readonly everywhere: Limiter;
	readonly reminders: Reminders;
	readonly failureOf: (error: unknown) => Failed;
	readonly time: Time;
}

export function createPeer(where: Pick<Endpoint, "address" | "namespace">, options: PeerOptions) {
	const { log, transport, channels, metrics, timing, bounds, everywhere, reminders, failureOf, time } = options;
	const place = `${where.namespace}/${where.address}`;
	const breaker = createBreaker({
		failures: bounds.failures,
		openMs: timing.openMs,
		longestOpenMs: timing.longestOpenMs,
		time,
		opened: () => {
			metrics.breakers(1);
			channels.renew(where.address);
			log.warn({ proxy: where.address }, "circuit breaker open: a proxy does not answer");
		},
		// The connection may lead to one of several pods behind a Service, and that one hang, or be cut off from the leader: another
		// connection may lead to another pod.
		failedAgain: () => channels.renew(where.address),
		unavailable: () => channels.renew(where.address),
		closed: () => {
			metrics.breakers(-1);
			log.info({ proxy: where.address }, "circuit breaker closed");
		},
	});
	const endpoint: Endpoint = { ...where, breaker };
	const limiter = createLimiter({
		atOnce: bounds.callsOfProxy,
		waiting: bounds.waitingForProxy,
		waitMs: timing.queueMs,
		time,
	});
	const cache = createCache(readsOf(endpoint, options), timing, time);
	const send = (call: AdminCall): Promise<Reply> => {
		const deadlineMs = call.verb === "create" ? timing.createDeadlineMs : timing.callDeadlineMs;
		return sendCall(call, (method, message) => transport.call(endpoint, method, message, deadlineMs));
	};
	const sent = async (call: AdminCall): Promise<Reply> => {
		const reply = await send(call);
		if (call.verb !== "create" || call.again !== true || reply.success) return reply;
		const { again: _again, ...rest } = call;
		return send({ ...rest, verb: "assign" });
	};

	const provision = async (call: AdminCall, said: (outcome: CallOutcome) => void): Promise<CallOutcome> => {
		const change = cache.changing(call.namespaceId);
		try {
			const done = outcomeOf(await sent(call).finally(change.ended));
			if (done.state === "refused") return done;
			said(done);
			const readBack = await cache.readBack(call.namespaceId);
			if (readBack === undefined) return done;
			if (readBack.state === "known") return { ...done, readBack };
			if (call.verb !== "revoke") return { ...done, remindInSeconds: seconds(reminders.sent(place, call.namespaceId)) };
			reminders.forget(place, call.namespaceId);
			return done;
		} finally {
			change.settled();
		}
	};
	const calls = createCalls({
		make: async (call, said) => {
			try {
				// Read back in the same slot: behind all waiting calls, the result would come too late.
				return await limiter.run(() => everywhere.run(() => provision(call, said)));
			} catch (error) {
				return { state: "failed", ...failureOf(error) };
			}
		},
		ofNamespace: bounds.callsOfNamespace,
		timing,
		time,
	});
	return {
		cache,
		calls,
		/** Seconds until the next call for a namespace that can't be read back; 0: now. */
		remindInSeconds: (namespaceId: string) => seconds(reminders.left(place, namespaceId)),
		/** Time of the last request for it. */
		used: 0,
		isIdle: () => cache.isIdle() && calls.isIdle() && limiter.isIdle(),
		sweep: () => {
			cache.sweep();
			calls.sweep();
		},
		/** Closes it. */
		forget: () => {
			if (breaker.isOpen()) metrics.breakers(-1);
		},
	};
}

const seconds = (ms: number): number => Math.ceil(ms / 1000);

function readsOf(endpoint: Endpoint, { transport, metrics, timing, everywhere, failureOf, time }: PeerOptions) {
	/** No page begins after the deadline. Each page has its own timeout: many slow pages are no failure of the proxy. */
	const pages = (): FetchPage => {
		const deadline = time.monotonic() + timing.readDeadlineMs;
		return async (request) => {
			if (time.monotonic() > deadline) throw new AdminError("DeadlineExceeded");
			return transport.call(endpoint, listNamespaces, request, timing.readDeadlineMs);
		};
	};
	return {
		isDoubtful: endpoint.breaker.isDoubtful,
		all: async (before: Contents | undefined) => {
			try {
				const contents = await everywhere.run(() => readAll(pages(), before));
				metrics.listed("read");
				return contents;
			} catch (error) {
				metrics.listed("failed");
				throw error;
			}
		},
		one: (namespaceId: string) => readOne(pages(), namespaceId),
		metrics: () =>
			everywhere.run(async () => checkedMetrics(await transport.call(endpoint, getMetrics, {}, timing.readDeadlineMs))),
		failureOf,
	};
}
