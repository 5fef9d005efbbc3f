import { readdirSync } from "node:fs";
import { join } from "node:path";
import { REGISTRY } from "../../hooks/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { BACKEND_CONFIG_SITUATIONS } from "../hooks/backendconfig-situations.ts";
import { TRAFFIC } from "../hooks/namespace-proxies.ts";
import { NamespaceWorld } from "../hooks/namespace-world.ts";
import { answerTo } from "../hooks/situations.ts";

// Objects of every kind with the statuses that hooks gave them.

const GOLDEN = join(import.meta.dirname, "../golden");
export const CREATED = "2026-01-01T00:00:00Z";

/** As the API server has them: what it adds is added. */
export const stored = (object: KubeObject, index: number): KubeObject => ({
	...object,
	metadata: {
		creationTimestamp: CREATED,
		uid: `uid-${index}`,
		generation: 1,
		namespace: "default",
		...object.metadata,
	},
});

/** Namespaces that the hook brought to rest on proxies, and one that goes. */
const namespaces = (): KubeObject[] => {
	const world = new NamespaceWorld({ backend: "postgres", ttl: "24h" });
	world.relate({ name: "prism-a", replicas: 1 });
	world.settle();
	world.at("prism-a", 0).figures = () => ({ ...TRAFFIC, keys: 7, requestsPerSecond: 1.5, p99LatencyMs: 3 });
	world.pass(60);
	world.settle();
	const there = world.object;
	world.delete();
	return [there, world.object];
};

const backends = (): KubeObject[] =>
	BACKEND_CONFIG_SITUATIONS.map((situation) => ({ ...situation.parent, status: answerTo(situation).status }));

/** The same, after `kubectl delete`. */
export const deleted = (object: KubeObject): KubeObject => ({
	...object,
	metadata: { ...object.metadata, deletionTimestamp: CREATED },
});

const KINDS = new Set(REGISTRY.map(({ parent }) => parent.kind));
export const LIVING: readonly KubeObject[] = [
	...readdirSync(GOLDEN, { recursive: true, encoding: "utf8" })
		// What was recorded is one call of a hook, and no object.
		.filter((file) => file.endsWith(".out.yaml") && !file.startsWith("recorded-"))
		.flatMap((file) => readManifests(join(GOLDEN, file)).map(({ object }) => object)),
	...namespaces(),
	...backends(),
].filter(({ kind }) => KINDS.has(kind));
