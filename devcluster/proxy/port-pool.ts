import { isFree } from "../free-port.ts";

// Ports for proxies, one after the other. A port that was given up is free again only after all others: a client may still
// try it, and must find no other proxy there.

export interface Ports {
	/** The port of this key: the same as before, if no other key got it since. */
	take(key: string): Promise<number>;
	/** The port is free. */
	giveUp(key: string): void;
}

/**
 * Below where freePort looks. Processes that run at the same time have, as a rule, different parts of it; a fleet that is larger
 * than its part goes on in the others.
 */
const FIRST = 10_000;
const PARTS = 20;
const COUNT = 500;
const ALL = PARTS * COUNT;

/** Begins anywhere, so that a fleet does not get the ports of the one that has just ended. */
export const createPorts = (start = Math.floor(Math.random() * COUNT)): Ports => {
	const own = (process.pid % PARTS) * COUNT;
	const inUse = new Map<string, number>();
	const givenUp = new Map<string, number>();
	let next = start;
	const keep = (key: string, port: number): number => {
		for (const [former, theirs] of givenUp) if (theirs === port) givenUp.delete(former);
		inUse.set(key, port);
		return port;
	};
	/** All ports: first those of its own part, beginning where it was last. */
	const candidates = function* (): Generator<number> {
		for (let count = 0; count < COUNT; count += 1) {
			const port = FIRST + own + next;
			next = (next + 1) % COUNT;
			yield port;
		}
		for (let count = COUNT; count < ALL; count += 1) yield FIRST + ((own + count) % ALL);
	};
	const another = async (key: string): Promise<number> => {
		const before = new Set(inUse.values());
		for (const port of candidates()) {
			if (before.has(port) || !(await isFree(port))) continue;
			// Another key may have got it meanwhile.
			if (![...inUse.values()].includes(port)) return keep(key, port);
		}
		throw new Error(`cannot find a free port from ${FIRST} to ${FIRST + ALL - 1}`);
	};
	return {
		async take(key) {
			const used = inUse.get(key);
			if (used !== undefined) return used;
			const former = givenUp.get(key);
			return former !== undefined && (await isFree(former)) ? keep(key, former) : another(key);
		},
		giveUp(key) {
			const port = inUse.get(key);
			if (port === undefined) return;
			inUse.delete(key);
			givenUp.set(key, port);
		},
	};
};
