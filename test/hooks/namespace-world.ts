import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import type { AdminCall, Answer, CallOutcome, NamespaceAnswer, Question } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { DecoratorResponse } from "../../schemas/metacontroller.ts";
import type { Placement } from "../../schemas/prismnamespace.ts";
import { API_VERSION, ROSTER_LABELS, servesLabel } from "../../schemas/vocabulary.ts";
import { DecoratorWorld } from "../world/world.ts";
import { createNamespaceProxy, type NamespaceProxy } from "./namespace-proxies.ts";

// The world around a namespace: rosters, emulated proxies, and as much trouble with them as a test likes.

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

export class NamespaceWorld extends DecoratorWorld {
	readonly proxies = new Map<string, NamespaceProxy>();
	/** Every call that was made, with the places that the request named. */
	readonly calls: AdminCall[] = [];

	constructor(spec: unknown, metadata: Partial<KubeObject["metadata"]> = {}) {
		const object = {
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
		super(prismNamespace, object, START);
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
		this.related = rosters.map(roster);
	}

	/** The control plane of stack dev in namespace team. */
	get admin(): NamespaceProxy {
		return this.proxy("dev-admin.team.svc:8981");
	}

	/** Of the installation; without any, as offline, whoever writes a status is believed. */
	set keys(keys: readonly string[]) {
		this.operator = { ...this.operator, keys };
	}

	override answer(question: Question): Answer {
		if (question.about === "instance") throw new Error("a namespace does not ask about whole instances");
		return { question, answer: this.read(question.instance.address, question.namespaceId) };
	}

	read(address: string, namespaceId: string): NamespaceAnswer {
		return this.proxy(address).read(namespaceId);
	}

	override execute(call: AdminCall): CallOutcome {
		this.calls.push(call);
		return this.proxy(call.instance.address).execute(call);
	}

	/** Syncs, each after the time that the last one asked for, until nothing changes for two of them. */
	override settle(most = 60): DecoratorResponse {
		let quiet = 0;
		for (let count = 0; count < most; count += 1) {
			const before = this.changes();
			const response = this.sync();
			if (this.finalized) return response;
			const { resyncAfterSeconds = 0 } = response;
			if (!(resyncAfterSeconds > 0)) throw new Error("nobody would come back");
			this.pass(Math.ceil(resyncAfterSeconds));
			quiet = before === this.changes() ? quiet + 1 : 0;
			if (quiet === 2) return response;
		}
		throw new Error(`no rest within ${most} syncs: ${JSON.stringify(this.object["status"])}`);
	}

	private changes(): string {
		return [this.statusWrites, this.calls.length, this.children.length].join();
	}

	get placements(): Placement[] {
		return (this.status["placements"] ?? []) as Placement[];
	}
}
