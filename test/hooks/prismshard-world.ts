import { prismShard } from "../../hooks/prismshard/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { valueAt } from "../../kube/object.ts";
import type { InstanceAnswer, Question } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CompositeWorld } from "../world/world.ts";
import { NOW, object } from "./situations.ts";

// The world around a shard: pods that are ready or not, and instances that answer this or that.

export class ShardWorld extends CompositeWorld {
	readonly unready = new Set<string>();
	/** Of pods, where a test minds. */
	readonly uids = new Map<string, string>();
	readonly answers = new Map<string, InstanceAnswer>();

	constructor(spec: Record<string, unknown>, metadata: Partial<KubeObject["metadata"]> = {}) {
		super(prismShard, object("PrismShard", spec, { uid: "11111111-1111-1111-1111-111111111111", ...metadata }), NOW);
		this.isReady = (pod) => !this.unready.has(pod);
		this.uidOf = (pod) => this.uids.get(pod);
		this.told = (instance) => this.answers.get(instance);
	}

	/** What the instances would be asked now. */
	asked(): readonly Question[] {
		return this.outside(this.request()).answers.map(({ question }) => question);
	}

	override edit(changes: Record<string, unknown>): void {
		super.edit({ ...(this.object["spec"] as object), ...changes });
	}

	/** What an instance says from now on; its store and its namespaces stay as they are unless told. */
	tell(instance: string, changes: Partial<Extract<InstanceAnswer, { state: "known" }>>): void {
		const before = this.answers.get(instance);
		const known = before?.state === "known" ? before : { storeId: `store-of-${instance}`, namespaces: new Map() };
		this.answers.set(instance, { ...known, state: "known", readAt: this.now, ...changes });
	}

	child(kind: string): KubeObject | undefined {
		return this.children.find((child) => child.kind === kind);
	}

	/** What is at a path below a child. */
	at(kind: string, ...path: string[]): unknown {
		return valueAt(this.child(kind), ...path);
	}

	/** Changes a child as somebody else would: an autoscaler, a controller. */
	change(kind: string, change: (child: KubeObject) => KubeObject): void {
		this.children = this.children.map((child) => (child.kind === kind ? change(child) : child));
	}
}

export const spec = { backends: ["redis"], replicas: 3 };
export const reason = ({ object: shard }: ShardWorld) => conditionOf(shard, "Ready")?.reason;
export const settled = (changes: Record<string, unknown> = {}, related: KubeObject[] = []): ShardWorld => {
	const world = new ShardWorld({ ...spec, ...changes });
	world.related = related;
	world.settle();
	return world;
};
