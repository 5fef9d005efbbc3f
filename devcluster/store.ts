import type { KubeObject } from "../schemas/common.ts";

// The one door to a cluster's objects. Two things stand behind it: a real kube-apiserver (api-server.ts) and memory
// (memory.ts). Everything else in devcluster/ is written against this interface alone, so that it behaves alike over both.

/** One resource of the API, as discovery lists it. */
export interface Resource {
	readonly apiVersion: string;
	readonly kind: string;
	/** Plural name, as in the URL. */
	readonly resource: string;
	readonly namespaced: boolean;
}

export type WatchEvent =
	| { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: KubeObject }
	/** The watch can't go on from where it was (410 Gone, connection lost): list again. */
	| { readonly type: "EXPIRED" };

export interface DeleteOptions {
	/** Delete only if the object still has this uid; otherwise a 409. */
	uid?: string;
	propagationPolicy?: "Background" | "Foreground" | "Orphan";
	/** For a pod on a node: 0 removes it at once, otherwise it waits for its kubelet. */
	gracePeriodSeconds?: number;
}

export interface ApplyOptions {
	fieldManager: string;
	/** Validate and default, store nothing. */
	dryRun?: boolean;
}

/** An answer of the API that is not a success. `reason` is the API's own word: NotFound, Conflict, Invalid, ... */
export class ApiError extends Error {
	readonly status: number;
	readonly reason: string;
	constructor(status: number, reason: string, message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = "ApiError";
		this.status = status;
		this.reason = reason;
	}
}

export interface Store {
	/** The resource of a kind, from discovery. Throws ApiError 404 when the server does not have it (yet). */
	resourceOf(apiVersion: string, kind: string): Promise<Resource>;
	/** The resource with this plural name, from discovery. Throws ApiError 404 when the server does not have it (yet). */
	resourceNamed(apiVersion: string, resource: string): Promise<Resource>;

	/** undefined when there is no such object. */
	get(resource: Resource, namespace: string | undefined, name: string): Promise<KubeObject | undefined>;
	list(resource: Resource, namespace?: string): Promise<{ items: KubeObject[]; resourceVersion: string }>;
	/** Events after `resourceVersion`, until `signal` aborts or EXPIRED was delivered. Resolves when it has ended. */
	watch(
		resource: Resource,
		resourceVersion: string,
		onEvent: (event: WatchEvent) => void,
		signal: AbortSignal,
	): Promise<void>;

	create(object: KubeObject): Promise<KubeObject>;
	/** PUT of the whole object, status ignored where it is a subresource. A stale resourceVersion is a 409; without one
	 * the write is unconditional. */
	update(object: KubeObject): Promise<KubeObject>;
	/** PUT of the status subresource. A stale resourceVersion is a 409; without one the write is unconditional. */
	updateStatus(object: KubeObject): Promise<KubeObject>;
	/** JSON merge patch of an object: what `change` names is set, null removes. ApiError 404 when there is none. */
	patch(
		resource: Resource,
		namespace: string | undefined,
		name: string,
		change: Readonly<Record<string, unknown>>,
	): Promise<KubeObject>;
	/** Resolves also when the object is gone already. */
	delete(resource: Resource, namespace: string | undefined, name: string, options?: DeleteOptions): Promise<void>;
	/** Server-side apply with strict field validation, taking over conflicting fields. */
	apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
	close(): Promise<void>;
}
