import { afterAll, beforeAll, describe } from "vitest";
import type { Store } from "../../devcluster/store.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { describeApply } from "./store-contract-apply.ts";
import { describeChange } from "./store-contract-change.ts";
import { describeCreation } from "./store-contract-create.ts";
import { describeReading } from "./store-contract-read.ts";
import { prepare, type Subject } from "./store-subject.ts";

// What every Store promises. The same cases run in memory and against a real kube-apiserver: where the two differ, the
// one in memory is wrong.

export interface Fixture {
	readonly store: Store;
	stop(): Promise<void>;
}

export const describeStore = (where: string, start: () => Promise<Fixture>): void => {
	describe(`the contract of a store, ${where}`, () => {
		let fixture: Fixture | undefined;
		let prepared: Subject | undefined;
		// The cases are declared before there is a store: each reads what it needs of it when it runs.
		const now = () => {
			if (!prepared) throw new Error("the store was not started");
			return prepared;
		};
		const subject: Subject = {
			get store() {
				return now().store;
			},
			get widgets() {
				return now().widgets;
			},
			get configMaps() {
				return now().configMaps;
			},
			get pods() {
				return now().pods;
			},
			get: (object) => now().get(object),
			watching: (...request) => now().watching(...request),
		};
		beforeAll(async () => {
			fixture = await start();
			prepared = await prepare(fixture.store);
		}, CLUSTER_TIMEOUT);
		afterAll(() => fixture?.stop());
		for (const part of [describeCreation, describeChange, describeReading, describeApply]) part(subject);
	});
};
