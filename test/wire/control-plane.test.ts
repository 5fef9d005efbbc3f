import { afterEach, describe, expect, it } from "vitest";
import { createFaults } from "../../devcluster/proxy/faults.ts";
import type { EmulatedProxy } from "../../devcluster/proxy/service.ts";
import { recordsAt } from "../../kube/object.ts";
import { DIALECTS } from "../dialects.ts";
import { roster } from "../hooks/namespace-world.ts";
import { endAll, type Wire, wiredTo } from "./wired.ts";

// The namespace's hook and the production client, and a stack's control plane at the other end of the wire: with the manners of the one
// that exists, and with those of the contract.

const SPEC = { proxyRef: { name: "dev-proxy" }, quotas: { maxKeys: 5 } };
const GROUP = "team/dev";
const CREATE = "ControlPlane.CreateNamespace";
/** Instead of minutes, so that a reminder can be waited for. */
const REMIND_MS = 2000;
const TIMEOUT = { timeout: 40_000 };

const member = (index: number) =>
	({ name: `dev-admin-${index}`, namespace: "team", kind: "controlPlane", group: GROUP, peers: 3 }) as const;
const proxy = (name: string) => ({ name, namespace: "team", kind: "proxy", addresses: [], group: GROUP }) as const;

afterEach(endAll);

describe.each(DIALECTS)("a control plane that speaks %s", (dialect) => {
	const isReal = dialect === "prism-admin";
	const wired = (proxies: readonly string[] = ["dev-proxy-0"]): Promise<Wire> =>
		wiredTo({
			members: [
				{
					name: "dev-admin",
					namespace: "team",
					kind: "controlPlane",
					addresses: ["dev-admin.team.svc:8981"],
					group: GROUP,
					faults: createFaults(dialect),
				},
				...proxies.map(proxy),
			],
			rosters: [roster({ name: "dev-proxy", controlPlane: true })],
			spec: SPEC,
			timing: { remindMs: REMIND_MS },
		});
	const planeOf = ({ fleet }: Wire): EmulatedProxy => {
		const plane = fleet.proxy("team/dev-admin");
		if (plane === undefined) throw new Error("the control plane does not run");
		return plane;
	};
	const keysAt = (wire: Wire) => planeOf(wire).store.get("profiles")?.config.metadata?.["max_keys"];
	const readyOf = ({ world }: Wire) => world.condition("Ready");

	it("has the namespace after one creation, and the conditions say what is known", TIMEOUT, async () => {
		const wire = await wired();
		await wire.settle();
		expect(keysAt(wire)).toBe("5");
		expect(planeOf(wire).calls(CREATE)).toBe(1);
		expect(readyOf(wire)).toMatchObject({ status: "True", reason: isReal ? "Unverified" : "NamespaceReady" });
		expect(wire.world.condition("QuotasEnforced")).toMatchObject({ status: isReal ? "Unknown" : "True" });
		expect(wire.world.status).toMatchObject({ assignedProxy: "dev-proxy-0" });
	});

	it("waits for a proxy that registers", TIMEOUT, async () => {
		const wire = await wired([]);
		for (let count = 0; count < 4; count += 1) await wire.sync();
		expect(readyOf(wire)?.["message"]).toMatch(/dev-admin: has no registered proxy$/);
		await wire.fleet.start(proxy("dev-proxy-9"));
		await wire.settle();
		expect(wire.world.status).toMatchObject({ assignedProxy: "dev-proxy-9" });
	});

	it.each(["unavailable", "reset"] as const)("has it where the answer is lost: %s", TIMEOUT, async (afterwards) => {
		const wire = await wired();
		planeOf(wire).faults.set(CREATE, { kind: "committed", afterwards }, 1);
		await wire.settle();
		expect(keysAt(wire)).toBe("5");
		// What can't be read back is sent once more.
		expect(planeOf(wire).calls(CREATE)).toBe(isReal ? 2 : 1);
	});

	it("says no in its own words, and has the edit once it says yes", TIMEOUT, async () => {
		const wire = await wired();
		await wire.settle();
		planeOf(wire).faults.set("ControlPlane", { kind: "refusing", message: "raft: no leader" });
		wire.world.edit({ ...SPEC, quotas: { maxKeys: 6 } });
		for (let count = 0; count < 3; count += 1) await wire.sync();
		expect(readyOf(wire)).toMatchObject({
			reason: "ProvisioningRefused",
			message: "Rejected by instances: dev-admin: raft: no leader",
		});
		expect(keysAt(wire)).toBe("5");
		planeOf(wire).faults.clear();
		await wire.settle();
		expect(keysAt(wire)).toBe("6");
	});

	it("has it again after it lost its data, and nobody hears of that where nobody can look", TIMEOUT, async () => {
		const wire = await wired();
		await wire.settle();
		const { statusWrites: writes } = wire.world;
		await wire.fleet.restart("team/dev-admin", { freshVolume: true });
		const deadline = performance.now() + 15_000;
		while (keysAt(wire) !== "5" && performance.now() < deadline) {
			await new Promise((resolve) => setTimeout(resolve, 300));
			await wire.sync();
		}
		expect(keysAt(wire)).toBe("5");
		await wire.settle();
		if (isReal) expect(wire.world.statusWrites).toBe(writes);
	});

	it("lets a deleted object go, and the record stays where it can't be revoked", TIMEOUT, async () => {
		const wire = await wired();
		await wire.settle();
		wire.world.delete();
		await wire.sync();
		if (isReal)
			expect(readyOf(wire)?.["message"]).toBe(
				"The record stays on dev-admin (Namespace revocation not yet implemented), and the object is deleted anyway",
			);
		await wire.settle();
		expect(wire.world.finalized).toBe(true);
		expect(keysAt(wire)).toBe(isReal ? "5" : undefined);
	});
});

describe.each(DIALECTS)("three control planes of a Raft cluster that speak %s", (dialect) => {
	/** The members behind their Service, which leads to the first that runs; they have all the same records. */
	const wired = (): Promise<Wire> =>
		wiredTo({
			members: [
				...[0, 1, 2].map((index) => ({
					...member(index),
					addresses: index === 0 ? ["dev-admin.team.svc:8981"] : [],
					volume: "raft",
					faults: createFaults(dialect),
				})),
				proxy("dev-proxy-0"),
			],
			rosters: [roster({ name: "dev-proxy", controlPlane: true })],
			spec: SPEC,
			timing: { remindMs: REMIND_MS },
		});
	const readyOf = ({ world }: Wire) => world.condition("Ready");
	const until = (wire: Wire, message: string): Promise<void> => {
		const synced = async () => {
			await wire.sync();
			return readyOf(wire)?.["message"];
		};
		return expect.poll(synced, { timeout: 15_000, interval: 200 }).toBe(message);
	};
	const LEADERLESS = "dev-admin: answers UNAVAILABLE: no leader elected";
	const instanceOf = ({ world }: Wire) => recordsAt(recordsAt(world.status, "placements")[0], "instances")[0];

	it(
		"say that there is no leader where the majority is gone, and accept the namespace once it is back",
		TIMEOUT,
		async () => {
			const wire = await wired();
			for (const index of [1, 2]) await wire.fleet.stop(`team/dev-admin-${index}`);
			await until(wire, `Instances unavailable: ${LEADERLESS}`);
			expect(readyOf(wire)).toMatchObject({ status: "False", reason: "InstancesUnreachable" });
			expect(instanceOf(wire)).toMatchObject({
				state: "Waiting",
				cause: "Unavailable",
				message: "UNAVAILABLE: no leader elected",
			});
			// Nobody takes it for dead: every hook calls it.
			const rpc = dialect === "prism-admin" ? CREATE : "ControlPlane.AssignNamespace";
			const calls = wire.fleet.proxy("team/dev-admin-0")?.calls(rpc) ?? 0;
			await expect
				.poll(async () => (await wire.sync()).outcomes, { timeout: 10_000 })
				.toMatchObject([{ state: "failed", failure: "Unavailable" }]);
			expect(wire.fleet.proxy("team/dev-admin-0")?.calls(rpc)).toBeGreaterThan(calls);
			const { statusWrites: writes } = wire.world;
			for (let count = 0; count < 3; count += 1) await wire.sync();
			expect(wire.world.statusWrites).toBe(writes);
			await wire.fleet.restart("team/dev-admin-1");
			await wire.settle();
			expect(readyOf(wire)).toMatchObject({ status: "True" });
		},
	);

	it("say of one that is gone altogether that it does not answer", TIMEOUT, async () => {
		const wire = await wired();
		await wire.settle();
		wire.world.edit({ ...SPEC, quotas: { maxKeys: 6 } });
		for (const index of [0, 1, 2]) await wire.fleet.stop(`team/dev-admin-${index}`);
		await until(wire, "Instances unreachable: dev-admin: does not answer");
		for (const index of [0, 1, 2]) await wire.fleet.restart(`team/dev-admin-${index}`);
		await wire.settle();
	});
});
