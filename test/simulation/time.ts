import type { Clock, Time } from "../../kube/time.ts";
import type { Chance } from "./chance.ts";

// The time of a world: it passes only when nothing is left to do, and what is due at the same moment comes in an order
// that chance decides. All of a world runs in microtasks between two of its moments.

export interface WorldTime extends Clock, Time {
	/** Lets time pass up to this moment. Resolves earlier when `enough` says so, after any of the moments before. */
	passUntil(moment: number, enough?: () => boolean): Promise<void>;
	/** Moves the clock on the wall, and nothing else. */
	jump(ms: number): void;
	/** How many moments there were. */
	moments(): number;
}

interface Timer {
	readonly at: number;
	readonly order: number;
	run: (() => void) | undefined;
}

export const createWorldTime = (start: number, chance: Chance): WorldTime => {
	const timers = createHeap();
	let passed = 0;
	let offset = 0;
	let moments = 0;
	const after = (ms: number, run: () => void) => {
		const timer: Timer = { at: passed + Math.max(0, ms), order: chance.next(), run };
		timers.add(timer);
		return () => {
			timer.run = undefined;
		};
	};
	return {
		now: () => start + Math.floor(passed) + offset,
		monotonic: () => passed,
		after,
		random: () => chance.next(),
		jump(ms) {
			offset += ms;
		},
		moments: () => moments,
		async passUntil(moment, enough = () => false) {
			const end = moment - start;
			await allElse();
			for (;;) {
				const next = timers.first();
				if (next === undefined || next.at > end) break;
				timers.removeFirst();
				if (next.run === undefined) continue;
				passed = Math.max(passed, next.at);
				moments += 1;
				next.run();
				await allElse();
				if (enough()) return;
			}
			passed = Math.max(passed, end);
		},
	};
};

/** Nothing here waits for a disk or a network, so that no microtask is left when an immediate runs. */
const allElse = () => new Promise<void>((resolve) => setImmediate(resolve));

// ── Timers by their time ────────────────────────────────────────────────────────────────────────────────────────────

const isBefore = (left: Timer, right: Timer) => (left.at === right.at ? left.order < right.order : left.at < right.at);

/** A binary heap. */
const createHeap = () => {
	const items: Timer[] = [];
	const swapIfBefore = (child: number, parent: number): boolean => {
		const [low, high] = [items[child], items[parent]];
		if (low === undefined || high === undefined || !isBefore(low, high)) return false;
		items[child] = high;
		items[parent] = low;
		return true;
	};
	const smallerChild = (parent: number): number => {
		const [left, right] = [items[2 * parent + 1], items[2 * parent + 2]];
		return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * parent + 2 : 2 * parent + 1;
	};
	return {
		first: (): Timer | undefined => items[0],
		add(timer: Timer): void {
			let index = items.push(timer) - 1;
			while (index > 0 && swapIfBefore(index, (index - 1) >> 1)) index = (index - 1) >> 1;
		},
		removeFirst(): void {
			const last = items.pop();
			if (last === undefined || items.length === 0) return;
			items[0] = last;
			let index = 0;
			for (let child = smallerChild(index); swapIfBefore(child, index); child = smallerChild(index)) index = child;
		},
	};
};
