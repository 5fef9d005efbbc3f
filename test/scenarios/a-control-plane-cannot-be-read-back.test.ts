import { describe, expect, it } from "vitest";
import { secondsAfter } from "../../kube/time.ts";
import type { NamespaceWorld } from "../hooks/namespace-world.ts";
import { unseen } from "../hooks/prismnamespace-situation.ts";

// A namespace on a control plane with the manners of the one that exists: what it is sent, when it is sent it once more, and who has
// an identifier where nobody can look.

const verbs = ({ calls }: NamespaceWorld): string[] => calls.map(({ verb }) => verb);

const syncs = (world: NamespaceWorld, ...seconds: readonly number[]): void => {
	for (const second of seconds) {
		world.sync();
		world.pass(second);
	}
};

const settled = (...given: Parameters<typeof unseen>): NamespaceWorld => {
	const world = unseen(...given);
	world.settle();
	return world;
};

const due = (world: NamespaceWorld): void => {
	world.admin.trouble = { kind: "prismAdmin", remindInSeconds: 0 };
};

describe("a control plane that can't be read back", () => {
	it("is sent a namespace once, by a creation, and not before it is claimed", () => {
		const world = unseen();
		syncs(world, 1, 1);
		expect(world.calls).toEqual([]);
		expect(world.children.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([["ConfigMap", "team"]]);
		world.settle();
		expect(verbs(world)).toEqual(["create"]);
		expect(world.status).toMatchObject({
			phase: "Active",
			health: "Unknown",
			proxyStatus: "Unknown",
			prismInstances: ["dev-proxy-7"],
			assignedProxy: "dev-proxy-7",
		});
	});

	it("is sent every edit, by a creation", () => {
		const world = settled();
		world.edit({ proxyRef: { name: "dev-proxy" }, quotas: { maxKeys: 7 } });
		world.settle();
		expect(verbs(world)).toEqual(["create", "create"]);
		expect(world.admin.store.get("profiles")?.config.metadata).toMatchObject({ max_keys: "7" });
		expect(world.condition("Ready")?.["observedGeneration"]).toBe(2);
	});

	it("is sent it once more when that is due, which no status tells", () => {
		const world = settled();
		world.admin.store.wipe();
		const { statusWrites: writes } = world;
		due(world);
		const before = JSON.stringify(world.status);
		syncs(world, 240);
		expect(verbs(world)).toEqual(["create", "create"]);
		expect(world.calls[1]).toMatchObject({ again: true });
		expect(world.admin.store.get("profiles")).toBeDefined();
		expect(JSON.stringify(world.status)).toBe(before);
		expect(world.statusWrites).toBe(writes);
	});

	it("is looked at when it is due, not later", () => {
		const world = settled();
		world.admin.trouble = { kind: "prismAdmin", remindInSeconds: 77 };
		expect(world.sync().resyncAfterSeconds).toBe(77);
		due(world);
		expect(world.sync().resyncAfterSeconds).toBe(240);
	});

	it.each(["commitsAndFails", "refuses"] as const)(
		"is sent it again after a call of which nobody knows: %s",
		(kind) => {
			const world = settled();
			due(world);
			world.admin.trouble = kind === "refuses" ? { kind, message: "raft: no leader" } : { kind };
			world.read = () => ({ state: "unverifiable", remindInSeconds: 0 });
			world.sync();
			expect(world.condition("Ready")?.["status"]).toBe("False");
			world.admin.trouble = { kind: "prismAdmin" };
			world.read = () => ({ state: "unverifiable", remindInSeconds: 200 });
			world.settle();
			expect(verbs(world)).toEqual(["create", "create", "create"]);
			expect(world.condition("Ready")?.["status"]).toBe("True");
		},
	);

	it("stays Ready while it is being sent it once more", () => {
		const world = settled();
		const { statusWrites: writes } = world;
		world.admin.trouble = { kind: "slow" };
		world.read = () => ({ state: "unverifiable", remindInSeconds: 0 });
		syncs(world, 1, 1);
		expect(world.statusWrites).toBe(writes);
		expect(world.condition("Ready")?.["status"]).toBe("True");
	});

	it("is sent it again after it was silent", () => {
		const world = settled();
		world.admin.trouble = { kind: "down", failure: "Unreachable" };
		syncs(world, 1);
		expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "InstancesUnreachable" });
		world.admin.trouble = { kind: "prismAdmin" };
		syncs(world, 1);
		expect(verbs(world)).toEqual(["create", "create"]);
	});

	it("is sent it at once when its pods are others", () => {
		const world = settled();
		world.relate({ name: "dev-proxy", controlPlane: true, readySince: secondsAfter(world.now, -1) });
		world.settle();
		expect(verbs(world)).toEqual(["create", "create"]);
	});

	it("is sent it once more by an operator that finds what the release before accepted", () => {
		const world = settled();
		// As it was written without claims.
		world.children = [];
		const [place] = world.placements;
		const [known] = place?.instances ?? [];
		expect(known).toMatchObject({ state: "Accepted", accepted: world.status["digest"] });
		syncs(world, 1);
		expect(world.condition("Ready")).toMatchObject({ status: "True", reason: "Unverified" });
		world.settle();
		expect(world.children).toHaveLength(1);
		expect(world.placements[0]).not.toHaveProperty("claimingSince");
		expect(world.condition("Ready")?.["status"]).toBe("True");
	});

	it("keeps its claim while it does not answer, and loses it once all can be read back", () => {
		const world = settled();
		world.admin.trouble = { kind: "down", failure: "Unreachable" };
		syncs(world, 1);
		expect(world.children).toHaveLength(1);
		world.admin.trouble = undefined;
		world.admin.store.wipe();
		world.settle();
		expect(world.children).toEqual([]);
		expect(world.condition("Ready")).toMatchObject({ status: "True", reason: "NamespaceReady" });
	});

	it("shows words that take a yes back, for as long as it is so", () => {
		const world = settled();
		world.edit({ proxyRef: { name: "dev-proxy" }, quotas: { maxKeys: 7 } });
		const execute = world.execute.bind(world);
		world.execute = (call) => ({ ...execute(call), reservation: "quotas are not supported" }) as never;
		syncs(world, 1);
		world.execute = execute;
		syncs(world, 1, 1);
		expect(world.condition("Warning")?.["message"]).toBe(
			"Instance dev-admin accepted the namespace, and reports: quotas are not supported",
		);
	});
});

describe("an identifier that another object claims", () => {
	const loser = (): NamespaceWorld => {
		const world = unseen();
		world.isTaken = () => true;
		syncs(world, 1, 10, 1, 30, 30);
		expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "NamespaceIdTaken" });
		return world;
	};

	it("is never sent anything, nor revoked", () => {
		const world = loser();
		world.edit({ proxyRef: { name: "dev-proxy" }, quotas: { maxKeys: 7 } });
		due(world);
		syncs(world, 1, 60);
		world.admin.trouble = { kind: "down", failure: "Unreachable" };
		syncs(world, 60, 60);
		world.delete();
		syncs(world, 30, 31);
		world.sync();
		expect(world.finalized).toBe(true);
		expect(world.calls).toEqual([]);
	});

	it("is let go of at once when it is deleted", () => {
		const world = loser();
		world.delete();
		world.sync();
		expect(world.finalized).toBe(true);
		expect(world.calls).toEqual([]);
	});

	it("is had once the other object is gone", () => {
		const world = loser();
		world.isTaken = () => false;
		world.settle();
		expect(verbs(world)).toEqual(["create"]);
		expect(world.condition("Ready")?.["status"]).toBe("True");
	});
});

describe("an object of another Kubernetes namespace", () => {
	const theirs = (allowed: Record<string, unknown>) => settled({}, {}, { metadata: { namespace: "theirs" }, allowed });

	it("is sent nowhere where nobody can look, unless the owner of the place says so", () => {
		expect(theirs({ from: "All" }).calls).toEqual([]);
		expect(theirs({ from: "All" }).children).toEqual([]);
		const closed = theirs({ from: "All" });
		closed.admin.trouble = { kind: "down", failure: "Unreachable" };
		syncs(closed, 1);
		closed.delete();
		syncs(closed, 61);
		closed.sync();
		expect(closed.finalized).toBe(true);
		expect(closed.calls).toEqual([]);
		const world = theirs({ from: "All", unverified: true });
		expect(verbs(world)).toEqual(["create"]);
		expect(world.children.map(({ metadata }) => metadata.namespace)).toEqual(["theirs"]);
	});
});

describe("a deletion", () => {
	it("names the proxy that was chosen, says that the record stays, and lets the object go", () => {
		const world = settled();
		world.delete();
		const { resyncAfterSeconds } = world.sync();
		expect(world.calls.at(-1)).toMatchObject({ verb: "revoke", proxyId: "dev-proxy-7" });
		expect(world.condition("Ready")?.["reason"]).toBe("Revoking");
		expect(resyncAfterSeconds).toBe(10);
		expect(world.children).toHaveLength(1);
		world.pass(9);
		world.sync();
		expect(world.finalized).toBe(false);
		world.admin.trouble = { kind: "down", failure: "Unreachable" };
		world.pass(1);
		world.sync();
		expect(world.finalized).toBe(true);
		expect(world.children).toEqual([]);
		expect(verbs(world)).toEqual(["create", "revoke"]);
	});

	it("says so too where no reading is late enough yet, as in the second of the deletion", () => {
		const world = settled();
		world.delete();
		world.read = () => ({ state: "unknown", failure: "DeadlineExceeded" });
		world.sync();
		expect(world.finalized).toBe(false);
		expect(world.condition("Ready")?.["message"]).toMatch(
			/^The record stays on dev-admin \(Namespace revocation not yet/,
		);
		world.pass(10);
		world.sync();
		expect(world.finalized).toBe(true);
		expect(verbs(world)).toEqual(["create", "revoke"]);
	});

	it("is done at once where what was revoked is read back, whatever else was said", () => {
		const world = settled();
		world.delete();
		world.read = () => ({ state: "unknown", failure: "DeadlineExceeded" });
		const readBack = { state: "known", readAt: world.now, record: undefined } as const;
		world.execute = () => ({ state: "done", readBack, reservation: "not yet implemented" });
		world.sync();
		expect(world.finalized).toBe(true);
	});

	it("keeps its claims when it is merely no longer decorated", () => {
		const world = settled();
		const { attachments } = world.conclude({ ...world.request(), finalizing: true }, { answers: [], results: [] });
		expect(attachments).toHaveLength(1);
	});
});
