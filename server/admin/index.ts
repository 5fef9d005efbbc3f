import type { Logger } from "pino";
import { Registry } from "prom-client";
import type { Time } from "../../kube/time.ts";
import type { AdminCall, Answer, CallOutcome, Failed, Instance, Question } from "../../schemas/admin.ts";
import { describeError } from "../sync-log.ts";
import { systemTime } from "../time.ts";
import { NO_TRACING, type Tracing } from "../tracing/tracing.ts";
import type { Admin } from "./admin.ts";
import { type Channels, createChannels } from "./channels.ts";
import { type AdminCredentials, NO_CREDENTIALS } from "./credentials.ts";
import { AdminError, failedAs } from "./failures.ts";
import { createLimiter } from "./limiter.ts";
import { type AdminMetrics, createAdminMetrics } from "./metrics.ts";
import { createPeer, type Peer, type PeerOptions } from "./peer.ts";
import { createReminders } from "./repeat-schedule.ts";
import { BOUNDS, type Bounds, TIMING, type Timing, within } from "./timing.ts";
import { createTransport } from "./transport.ts";

// The client of the proxies' admin API: one for all hooks, which share its cache for each proxy.

export interface AdminOptions {
	readonly log: Logger;
	/** undefined: no token, no TLS. */
	readonly credentials?: AdminCredentials;
	readonly metrics?: AdminMetrics;
	/** undefined: no tracing. */
	readonly tracing?: Tracing;
	/** host:port to connect to for an address; the authority of the call stays. For emulated proxies. */
	readonly resolve?: ((address: string) => string | undefined) | undefined;
	readonly timing?: Partial<Timing>;
	readonly bounds?: Partial<Bounds>;
	/** For a simulation; default: the system clock. */
	readonly time?: Time;
	/** Transport to the proxies, for a simulation; default: gRPC. */
	readonly channels?: Channels;
}

const SWEEP_MS = 30_000;

export function createAdmin({ log, credentials = NO_CREDENTIALS, ...options }: AdminOptions): Admin {
	const timing = { ...TIMING, ...options.timing };
	const bounds = { ...BOUNDS, ...options.bounds };
	const time = options.time ?? systemTime;
	const metrics = options.metrics ?? createAdminMetrics(new Registry());
	const channels =
		options.channels ??
		createChannels({
			credentials: credentials.channel,
			resolve: options.resolve ?? (() => undefined),
			atMost: bounds.channels,
			idleMs: timing.idleMs,
			counted: metrics.channels,
		});
	credentials.onChange(channels.renewAll);
	const transport = createTransport({
		channels,
		tokenOf: credentials.tokenOf,
		metrics,
		tracing: options.tracing ?? NO_TRACING,
		log,
		time,
	});
	const reminders = createReminders(timing, time);
	const peerOptions: PeerOptions = {
		log,
		reminders,
		transport,
		channels,
		metrics,
		timing,
		bounds,
		time,
		everywhere: createLimiter({
			atOnce: bounds.callsOfAll,
			waiting: bounds.waitingForAll,
			waitMs: timing.queueMs,
			time,
		}),
		failureOf: (error) => failureOf(log, error),
	};
	/** In the order of their last use. */
	const peers = new Map<string, Peer>();
	let closing: Promise<void> | undefined;

	const forget = (key: string, peer: Peer) => {
		peers.delete(key);
		peer.forget();
	};
	const peerOf = ({ address, namespace }: Instance): Peer => {
		// Keyed by namespace: a response to one token must not be visible to another.
		const key = `${namespace}/${address}`;
		const peer = peers.get(key) ?? createPeer({ address, namespace }, peerOptions);
		peers.delete(key);
		peers.set(key, peer);
		peer.used = time.monotonic();
		if (peers.size > bounds.channels) forgetOldest();
		return peer;
	};
	const forgetOldest = () => {
		for (const [key, peer] of peers) {
			// The current one becomes the last one.
			if (peer.isIdle()) return forget(key, peer);
		}
	};
	const sweep = () => {
		channels.closeIdle();
		reminders.sweep();
		const limit = time.monotonic() - timing.idleMs;
		for (const [key, peer] of peers) {
			peer.sweep();
			if (peer.used < limit && peer.isIdle()) forget(key, peer);
		}
	};
	const sweepLater = () =>
		time.after(Math.min(SWEEP_MS, timing.idleMs / 2), () => {
			sweep();
			stopSweeping = sweepLater();
		});
	let stopSweeping = sweepLater();

	const answer = async (question: Question, budgetMs: number): Promise<Answer> => {
		const { cache, remindInSeconds } = peerOf(question.instance);
		if (question.about === "instance") return { question, answer: await cache.instance(question, budgetMs) };
		const known = await cache.namespace(question, budgetMs);
		if (known.state !== "unverifiable") return { question, answer: known };
		return { question, answer: { ...known, remindInSeconds: remindInSeconds(question.namespaceId) } };
	};
	const outcomeOf = async (call: AdminCall, budgetMs: number): Promise<CallOutcome> => {
		if (closing !== undefined) return { state: "failed", failure: "Unreachable" };
		return peerOf(call.instance).calls.outcomeOf(call, budgetMs);
	};
	const close = async () => {
		stopSweeping();
		await within(time, Promise.all([...peers.values()].map(({ calls }) => calls.ended())), timing.closeMs);
		transport.close();
		for (const [key, peer] of peers) forget(key, peer);
		channels.renewAll();
		credentials.close();
	};
	return {
		ask: (questions, budgetMs) => Promise.all(questions.map((question) => answer(question, budgetMs))),
		execute: (calls, budgetMs) =>
			Promise.all(calls.map(async (call) => ({ call, outcome: await outcomeOf(call, budgetMs) }))),
		close: () => {
			closing ??= close();
			return closing;
		},
	};
}

/** An error that is no failure of a proxy is a bug: background work can only log it. */
function failureOf(log: Logger, error: unknown): Failed {
	if (error instanceof AdminError) return failedAs(error);
	log.error({ failure: describeError(error) }, "a call of a proxy's admin API failed unexpectedly");
	return { failure: "BadAnswer" };
}
