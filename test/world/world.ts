import { isDeepStrictEqual } from "node:util";
import { stringify } from "safe-stable-stringify";
import type { ChildKind, CompositeRow, DecoratorRow } from "../../kube/hook.ts";
import { observedOf } from "../../kube/object.ts";
import { objectMap, syncRequest } from "../../kube/offline.ts";
import { millisOf, timestampOf } from "../../kube/time.ts";
import type { AdminCall, Answer, CallOutcome, InstanceAnswer, Outside, Question } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	DecoratorRequest,
	DecoratorResponse,
} from "../../schemas/metacontroller.ts";
import { INSTALLATION } from "../installation.ts";
import type { Hooks } from "../stages.ts";
import { decorating } from "./decorators.ts";
import { endpointSlices, stored } from "./stored.ts";

// The world around one object whose hook a test calls by hand: requests as Metacontroller composes them, proxies that answer,
// children and a status that are there at the next sync, and time that passes when it is told to. It has no caches, no queue and
// no chance: the world that has them is test/simulation/world.ts.

interface Answered {
	readonly status?: Record<string, unknown> | null;
	readonly finalized?: boolean;
}

interface HookRow<Request, Response> extends Hooks<Request, Response> {
	readonly children: readonly ChildKind[];
}

abstract class World<
	Row extends HookRow<Request, Response>,
	Request extends { readonly finalizing: boolean },
	Response extends Answered,
> {
	readonly row: Row;
	now: string;
	object: KubeObject;
	/** Of the operator that answers. */
	operator: Omit<Context, "now"> = { installation: INSTALLATION };
	/** What the object relates to; a slice with endpoints of its pods replaces the one that it has by itself. */
	related: readonly KubeObject[] = [];
	/** Children or attachments, as they are stored. */
	children: readonly KubeObject[] = [];
	finalized = false;
	last: Response | undefined;
	/** "PrismRoster": writes of children of that kind, "status": those of the object's own status. */
	readonly writes = new Map<string, number>();

	/** What an instance says of itself; undefined: that all is well. */
	told: (instance: string) => InstanceAnswer | undefined = () => undefined;
	isReady: (pod: string) => boolean = () => true;
	uidOf: (pod: string) => string | undefined = () => undefined;
	/** Whether somebody else's object has the name of a child: Metacontroller does not create the child, and tells nobody. */
	isTaken: (child: KubeObject) => boolean = () => false;
	/** A child as it is read back. */
	written: typeof stored = stored;

	constructor(row: Row, object: KubeObject, now: string) {
		this.row = row;
		this.object = object;
		this.now = now;
	}

	// ── The object ────────────────────────────────────────────────────────────────────────────────────────────────────

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

	// ── One sync ──────────────────────────────────────────────────────────────────────────────────────────────────────

	get context(): Context {
		return { now: this.now, ...this.operator };
	}

	abstract request(object?: KubeObject): Request;

	protected composed(object: KubeObject): CompositeRequest {
		const finalizing = object.metadata.deletionTimestamp !== undefined;
		return { ...syncRequest(object, this.row.children, this.children, this.relatedNow()), finalizing };
	}

	protected relatedNow(): readonly KubeObject[] {
		return [...endpointSlices(this.children, this.isReady, this.uidOf), ...this.related];
	}

	protected abstract childrenOf(response: Response): readonly KubeObject[];

	answer(question: Question): Answer {
		if (question.about === "namespace") return { question, answer: { state: "unknown", failure: "Unreachable" } };
		const { name } = question.instance;
		const metrics = { requestsPerSecond: 123.4, p99LatencyMs: 5.67 };
		const well = {
			state: "known",
			readAt: this.now,
			namespaces: new Map(),
			metrics,
			storeId: `store-of-${name}`,
		} as const;
		return { question, answer: this.told(name) ?? well };
	}

	execute(_call: AdminCall): CallOutcome {
		return { state: "failed", failure: "Unreachable" };
	}

	/** What the proxies say to what the hook asks, and what becomes of its calls. */
	outside(request: Request): Outside {
		const prepared = this.row.prepare?.(request, this.context);
		const answers = (prepared?.questions ?? []).map((question) => this.answer(question));
		const calls = prepared?.decide?.(answers) ?? [];
		return { answers, results: calls.map((call) => ({ call, outcome: this.execute(call) })) };
	}

	/** The answer of sync, or of finalize for an object that is being deleted. */
	respond(request = this.request(), outside = this.outside(request)): Response {
		const { sync, finalize = sync } = this.row;
		return (request.finalizing ? finalize : sync)(request, this.context, outside);
	}

	/** One call of the hook, and what Metacontroller does with the answer. */
	sync(): Response {
		if (this.finalized) throw new Error("the object is gone");
		return this.conclude(this.request());
	}

	conclude(request: Request, outside?: Outside): Response {
		const response = this.respond(request, outside);
		this.carryOut(response);
		return response;
	}

	protected carryOut(response: Response): void {
		this.last = response;
		this.write(this.childrenOf(response));
		if (response.finalized === true) this.finalized = true;
		else if (response.status) this.writeStatus(response.status);
	}

	private write(children: readonly KubeObject[]): void {
		const before = objectMap(this.children);
		this.children = children.flatMap((child) => {
			const there = observedOf(before, child);
			if (there === undefined && this.isTaken(child)) return [];
			const next = this.written(child, this.object, there);
			if (!isDeepStrictEqual(next.metadata.annotations, there?.metadata.annotations)) this.count(child.kind);
			return [next];
		});
	}

	protected writeStatus(answered: Record<string, unknown>): void {
		const status = asRead(answered);
		if (isDeepStrictEqual(status, this.object["status"])) return;
		this.count("status");
		this.object = { ...this.object, status };
	}

	private count(what: string): void {
		this.writes.set(what, (this.writes.get(what) ?? 0) + 1);
	}

	get statusWrites(): number {
		return this.writes.get("status") ?? 0;
	}

	/** Syncs, so many seconds apart, until an answer repeats itself. */
	settle(most = MOST_ROUNDS, seconds = 0, onAnswer: (answer: Response) => void = () => {}): Response {
		let last: string | undefined;
		for (let round = 0; round < most; round += 1) {
			const response = this.respond();
			onAnswer(response);
			const text = stringify([this.childrenOf(response), response.status]);
			if (text === last) return response;
			last = text;
			this.carryOut(response);
			this.pass(seconds);
		}
		throw new Error(`no fixed point within ${most} syncs: ${last}`);
	}
}

const MOST_ROUNDS = 8;

/** A status as it comes back from the API server. */
export const asRead = (status: Record<string, unknown>) =>
	JSON.parse(JSON.stringify(status)) as Record<string, unknown>;

/** Around the parent of a CompositeController, or of a decorator that is spoken to as one. */
export class CompositeWorld extends World<CompositeRow, CompositeRequest, CompositeResponse> {
	request(parent = this.object): CompositeRequest {
		return this.composed(parent);
	}

	protected childrenOf({ children }: CompositeResponse): readonly KubeObject[] {
		return children;
	}

	/** The last status is written too, for those who hold the parent with finalizers of their own. */
	protected override carryOut(response: CompositeResponse): void {
		super.carryOut(response);
		if (response.finalized === true) this.writeStatus(response.status);
	}
}

/** Around the object of a DecoratorController. */
export class DecoratorWorld extends World<DecoratorRow, DecoratorRequest, DecoratorResponse> {
	request(object = this.object): DecoratorRequest {
		return decorating(this.composed(object));
	}

	protected childrenOf({ attachments }: DecoratorResponse): readonly KubeObject[] {
		return attachments;
	}
}
