import type { Logger } from "pino";
import type { AdminCall, AdminFailure, CallOutcome } from "../../schemas/admin.ts";
import type { Time } from "../time.ts";
import { createBreaker } from "./breaker.ts";
import { type Calls, createCalls } from "./calls.ts";
import type { Channels } from "./channels.ts";
import { AdminError, refusalMessage } from "./failures.ts";
import { createKnowledge, type Knowledge } from "./knowledge.ts";
import { type Contents, checkedMetrics, type FetchPage, readAll, readOne } from "./listing.ts";
import { assignment, creation, revocation } from "./messages.ts";
import { assignNamespace, createNamespace, getMetrics, listNamespaces, revokeNamespace } from "./methods.ts";
import type { AdminMetrics } from "./metrics.ts";
import { createSlots, type Slots } from "./slots.ts";
import type { Bounds, Timing } from "./timing.ts";
import type { Endpoint, Transport } from "./transport.ts";

// All that belongs to one proxy: what is known of it, what is being done to it, and whether it is left alone.

export interface Peer {
	readonly knowledge: Knowledge;
	readonly calls: Calls;
	/** When somebody last asked for it. */
	used: number;
	readonly isIdle: () => boolean;
	readonly sweep: () => void;
	/** It is not to be used any more. */
	readonly forget: () => void;
}

export interface PeerOptions {
	readonly log: Logger;
	readonly transport: Transport;
	readonly channels: Channels;
	readonly metrics: AdminMetrics;
	readonly timing: Timing;
	readonly bounds: Bounds;
	/** What all proxies share. */
	readonly everywhere: Slots;
	readonly failureOf: (error: unknown) => AdminFailure;
	readonly time: Time;
}

export function createPeer(where: Pick<Endpoint, "address" | "namespace">, options: PeerOptions): Peer {
	const { log, channels, metrics, timing, bounds, everywhere, failureOf, time } = options;
	const breaker = createBreaker({
		failures: bounds.failures,
		openMs: timing.openMs,
		longestOpenMs: timing.longestOpenMs,
		time,
		opened: () => {
			metrics.breakers(1);
			channels.renew(where.address);
			log.warn({ proxy: where.address }, "a proxy does not answer, and is left alone for a while");
		},
		closed: () => {
			metrics.breakers(-1);
			log.info({ proxy: where.address }, "a proxy is not left alone any more");
		},
	});
	const endpoint: Endpoint = { ...where, breaker };
	const slots = createSlots({
		atOnce: bounds.callsOfProxy,
		waiting: bounds.waitingForProxy,
		waitMs: timing.queueMs,
		time,
	});
	const knowledge = createKnowledge(readsOf(endpoint, options), timing, time);
	const send = senderOf(endpoint, options);

	const provision = async (call: AdminCall, said: (outcome: CallOutcome) => void): Promise<CallOutcome> => {
		const change = knowledge.changing(call.namespaceId);
		try {
			const reply = await send(call).finally(change.ended);
			if (!reply.success) return { state: "refused", message: refusalMessage(reply.message) };
			const done = { state: "done", ...assignedProxy(reply) } as const;
			said(done);
			const readBack = await knowledge.readBack(call.namespaceId);
			return { ...done, ...(readBack !== undefined && { readBack }) };
		} finally {
			change.settled();
		}
	};
	const calls = createCalls({
		make: async (call, said) => {
			try {
				// The read-back in the same place: behind all calls that wait, it would come when nobody waits for it.
				return await slots.run(() => everywhere.run(() => provision(call, said)));
			} catch (error) {
				return { state: "failed", failure: failureOf(error) };
			}
		},
		ofNamespace: bounds.callsOfNamespace,
		timing,
		time,
	});
	return {
		knowledge,
		calls,
		used: 0,
		isIdle: () => knowledge.isIdle() && calls.isIdle() && slots.isIdle(),
		sweep: () => {
			knowledge.sweep();
			calls.sweep();
		},
		forget: () => {
			if (breaker.isOpen()) metrics.breakers(-1);
		},
	};
}

function readsOf(endpoint: Endpoint, { transport, metrics, timing, everywhere, failureOf, time }: PeerOptions) {
	/** No page begins after the deadline. Each has its own: that many of them take long is no failure of the proxy. */
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

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Reply {
	readonly success: boolean;
	readonly message: string;
	readonly assignedProxy?: string;
}

function senderOf(endpoint: Endpoint, { transport, timing }: PeerOptions) {
	return (call: AdminCall): Promise<Reply> => {
		if (call.verb === "create") {
			return transport.call(endpoint, createNamespace, creation(call), timing.createDeadlineMs);
		}
		if (call.verb === "assign") {
			return transport.call(endpoint, assignNamespace, assignment(call), timing.callDeadlineMs);
		}
		return transport.call(endpoint, revokeNamespace, revocation(call), timing.callDeadlineMs);
	};
}

/** Names that may stand in a status. */
const NAME = /^[\x21-\x7e]{1,253}$/;

const assignedProxy = ({ assignedProxy: name = "" }: Reply): { readonly assignedProxy?: string } =>
	NAME.test(name) ? { assignedProxy: name } : {};
