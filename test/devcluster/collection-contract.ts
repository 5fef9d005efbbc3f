import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeleteOptions, Resource, Store } from "../../devcluster/store.ts";
import type { KubeObject, OwnerReference } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import type { Fixture } from "./store-contract.ts";
import { eventually } from "./store-subject.ts";
import { configMap } from "./widget.ts";

// What happens to objects whose owners go: the same cases for the stand-in in memory and for the real garbage collector.

const HOLD = "test.prism.io/hold";

/** `start` has a garbage collector running over the store. */
export const describeCollection = (where: string, start: () => Promise<Fixture>): void => {
	describe(`garbage collection, ${where}`, () => {
		const stops: (() => Promise<void>)[] = [];
		let store: Store;
		let configMaps: Resource;
		beforeAll(async () => {
			const fixture = await start();
			({ store } = fixture);
			configMaps = await store.resourceOf("v1", "ConfigMap");
			stops.push(() => fixture.stop());
		}, CLUSTER_TIMEOUT);
		afterAll(async () => {
			for (const stop of stops) await stop();
		});

		const make = (name: string, owners: readonly OwnerReference[] = [], finalizers: string[] = []) => {
			const object = configMap(name, {}, "default");
			return store.create({ ...object, metadata: { ...object.metadata, ownerReferences: [...owners], finalizers } });
		};
		const find = (name: string) => store.get(configMaps, "default", name);
		const end = (name: string, options?: DeleteOptions) => store.delete(configMaps, "default", name, options);
		const isGone = (name: string) => eventually(async () => expect(await find(name)).toBeUndefined());
		const release = async (name: string) => {
			const object = await find(name);
			const finalizers = object?.metadata.finalizers?.filter((finalizer) => finalizer !== HOLD) ?? [];
			if (object) await store.update({ ...object, metadata: { ...object.metadata, finalizers } });
		};

		test("in the background: dependents go after their owner, down to the last", async () => {
			const owner = await make("b-owner");
			const child = await make("b-child", [owned(owner)]);
			await make("b-grandchild", [owned(child)]);
			await end("b-owner");
			await isGone("b-child");
			await isGone("b-grandchild");
		});

		test("a dependent with another owner stays, and forgets the one that is gone", async () => {
			const [first, second] = [await make("s-first"), await make("s-second")];
			await make("s-child", [owned(first), owned(second)]);
			await end("s-first");
			await eventually(async () => {
				const owners = (await find("s-child"))?.metadata.ownerReferences?.map(({ name }) => name);
				expect(owners).toEqual(["s-second"]);
			});
			await end("s-second");
			await isGone("s-child");
		});

		test("in the foreground: the owner waits for its dependents, and they for theirs", async () => {
			const owner = await make("f-owner");
			const child = await make("f-child", [owned(owner)]);
			await make("f-grandchild", [owned(child)], [HOLD]);
			await end("f-owner", { propagationPolicy: "Foreground" });
			await eventually(async () => expect(await find("f-grandchild")).toHaveProperty("metadata.deletionTimestamp"));
			expect((await find("f-owner"))?.metadata.finalizers).toEqual(["foregroundDeletion"]);
			expect((await find("f-child"))?.metadata.finalizers).toEqual(["foregroundDeletion"]);
			await release("f-grandchild");
			await isGone("f-grandchild");
			await isGone("f-child");
			await isGone("f-owner");
		});

		test("in the foreground: a dependent that does not block is not waited for, but goes too", async () => {
			const owner = await make("n-owner");
			await make("n-child", [{ ...owned(owner), blockOwnerDeletion: false }], [HOLD]);
			await end("n-owner", { propagationPolicy: "Foreground" });
			await isGone("n-owner");
			await eventually(async () => expect(await find("n-child")).toHaveProperty("metadata.deletionTimestamp"));
			await release("n-child");
			await isGone("n-child");
		});

		test("orphaned: dependents stay and have no owner any more", async () => {
			const owner = await make("o-owner");
			await make("o-child", [owned(owner)]);
			await end("o-owner", { propagationPolicy: "Orphan" });
			await isGone("o-owner");
			expect((await find("o-child"))?.metadata.ownerReferences ?? []).toEqual([]);
		});

		test("what is born to an owner that never was goes at once", async () => {
			const owner = await make("u-owner");
			await make("u-child", [{ ...owned(owner), uid: "00000000-0000-4000-8000-ffffffffffff" }]);
			await isGone("u-child");
			expect(await find("u-owner")).toBeDefined();
		});

		test("an owner of a kind that is not watched is looked up", async () => {
			const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "w-owner", namespace: "default" } };
			const owner = await store.create(secret);
			await make("w-child", [owned(owner)]);
			await make("w-other", [{ ...owned(owner), name: "w-nobody" }]);
			await isGone("w-other");
			expect(await find("w-child")).toBeDefined();
		});

		test("nothing is deleted for an owner of a kind that nobody serves", async () => {
			const owner = {
				apiVersion: "nobody.io/v1",
				kind: "Nothing",
				name: "x",
				uid: "00000000-0000-4000-8000-eeeeeeeeeeee",
			};
			await make("k-child", [owner]);
			const marker = await make("k-marker-owner");
			await make("k-marker", [{ ...owned(marker), uid: "00000000-0000-4000-8000-dddddddddddd" }]);
			await isGone("k-marker");
			expect(await find("k-child")).toBeDefined();
		});
	});
};

const owned = ({ apiVersion, kind, metadata: { name, uid = "" } }: KubeObject): OwnerReference => ({
	apiVersion,
	kind,
	name,
	uid,
	controller: false,
	blockOwnerDeletion: true,
});
