import { isDeepStrictEqual } from "node:util";
import { prismShard } from "../../hooks/prismshard/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { observedOf, valueAt } from "../../kube/object.ts";
import { objectMap, syncRequest } from "../../kube/offline.ts";
import type { InstanceAnswer, Question } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeResponse } from "../../schemas/metacontroller.ts";
import { INSTALLATION } from "../installation.ts";
import { endpointSlices, outsideOf, stored } from "../laws/cluster.ts";
import { HookWorld } from "./hook-world.ts";
import { NOW, object } from "./situations.ts";

// A shard in a world that one can change: pods that are ready or not, instances that say this or that, time that passes.
// What the hook answers is carried out at once, and counted as a write where it differs from what there is.

export class ShardWorld extends HookWorld {
	children: KubeObject[] = [];
	related: KubeObject[] = [];
	readonly unready = new Set<string>();
	/** Of pods, where a test minds. */
	readonly uids = new Map<string, string>();
	readonly answers = new Map<string, InstanceAnswer>();
	/** "PrismRoster": writes of objects of that kind, "status": those of the shard's own status. */
	readonly writes = new Map<string, number>();

	constructor(spec: Record<string, unknown>, metadata: Partial<KubeObject["metadata"]> = {}) {
		super(NOW, object("PrismShard", spec, { uid: "11111111-1111-1111-1111-111111111111", ...metadata }));
	}

	private call() {
		const finalizing = this.object.metadata.deletionTimestamp !== undefined;
		const slices = endpointSlices(
			this.children,
			(pod) => !this.unready.has(pod),
			(pod) => this.uids.get(pod),
		);
		const base = syncRequest(this.object, prismShard.children, this.children, [...this.related, ...slices]);
		return { request: { ...base, finalizing }, context: { now: this.now, installation: INSTALLATION } };
	}

	/** What the instances would be asked now. */
	asked(): readonly Question[] {
		const { request, context } = this.call();
		return prismShard.prepare?.(request, context).questions ?? [];
	}

	/** One call of the hook, and what Metacontroller does with the answer. */
	sync(): CompositeResponse {
		const { request, context } = this.call();
		const { finalizing } = request;
		const told = (name: string) => this.answers.get(name);
		const call = finalizing ? (prismShard.finalize ?? prismShard.sync) : prismShard.sync;
		const answer = call(request, context, outsideOf(prismShard, request, { context, told }));
		this.carryOut(answer);
		return answer;
	}

	private carryOut({ children, status, finalized }: CompositeResponse): void {
		if (finalized !== true) {
			const before = objectMap(this.children);
			this.children = children.map((child) => {
				const there = observedOf(before, child);
				const next = stored(child, this.object, there);
				if (!isDeepStrictEqual(next.metadata.annotations, there?.metadata.annotations)) this.count(child.kind);
				return next;
			});
		}
		if (!isDeepStrictEqual(JSON.parse(JSON.stringify(this.object["status"] ?? {})), JSON.parse(JSON.stringify(status))))
			this.count("status");
		this.object = { ...this.object, status };
	}

	private count(what: string): void {
		this.writes.set(what, (this.writes.get(what) ?? 0) + 1);
	}

	/** Syncs until nothing is written any more. */
	settle(): CompositeResponse {
		for (let round = 0; round < 6; round += 1) {
			this.writes.clear();
			const answer = this.sync();
			if (this.writes.size === 0) return answer;
		}
		throw new Error("the shard does not come to rest");
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
