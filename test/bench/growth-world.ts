import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { controllerObject } from "../../kube/controllers.ts";
import { objectMap } from "../../kube/offline.ts";
import { rendezvous } from "../../kube/rendezvous-hashing.ts";
import { timestampOf } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { readConfig } from "../../server/config.ts";
import { type NamespaceProxy, TRAFFIC } from "../hooks/namespace-proxies.ts";
import { NamespaceWorld, roster } from "../hooks/namespace-world.ts";
import type { Given } from "./growth-proxies.ts";
import { applied, controllerOnWire, observed } from "./wire.ts";

// A cluster's PrismNamespaces and rosters as Metacontroller would send them, kept as pieces of text: a hundred thousand
// bodies of 40 KiB would not fit.

/** Instances of each shard. */
export const REPLICAS = 2;
/** Shards that match one selector. */
export const MATCHING = 16;
export const PER_SHARD = 200;

const NAMESPACE = "team";

export interface Tenant {
	readonly name: string;
	readonly group: number;
	/** The object without its status, as text that lacks its last brace. */
	readonly head: string;
	status: string | undefined;
	/** Shard that it is on; undefined: none yet. */
	readonly home: number | undefined;
}

export interface World {
	readonly shards: number;
	readonly tenants: readonly Tenant[];
	/** What the proxies have already. */
	readonly given: readonly Given[];
	/** The body of a sync of this one, now. */
	body(tenant: Tenant): Buffer;
	/** Takes an instance away, or brings it back; answers who is to be synced because of that. */
	setReady(shard: number, instance: number, ready: boolean): readonly Tenant[];
}

export const now = (): string => timestampOf(Date.now());

/** host:port at which an instance is called. */
export const addressOf = (shard: number, instance: number): string =>
	`${shardName(shard)}-${instance}.${shardName(shard)}-headless.${NAMESPACE}.svc:8981`;

const shardName = (shard: number): string => `prism-shard-${String(shard).padStart(3, "0")}`;
const groupOf = (shard: number): number => Math.floor(shard / MATCHING);
const productOf = (group: number): string => `product-${group}`;

/** How a body ends that relates to these. */
const endOf = (rosters: readonly KubeObject[]): Buffer =>
	Buffer.from(`,"attachments":{},"related":${JSON.stringify(objectMap(rosters))},"finalizing":false}`);

const parentOfRoster = (shard: number): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "PrismShard",
	metadata: { name: shardName(shard), namespace: NAMESPACE, uid: `uid-of-${shardName(shard)}` },
});

export interface WorldOptions {
	readonly count: number;
	/** The last of them have no status, and are on no proxy. */
	readonly fresh: number;
	/** Default: 200 on each. */
	readonly shards?: number;
	/** Instances of each shard. */
	readonly replicas?: number;
}

export const createWorld = ({
	count,
	fresh,
	shards = Math.ceil(count / PER_SHARD),
	replicas = REPLICAS,
}: WorldOptions): World => {
	const groups = Math.ceil(shards / MATCHING);
	const context: Context = { now: now(), installation: readConfig({}).installation };
	const unready = new Map<number, Set<number>>();
	const rosterOf = (shard: number): KubeObject =>
		roster({
			name: shardName(shard),
			namespace: NAMESPACE,
			replicas,
			product: productOf(groupOf(shard)),
			unready: [...(unready.get(shard) ?? [])],
		});
	const shardsOf = (group: number): number[] =>
		Array.from({ length: Math.min(MATCHING, shards - group * MATCHING) }, (_, index) => group * MATCHING + index);
	const relatedOf = (group: number): Buffer =>
		endOf(shardsOf(group).map((shard) => observed(rosterOf(shard), parentOfRoster(shard))));
	const related = Array.from({ length: groups }, (_, group) => relatedOf(group));
	const controller = JSON.stringify(
		controllerOnWire(
			controllerObject(prismNamespace, { origin: "http://prism-operator.prism-system.svc:8080", features: {} }),
		),
	);

	const given: Given[] = [];
	const seeded = (object: KubeObject, group: number) => {
		const owner = `${context.installation.clusterId}/${NAMESPACE}/${object.metadata.name}`;
		const candidates = shardsOf(group).map((shard) => ({
			shard,
			name: `${NAMESPACE}/${shardName(shard)}`,
			weight: 100,
		}));
		const shard = rendezvous(owner, candidates)?.shard ?? 0;
		const { status, given: theirs } = provisioned(object, rosterOf(shard), context);
		given.push(...theirs);
		return { home: shard, status: JSON.stringify(status) };
	};
	const tenants = Array.from({ length: count }, (_, index): Tenant => {
		const group = index % groups;
		const object = namespaceObject(index, group);
		const before = index < count - fresh ? seeded(object, group) : { home: undefined, status: undefined };
		const text = JSON.stringify(applied(object));
		return { name: object.metadata.name, group, head: text.slice(0, -1), ...before };
	});
	return {
		shards,
		tenants,
		given,
		body: ({ head, status, group }) =>
			Buffer.concat([
				Buffer.from(
					`{"controller":${controller},"object":${head}${status === undefined ? "" : `,"status":${status}`}}`,
				),
				related[group] ?? endOf([]),
			]),
		setReady: (shard, instance, ready) => {
			const away = unready.get(shard) ?? new Set();
			if (ready) away.delete(instance);
			else away.add(instance);
			unready.set(shard, away);
			const group = groupOf(shard);
			related[group] = relatedOf(group);
			return tenants.filter((tenant) => tenant.group === group);
		},
	};
};

const HOUR_MS = 3_600_000;
const CREATED = timestampOf(Date.now() - HOUR_MS);

const namespaceObject = (index: number, group: number): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "PrismNamespace",
	metadata: {
		name: `tenant-${String(index).padStart(6, "0")}`,
		namespace: NAMESPACE,
		uid: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
		generation: 1,
		creationTimestamp: CREATED,
		finalizers: ["metacontroller.io/decoratorcontroller-prismnamespace"],
	},
	spec: {
		backend: "postgres",
		pattern: "keyvalue",
		consistency: "strong",
		shard: { product: productOf(group) },
		rateLimit: { rps: 1000 },
	},
});

// ── Provisioning without a wire ─────────────────────────────────────────────────────────────────────────────────────

class Provisioning extends NamespaceWorld {
	override proxy(address: string): NamespaceProxy {
		return Object.assign(super.proxy(address), { figures: () => TRAFFIC });
	}
}

/** A namespace that came to rest on a shard: what its hook wrote, and what the shard's instances have. */
const provisioned = (object: KubeObject, home: KubeObject, { now: moment, ...operator }: Context) => {
	const world = Object.assign(new Provisioning(undefined), { object, now: moment, operator, related: [home] });
	for (let round = 0; round < 3; round += 1) world.sync();
	const given = [...world.proxies].flatMap(([address, { store }]) =>
		store.list().map(({ name, config, version, owner }) => ({ address, name, config, version, owner })),
	);
	return { status: world.status, given };
};
