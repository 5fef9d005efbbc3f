import { millisOf, timestampOf } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";

// An object whose hook a test calls by hand: it is edited, annotated and deleted, its status is kept, and time passes.

export class HookWorld {
	now: string;
	object: KubeObject;

	constructor(now: string, object: KubeObject) {
		this.now = now;
		this.object = object;
	}

	pass(seconds: number): void {
		this.now = timestampOf(millisOf(this.now) + seconds * 1000);
	}

	edit(spec: unknown): void {
		this.object = { ...this.nextGeneration({}), spec };
	}

	annotate(annotations: Record<string, string>): void {
		const { metadata } = this.object;
		const all = { ...metadata.annotations, ...annotations };
		this.object = { ...this.object, metadata: { ...metadata, annotations: all } };
	}

	delete(): void {
		this.object = this.nextGeneration({ deletionTimestamp: this.now });
	}

	private nextGeneration(changes: Partial<KubeObject["metadata"]>): KubeObject {
		const { metadata } = this.object;
		return { ...this.object, metadata: { ...metadata, ...changes, generation: (metadata.generation ?? 0) + 1 } };
	}

	get status(): Record<string, unknown> {
		return this.object["status"] as Record<string, unknown>;
	}

	condition(type: string): Record<string, unknown> | undefined {
		const conditions = this.status["conditions"] as Record<string, unknown>[];
		return conditions.find((found) => found["type"] === type);
	}
}
