import { describe, expect, it } from "vitest";
import { prismNamespace } from "../../../hooks/prismnamespace/index.ts";
import { TRAFFIC } from "../namespace-proxies.ts";
import { NamespaceWorld, roster } from "../namespace-world.ts";
import { PRISM_NAMESPACE_SITUATIONS } from "../prismnamespace-situations.ts";

const SPEC = { backend: "postgres", pattern: "keyvalue" };
const SHARD = "prism-playback";

const onShard = (spec: unknown = SPEC, replicas = 2): NamespaceWorld => {
	const world = new NamespaceWorld(spec);
	world.related = [roster({ name: SHARD, replicas })];
	world.settle();
	return world;
};

const verbs = (world: NamespaceWorld, from = 0): string[] =>
	world.calls.slice(from).map(({ verb, instance }) => `${verb} ${instance.name}`);

describe("reasons", () => {
	it.each(PRISM_NAMESPACE_SITUATIONS)("$condition.reason: $title", ({ world: make, condition, phase }) => {
		const world = make();
		const { type = "Ready", ...expected } = condition;
		expect(world.condition(type)).toMatchObject(expected);
		expect(world.status["phase"]).toBe(phase);
	});
});

describe("provisioning", () => {
	it("writes the place first, and calls only what it wrote", () => {
		const world = new NamespaceWorld(SPEC);
		world.related = [roster({ name: SHARD })];
		world.sync();
		expect(world.calls).toEqual([]);
		expect(world.placements.map(({ roster: name, state }) => [name, state])).toEqual([[SHARD, "Assigning"]]);
		world.sync();
		expect(verbs(world)).toEqual([`assign ${SHARD}-0`, `assign ${SHARD}-1`]);
		expect(world.status).toMatchObject({
			prismInstances: [`${SHARD}-0`, `${SHARD}-1`],
			shard: "playback",
			state: "Active",
		});
	});

	it("makes exactly one call for each instance, and none when all is as it should be", () => {
		const world = onShard();
		const writes = world.statusWrites;
		expect(world.calls).toHaveLength(2);
		for (const _ of [1, 2, 3]) {
			world.pass(400);
			world.sync();
		}
		expect(world.calls).toHaveLength(2);
		expect(world.statusWrites).toBe(writes);
	});

	it("corrects one instance that was changed, lost it, or has a fresh volume, and no other", () => {
		const world = onShard();
		world.at(SHARD, 1).store.tamper("profiles", { config: {} });
		world.pass(300);
		world.sync();
		expect(verbs(world, 2)).toEqual([`assign ${SHARD}-1`]);
		world.at(SHARD, 0).store.wipe();
		world.pass(300);
		world.sync();
		expect(verbs(world, 3)).toEqual([`assign ${SHARD}-0`]);
		expect(world.status["lastSyncedAt"]).toBe(world.now);
	});

	it("brings an edit to every instance", () => {
		const world = onShard();
		world.edit({ ...SPEC, quotas: { maxKeys: 7 } });
		world.settle();
		for (const index of [0, 1])
			expect(world.at(SHARD, index).store.get("profiles")?.config.metadata).toMatchObject({ max_keys: "7" });
		expect(world.condition("Ready")).toMatchObject({ status: "True", observedGeneration: 2 });
	});

	it("is not Ready at a new generation before the instances say so", () => {
		const world = onShard();
		for (const index of [0, 1]) world.at(SHARD, index).trouble = { kind: "down", failure: "Unreachable" };
		world.edit({ ...SPEC, quotas: { maxKeys: 7 } });
		world.sync();
		expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "InstancesUnreachable" });
		expect(world.status["phase"]).toBe("Degraded");
	});

	it("gives an instance that joins what the others have, once it is written ahead", () => {
		const world = onShard();
		world.related = [roster({ name: SHARD, replicas: 3 })];
		world.sync();
		expect(world.calls).toHaveLength(2);
		expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "Progressing" });
		world.settle();
		expect(verbs(world, 2)).toEqual([`assign ${SHARD}-2`]);
	});

	it("says all that spec says to the proxies", () => {
		const world = onShard({
			namespaceId: "acme-prod",
			displayName: "ACME",
			backend: "postgres",
			pattern: "keyvalue",
			patterns: ["pubsub"],
			consistency: "strong",
			backendConfig: { connection_string: "postgres://db:5432/profiles", pool_size: 20 },
			caching: { enabled: true, ttl: "300s" },
			rateLimit: { rps: 10_000 },
			quotas: { maxKeys: 5, maxConnections: 6, rateLimit: { burstSize: 8 } },
			auth: { oidcIssuer: "https://auth.example.com", oidcClientId: "acme", serviceAccounts: ["b", "a"] },
			tags: { tenant: "acme" },
			ttl: "720h",
		});
		expect(world.at(SHARD, 0).store.get("acme-prod")?.config).toEqual({
			backends: {
				postgres: {
					backendType: "postgres",
					connectionString: "postgres://db:5432/profiles",
					options: { pool_size: "20" },
				},
			},
			patterns: { keyvalue: { patternName: "keyvalue" }, pubsub: { patternName: "pubsub" } },
			auth: {
				enabled: true,
				provider: "oidc",
				options: { issuer: "https://auth.example.com", client_id: "acme", service_accounts: "a,b" },
			},
			metadata: {
				owner: "test/team/profiles",
				display_name: "ACME",
				consistency: "strong",
				max_keys: "5",
				max_connections: "6",
				rate_limit_rps: "10000",
				rate_limit_burst: "8",
				cache_enabled: "true",
				cache_ttl_seconds: "300",
				"tag.tenant": "acme",
			},
		});
		expect(world.status["expiresAt"]).toBe("2026-01-31T00:00:00Z");
	});

	it("asks a control plane to create, and repeats what it does not know the end of as an assignment", () => {
		const world = new NamespaceWorld({ proxyRef: { name: "dev-proxy" } });
		world.related = [roster({ name: "dev-proxy", controlPlane: true })];
		const admin = world.proxy("dev-admin.team.svc:8981");
		admin.trouble = { kind: "commitsAndFails" };
		world.sync();
		world.sync();
		expect(verbs(world)).toEqual(["create dev-admin"]);
		admin.store.wipe();
		admin.trouble = undefined;
		world.settle();
		expect(verbs(world, 1)).toEqual(["assign dev-admin"]);
		expect(world.condition("Ready")).toMatchObject({ status: "True" });
		expect(world.status["shard"]).toBe("dev-proxy");
	});
});

describe("moving", () => {
	it("never happens because an instance is not ready, or a shard is full", () => {
		const world = onShard();
		world.related = [roster({ name: SHARD, unready: [0, 1], accepting: false }), roster({ name: "prism-other" })];
		world.settle();
		expect(world.placements.map(({ roster: name }) => name)).toEqual([SHARD]);
	});

	it("makes the new place before it breaks the old one, and forgets that only when no late call can arrive", () => {
		const world = onShard();
		world.related = [roster({ name: SHARD, draining: true }), roster({ name: "prism-other" })];
		world.at("prism-other", 0).trouble = { kind: "down", failure: "Unreachable" };
		for (const _ of [1, 2, 3]) world.sync();
		expect(world.at(SHARD, 0).store.list().length).toBe(1);
		expect(world.placements.map(({ roster: name, state }) => `${name} ${state}`)).toEqual([
			"prism-other Assigning",
			`${SHARD} Active`,
		]);
		world.at("prism-other", 0).trouble = undefined;
		for (const _ of [1, 2, 3]) world.sync();
		expect(world.at(SHARD, 0).store.list().length).toBe(0);
		expect(world.placements.map(({ state }) => state)).toEqual(["Active", "Revoking"]);
		expect(world.condition("Ready")).toMatchObject({
			status: "True",
			message: "2 of 2 ready instances of other have the namespace; being revoked from playback",
		});
		world.pass(25);
		world.settle();
		expect(world.placements.map(({ roster: name }) => name)).toEqual(["prism-other"]);
	});

	it("stays where it is when a changed selector matches nothing", () => {
		const world = onShard();
		world.edit({ ...SPEC, shard: { product: "nothing" } });
		world.related = [];
		world.settle();
		expect(world.at(SHARD, 0).store.list().length).toBe(1);
		expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "NoMatchingShard" });
		expect(world.condition("Warning")?.["message"]).toBe(
			"The namespace stays on playback until there is another place",
		);
	});
});

describe("ownership", () => {
	it("never changes or revokes what belongs to somebody else", () => {
		const world = new NamespaceWorld(SPEC);
		world.related = [roster({ name: SHARD, replicas: 1 })];
		const { store } = world.at(SHARD, 0);
		store.put({ name: "profiles", config: {}, owner: "other/a/b", version: 1 }, "");
		const theirs = store.get("profiles");
		world.settle();
		world.delete();
		world.sync();
		expect(world.calls).toEqual([]);
		expect(world.finalized).toBe(true);
		expect(store.get("profiles")).toBe(theirs);
	});

	it("gives way to a newer generation", () => {
		const world = onShard();
		world.at(SHARD, 0).store.tamper("profiles", { config: {}, version: 9e15 });
		world.sync();
		expect(world.calls).toHaveLength(2);
	});
});

describe("the end", () => {
	it("takes it away from every instance, once", () => {
		const world = onShard();
		world.delete();
		world.sync();
		expect(verbs(world, 2)).toEqual([`revoke ${SHARD}-0`, `revoke ${SHARD}-1`]);
		expect(world.finalized).toBe(true);
		expect([...world.proxies.values()].every(({ store }) => store.list().length === 0)).toBe(true);
	});

	it("lets go of an instance that can't be reached for a minute", () => {
		const world = onShard();
		world.at(SHARD, 1).trouble = { kind: "down", failure: "Unreachable" };
		world.delete();
		world.sync();
		world.pass(59);
		world.sync();
		expect(world.finalized).toBe(false);
		world.pass(2);
		world.sync();
		expect(world.finalized).toBe(true);
	});

	it.each([
		["the proxies are gone", (world: NamespaceWorld) => world.relate()],
		["their roster says that they go", (world: NamespaceWorld) => world.relate({ name: "dev-proxy", deleting: true })],
		["it is forced", (world: NamespaceWorld) => world.annotate({ "prism.io/force-delete": "true" })],
	])("lets go at once when %s", (_, happen) => {
		const world = new NamespaceWorld({ proxyRef: { name: "dev-proxy" } });
		world.related = [roster({ name: "dev-proxy" })];
		world.settle();
		for (const proxy of world.proxies.values()) proxy.trouble = { kind: "down", failure: "Unreachable" };
		happen(world);
		world.delete();
		world.sync();
		expect(world.finalized).toBe(true);
	});

	it("is not held up by a pause, nor by a spec that can't be carried out", () => {
		const world = onShard();
		world.edit({ ...SPEC, backendConfig: { url: "postgres://me:secret@db" } });
		world.annotate({ "prism.io/paused": "true" });
		world.delete();
		world.sync();
		expect(world.finalized).toBe(true);
		expect(world.at(SHARD, 0).store.list().length).toBe(0);
	});

	it("revokes nothing when the object merely is no longer decorated", () => {
		const world = onShard();
		const answer = prismNamespace.finalize?.(world.request(), world.context);
		expect(answer).toEqual({ attachments: [], finalized: true, resyncAfterSeconds: 10 });
	});

	it("revokes at the end of its ttl, keeps the object, and comes back when the ttl is raised", () => {
		const world = onShard({ ...SPEC, ttl: "1h" });
		world.pass(3600);
		world.settle();
		expect(world.at(SHARD, 0).store.list().length).toBe(0);
		expect(world.status["phase"]).toBe("Expired");
		world.pass(60);
		world.edit({ ...SPEC, ttl: "10h" });
		world.settle();
		expect(world.condition("Ready")).toMatchObject({ status: "True" });
	});
});

describe("a ttl", () => {
	it.each([
		["1h", "2026-01-01T01:00:00Z"],
		["90m30s", "2026-01-01T01:30:30Z"],
		["182145701h", "9999-12-31T23:59:59Z"],
		[`${"9".repeat(31)}h`, "9999-12-31T23:59:59Z"],
	])("of %s ends at %s", (ttl, end) => {
		expect(onShard({ ...SPEC, ttl }).status["expiresAt"]).toBe(end);
	});
});

describe("quiet", () => {
	it("moves no status with figures more often than every 10 minutes, and rounds them", () => {
		const world = onShard();
		const tell = (requestsPerSecond: number) => {
			for (const index of [0, 1])
				world.at(SHARD, index).figures = () => ({ ...TRAFFIC, requestsPerSecond, keys: 42_351, p99LatencyMs: 8.31 });
		};
		tell(617.3);
		world.sync();
		expect(world.status["metrics"]).toMatchObject({
			currentKeys: 42_000,
			requestRate: 1200,
			rps: 1200,
			p99Latency: "8.3ms",
		});
		const { statusWrites: writes } = world;
		for (let minute = 0; minute < 9; minute += 1) {
			world.pass(60);
			tell(minute);
			world.sync();
		}
		expect(world.statusWrites).toBe(writes);
		world.pass(120);
		world.sync();
		expect(world.statusWrites).toBe(writes + 1);
	});

	it("changes nothing while paused", () => {
		const world = onShard();
		world.annotate({ "prism.io/paused": "true" });
		world.related = [roster({ name: SHARD, draining: true }), roster({ name: "prism-other" })];
		world.at(SHARD, 0).store.wipe();
		world.settle();
		expect(world.calls).toHaveLength(2);
		expect(world.placements.map(({ roster: name }) => name)).toEqual([SHARD]);
	});
});
