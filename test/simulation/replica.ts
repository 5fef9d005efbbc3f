import type { Logger } from "pino";
import type { HookReply } from "../../devcluster/metacontroller/webhook.ts";
import { type HookName, hookPath, hooksOf, isComposite, type Prepared, type Row } from "../../kube/hook.ts";
import { revisionOf } from "../../kube/revision-handoff.ts";
import type { Time } from "../../kube/time.ts";
import { timestampOf } from "../../kube/time.ts";
import type { Installation } from "../../schemas/installation.ts";
import type { CompositeRequest, CustomizeRequest, DecoratorRequest } from "../../schemas/metacontroller.ts";
import type { Admin } from "../../server/admin/admin.ts";
import type { Channels } from "../../server/admin/channels.ts";
import { createAdmin } from "../../server/admin/index.ts";
import { consult } from "../../server/hook-stages.ts";
import { NO_TRACING } from "../../server/tracing/tracing.ts";

// One process of the hook server, from the body of a request to that of its answer: the production stages and the
// production client of the admin API. What is left out is HTTP.

export interface Replica {
	/** The answer to a request. Never resolves once the replica is dead. */
	answer(path: string, body: unknown): Promise<HookReply>;
	isAlive(): boolean;
	kill(): void;
	/** Until it goes on, nothing in it moves; what it was told meanwhile it works on then. */
	pause(): void;
	goOn(): void;
}

export interface ReplicaOptions {
	readonly rows: readonly Row[];
	readonly installation: Installation;
	readonly time: Time;
	/** By how many milliseconds its clock on the wall is ahead. */
	readonly skewMs: () => number;
	readonly wire: (isAlive: () => boolean, time: Time) => Channels;
	readonly log: Logger;
	/** Called with each answer of a hook. */
	readonly onAnswer?: (row: Row, hook: HookName, request: unknown, answer: unknown) => void;
}

/** All replicas have the same: places that they wrote are proved by it, and others lead nowhere. */
const KEYS = ["a key of the installation"];

interface Route {
	readonly row: Row;
	readonly hook: HookName;
}

export const createReplica = (options: ReplicaOptions): Replica => {
	const { rows, installation, skewMs, wire, log, onAnswer } = options;
	const time = suspendable(options.time, skewMs);
	const admin = createAdmin({ log, time, channels: wire(time.isAlive, time) });
	const routes = new Map<string, Route>(
		rows.flatMap((row) => hooksOf(row).map((hook) => [hookPath(row, hook), { row, hook }] as const)),
	);
	const compute = async ({ row, hook }: Route, body: unknown): Promise<unknown> => {
		// One for all stages, as the server has it.
		const context = {
			now: timestampOf(time.now()),
			installation,
			revision: revisionOf("0.1.0", installation),
			keys: KEYS,
		};
		if (hook === "customize") return row.customize?.(body as CustomizeRequest);
		if (isComposite(row)) {
			const request = body as CompositeRequest;
			return row.prepare === undefined
				? row[hook]?.(request, context)
				: await staged(row.prepare(request, context), hook);
		}
		const request = body as DecoratorRequest;
		return row.prepare === undefined
			? row[hook]?.(request, context)
			: await staged(row.prepare(request, context), hook);
	};
	const staged = async <Response>(prepared: Prepared<Response>, hook: "sync" | "finalize"): Promise<Response> =>
		prepared[hook](await consult(prepared, surroundings(admin, time)));

	return {
		async answer(path, body) {
			await time.turn();
			const route = routes.get(path);
			if (route === undefined) return { status: 404, body: "" };
			const answer = await compute(route, body);
			await time.turn();
			onAnswer?.(route.row, route.hook, body, answer);
			return { status: 200, body: JSON.stringify(answer) };
		},
		isAlive: time.isAlive,
		kill: time.kill,
		pause: time.pause,
		goOn: time.goOn,
	};
};

const surroundings = (admin: Admin, time: Time) => ({
	admin,
	time,
	turns: { result: async <Value>(work: () => Value) => work() },
	tracing: NO_TRACING,
	staged: () => {},
	load: { aside: <Value>(work: Promise<Value>) => work },
});

interface Suspendable extends Time {
	/** Resolves at once, or when the process goes on, or never. */
	readonly turn: () => Promise<void>;
	readonly isAlive: () => boolean;
	readonly pause: () => void;
	readonly goOn: () => void;
	readonly kill: () => void;
}

/** Time of a process that can be stopped for a while, as by SIGSTOP, and for good. */
const suspendable = (time: Time, skewMs: () => number): Suspendable => {
	let alive = true;
	let paused = false;
	let waiting: (() => void)[] = [];
	const later = (run: () => void) => {
		if (!alive) return;
		if (paused) waiting.push(run);
		else run();
	};
	return {
		now: () => time.now() + skewMs(),
		monotonic: () => time.monotonic(),
		random: () => time.random(),
		after: (ms: number, run: () => void) => time.after(ms, () => later(run)),
		turn: () => new Promise<void>((resolve) => later(resolve)),
		isAlive: () => alive,
		pause() {
			paused = true;
		},
		goOn() {
			paused = false;
			const due = waiting;
			waiting = [];
			for (const run of due) run();
		},
		kill() {
			alive = false;
			waiting = [];
		},
	};
};
