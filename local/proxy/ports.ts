import { isFree } from "../free-port.ts";

// Ports for proxies, one after the other. A port that was given up is free again only after all others: somebody may still
// try it, and must find nobody there.

export interface Ports {
	/** The port of this key: the same as before, if nobody else has got it since. */
	take(key: string): Promise<number>;
	/** Nobody is there any more. */
	giveUp(key: string): void;
}

/** Below where freePort looks. Processes that run at the same time have, as a rule, different parts of it. */
const FIRST = 10_000;
const PARTS = 20;
const COUNT = 500;

/** Begins anywhere, so that a fleet does not get the ports of the one that has just ended. */
export const createPorts = (start = Math.floor(Math.random() * COUNT)): Ports => {
	const first = FIRST + (process.pid % PARTS) * COUNT;
	const inUse = new Map<string, number>();
	const givenUp = new Map<string, number>();
	let next = start;
	const keep = (key: string, port: number): number => {
		for (const [former, theirs] of givenUp) if (theirs === port) givenUp.delete(former);
		inUse.set(key, port);
		return port;
	};
	const another = async (key: string, tries = COUNT): Promise<number> => {
		if (tries === 0) throw new Error(`cannot find a free port from ${first} to ${first + COUNT - 1}`);
		const port = first + next;
		next = (next + 1) % COUNT;
		const isTaken = [...inUse.values()].includes(port) || !(await isFree(port));
		return isTaken ? another(key, tries - 1) : keep(key, port);
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
