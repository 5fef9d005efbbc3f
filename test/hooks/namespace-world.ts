import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { contentHash } from "../../kube/object.ts";
import { objectMap } from "../../kube/offline.ts";
import { millisOf, timestampOf } from "../../kube/time.ts";
import type {
	AdminCall,
	Answer,
	CallOutcome,
	CallResult,
	NamespaceAnswer,
	Outside,
	Question,
} from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { DecoratorRequest, DecoratorResponse } from "../../schemas/metacontroller.ts";
import type { Placement } from "../../schemas/prismnamespace.ts";
import { API_VERSION, ROSTER_LABELS, servesLabel } from "../../schemas/vocabulary.ts";
import { INSTALLATION } from "../installation.ts";
import { stagesOf } from "../stages.ts";
import { createNamespaceProxy, type NamespaceProxy } from "./namespace-proxies.ts";

// A world around the namespace's hook that a test drives by hand: emulated proxies, an object with
// compare-and-swap, and as much time and trouble as it likes.

export const START = "2026-01-01T00:00:00Z";

export interface RosterOptions {
	readonly name: string;
	readonly namespace?: string;
	readonly replicas?: number;
	readonly unready?: readonly number[];
	/** Of all instances. */
	readonly readySince?: string;
	readonly silentSince?: string;
	readonly weight?: number;
	readonly accepting?: boolean;
	readonly draining?: boolean;
	readonly deleting?: boolean;
	/** Of the roster itself. */
	readonly deletedAt?: string;
	readonly backends?: readonly string[];
	readonly product?: string;
	readonly controlPlane?: boolean;
	readonly allowed?: Record<string, unknown>;
}

/** A shard's roster; with `controlPlane` a stack's. */
export const roster = ({
	name,
	namespace = "team",
	replicas = 2,
	unready = [],
	readySince,
	silentSince,
	weight = 100,
	accepting = true,
	draining = false,
	deleting = false,
	deletedAt,
	backends = ["postgres"],
	product = "playback",
	controlPlane = false,
	allowed = { from: "Same" },
}: RosterOptions): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "PrismRoster",
	metadata: {
		name,
		namespace,
		...(deletedAt !== undefined && { deletionTimestamp: deletedAt }),
		labels: {
			[ROSTER_LABELS.product]: product,
			...Object.fromEntries(backends.map((backend) => [servesLabel(backend), "true"])),
		},
	},
	spec: {
		instances: Array.from({ length: replicas }, (_, index) => ({
			name: `${name}-${index}`,
			ready: !unready.includes(index),
			...(readySince !== undefined && { readySince }),
			...(silentSince !== undefined && { silentSince }),
		})),
		port: 8981,
		...(controlPlane && {
			controlPlane: {
				service: name.replace("-proxy", "-admin"),
				port: 8981,
				...(readySince !== undefined && { instances: [{ name: "admin-pod", ready: true, readySince }] }),
			},
		}),
		backends,
		weight,
		accepting,
		draining,
		deleting,
		allowedNamespaces: allowed,
	},
});

export class NamespaceWorld {
	now = START;
	object: KubeObject;
	rosters: KubeObject[] = [];
	finalized = false;
	readonly proxies = new Map<string, NamespaceProxy>();
	/** Every call that was made, with the places that the request named. */
	readonly calls: AdminCall[] = [];
	last: DecoratorResponse | undefined;
	/** What is attached to the object: its claims. */
	attachments: readonly KubeObject[] = [];
	/** Whether somebody else has the claims that it asks for. */
	claimsAreTaken = false;
	writes = 0;

	constructor(spec: unknown, metadata: Partial<KubeObject["metadata"]> = {}) {
		this.object = {
			apiVersion: API_VERSION,
			kind: "PrismNamespace",
			metadata: {
				name: "profiles",
				namespace: "team",
				uid: "11111111-1111-1111-1111-111111111111",
				generation: 1,
				creationTimestamp: START,
				finalizers: ["metacontroller.io/decoratorcontroller-prismnamespace"],
				...metadata,
			},
			spec,
		};
	}

	proxy(address: string): NamespaceProxy {
		const found = this.proxies.get(address) ?? createNamespaceProxy(address, () => this.now);
		this.proxies.set(address, found);
		return found;
	}

	/** The proxy that is the n-th instance of a roster in namespace team. */
	at(name: string, index: number): NamespaceProxy {
		return this.proxy(`${name}-${index}.${name}-headless.team.svc:8981`);
	}

	relate(...rosters: readonly RosterOptions[]): void {
		this.rosters = rosters.map(roster);
	}

	/** The control plane of stack dev in namespace team. */
	get admin(): NamespaceProxy {
		return this.proxy("dev-admin.team.svc:8981");
	}

	pass(seconds: number): void {
		this.now = timestampOf(millisOf(this.now) + seconds * 1000);
	}

	edit(spec: unknown): void {
		const { metadata } = this.object;
		this.object = { ...this.object, metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1 }, spec };
	}

	annotate(annotations: Record<string, string>): void {
		this.object = { ...this.object, metadata: { ...this.object.metadata, annotations } };
	}

	delete(): void {
		const { metadata } = this.object;
		this.object = {
			...this.object,
			metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1, deletionTimestamp: this.now },
		};
	}

	request(object = this.object): DecoratorRequest {
		return {
			controller: {},
			object,
			attachments: objectMap(this.attachments),
			related: objectMap(this.rosters),
			finalizing: object.metadata.deletionTimestamp !== undefined,
		};
	}

	/** Keys of the installation; undefined: offline, where whoever writes a status is believed. */
	keys: readonly string[] | undefined;

	get context(): Context {
		return { now: this.now, installation: INSTALLATION, ...(this.keys !== undefined && { keys: this.keys }) };
	}

	answer(question: Question): Answer {
		if (question.about === "instance") throw new Error("a namespace does not ask about whole instances");
		return { question, answer: this.read(question.instance.address, question.namespaceId) };
	}

	read(address: string, namespaceId: string): NamespaceAnswer {
		return this.proxy(address).read(namespaceId);
	}

	execute(call: AdminCall): CallOutcome {
		this.calls.push(call);
		return this.proxy(call.instance.address).execute(call);
	}

	/** One hook call, as the server makes it, and what Metacontroller does with the answer. */
	sync(): DecoratorResponse {
		if (this.finalized) throw new Error("the object is gone");
		const request = this.request();
		const { ask, decide } = stagesOf(prismNamespace);
		const answers = ask(request, this.context).map((question) => this.answer(question));
		const results: CallResult[] = decide(request, this.context, answers).map((call) => ({
			call,
			outcome: this.execute(call),
		}));
		return this.conclude(request, { answers, results });
	}

	conclude(request: DecoratorRequest, outside: Outside): DecoratorResponse {
		const hook = request.finalizing ? prismNamespace.finalize : prismNamespace.sync;
		const response = (hook ?? prismNamespace.sync)(request, this.context, outside);
		this.last = response;
		this.attach(response.attachments);
		if (response.finalized === true) this.finalized = true;
		else if (response.status !== undefined && contentHash(response.status) !== contentHash(this.object["status"])) {
			this.writes += 1;
			this.object = { ...this.object, status: response.status };
		}
		return response;
	}

	/** As Metacontroller: what exists already and is somebody else's is not created, and nobody is told. */
	private attach(wanted: readonly KubeObject[]): void {
		const has = (list: readonly KubeObject[], { metadata }: KubeObject) =>
			list.some((each) => each.metadata.name === metadata.name);
		this.attachments = wanted.filter((each) => !this.claimsAreTaken || has(this.attachments, each));
	}

	/** Syncs, each after the time that the last one asked for, until nothing changes for two of them; returns how many. */
	settle(most = 60): number {
		let quiet = 0;
		for (let count = 1; count <= most; count += 1) {
			const before = [this.writes, this.calls.length, this.attachments.length].join();
			const { resyncAfterSeconds = 0 } = this.sync();
			if (this.finalized) return count;
			if (!(resyncAfterSeconds > 0)) throw new Error("nobody would come back");
			this.pass(Math.ceil(resyncAfterSeconds));
			quiet = before === [this.writes, this.calls.length, this.attachments.length].join() ? quiet + 1 : 0;
			if (quiet === 2) return count;
		}
		throw new Error(`no rest within ${most} syncs: ${JSON.stringify(this.object["status"])}`);
	}

	get status(): Record<string, unknown> {
		return this.object["status"] as Record<string, unknown>;
	}

	get placements(): Placement[] {
		return (this.status["placements"] ?? []) as Placement[];
	}

	condition(type: string): Record<string, unknown> | undefined {
		const conditions = this.status["conditions"] as Record<string, unknown>[];
		return conditions.find((found) => found["type"] === type);
	}
}
