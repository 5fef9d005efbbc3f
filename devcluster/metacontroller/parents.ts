import { controllerOf } from "../../kube/object.ts";
import { selects } from "../../kube/selectors.ts";
import type { KubeObject, OwnerReference } from "../../schemas/common.ts";
import type { Informer, InformerEvent } from "../controllers/informer.ts";
import { clientGoLimiter, createQueue, type Outcome } from "../controllers/work-queue.ts";
import { sameJson } from "../json.ts";
import type { ChildKind } from "./children.ts";
import type { ControllerModel, ParentRule, Webhook } from "./controllers.ts";
import { type Customize, createCustomize } from "./customize.ts";
import { type Finalizer, finalizerOf, hasFinalizer, syncFinalizer } from "./finalizer.ts";
import { describe, groupOf, messageOf } from "./objects.ts";
import type { Runtime } from "./runtime.ts";
import { TooManyRequests } from "./webhook.ts";

// What both kinds of controller have in common: which parents they care about, what brings a parent into the queue,
// and what becomes of a sync that failed. For development and tests only.

export interface ParentKind {
	readonly rule: ParentRule;
	readonly informer: Informer;
}

/** The parent kinds. Throws when the server does not have one of them. */
export const parentKindsOf = ({ store, informers }: Runtime, { parents }: ControllerModel): Promise<ParentKind[]> =>
	Promise.all(
		parents.map(async (rule) => ({
			rule,
			informer: await informers.get(await store.resourceNamed(rule.apiVersion, rule.resource)),
		})),
	);

export interface Sync {
	readonly parent: KubeObject;
	readonly kind: ParentKind;
	/** The finalize hook if there is one and the parent is being deleted or no longer selected, else the sync hook. */
	readonly hook: Webhook;
	readonly finalizing: boolean;
	readonly finalizer: Finalizer;
	readonly customize: Customize;
	/** Syncs this parent once more after so many seconds. */
	readonly resyncAfter: (seconds: number | undefined) => void;
}

interface Options {
	readonly runtime: Runtime;
	readonly controller: ControllerModel;
	readonly parents: readonly ParentKind[];
	readonly children: readonly ChildKind[];
	/** The parents that an orphan might belong to. */
	readonly adopters: (orphan: KubeObject) => KubeObject[];
	readonly sync: (sync: Sync) => Promise<void>;
}

const matches = ({ rule }: ParentKind, { metadata }: KubeObject): boolean =>
	selects(rule.labelSelector, metadata.labels) && selects(rule.annotationSelector, metadata.annotations);

const keyOf = ({ apiVersion, kind, metadata }: KubeObject): string =>
	[apiVersion, kind, metadata.namespace ?? "", metadata.name].join(":");

/** What of a parent counts when changes of its status do not. */
const relevant = ({ metadata: { generation, labels, annotations } }: KubeObject) => [generation, labels, annotations];

/** Informers bring everything up again that often, whether it changed or not. */
const RESYNC_MS = 30 * 60_000;

export const runController = (options: Options): { stop(): Promise<void> } => {
	const { runtime, controller, parents, children, adopters } = options;
	const { clock, activity, log, events, stats, workers } = runtime;
	// A caller that stopped while the caches were being filled does not wait for this controller any more.
	runtime.signal.throwIfAborted();
	const finalizer = finalizerOf(controller);

	const kindOf = ({ apiVersion, kind }: Pick<KubeObject, "apiVersion" | "kind">) =>
		parents.find(
			({ informer: { resource } }) => resource.kind === kind && groupOf(resource.apiVersion) === groupOf(apiVersion),
		);
	const isOurs = (kind: ParentKind, parent: KubeObject) => matches(kind, parent) || hasFinalizer(parent, finalizer);

	// ── Work ─────────────────────────────────────────────────────────────────────────────────────────────────────────

	const work = async (key: string): Promise<Outcome> => {
		// A version has no colon, a namespace neither: what follows the third one is the name.
		const [apiVersion = "", kindName = "", namespace = "", ...name] = key.split(":");
		const kind = kindOf({ apiVersion, kind: kindName });
		const parent = kind?.informer.get(namespace === "" ? undefined : namespace, name.join(":"));
		if (!kind || !parent || !isOurs(kind, parent)) return "done";
		stats.syncs += 1;
		try {
			await syncParent(kind, parent);
			return "done";
		} catch (error) {
			return failed(parent, error);
		}
	};

	const syncParent = async (kind: ParentKind, cached: KubeObject) => {
		// Before anything else, so that there is a chance to clean up after what else is done.
		const parent = await syncFinalizer(runtime, kind.informer.resource, cached, finalizer).catch((cause: unknown) => {
			throw new Error(`cannot sync the finalizer of ${describe(cached)}: ${messageOf(cause)}`, { cause });
		});
		if (!isOurs(kind, parent)) return;
		const isLeaving = parent.metadata.deletionTimestamp !== undefined || !matches(kind, parent);
		const finalize = isLeaving ? controller.finalize : undefined;
		await options.sync({
			parent,
			kind,
			hook: finalize ?? controller.sync,
			finalizing: finalize !== undefined,
			finalizer,
			customize,
			resyncAfter: (seconds) => {
				if (seconds !== undefined && seconds > 0) queue.addAfter(keyOf(parent), seconds * 1000);
			},
		});
	};

	const failed = (parent: KubeObject, error: unknown): Outcome => {
		const fields = { controller: controller.name, object: describe(parent) };
		if (runtime.signal.aborted) return "done";
		if (error instanceof TooManyRequests) {
			log({ level: "info", message: error.message, ...fields });
			return { after: error.afterMs };
		}
		stats.errors += 1;
		log({ level: "error", message: `sync error: ${messageOf(error)}`, ...fields });
		events.warn(parent, "SyncError", `Sync error: ${messageOf(error)}`);
		return "retry";
	};

	const queue = createQueue({ clock, activity, workers, limiter: clientGoLimiter(clock), work });
	const enqueue = (parent: KubeObject) => {
		const kind = kindOf(parent);
		if (kind && isOurs(kind, parent)) queue.add(keyOf(parent));
	};
	const allParents = () => parents.flatMap(({ informer }) => informer.list());
	const customize = createCustomize({ runtime, controller, parents: allParents, enqueue });

	// ── Events ───────────────────────────────────────────────────────────────────────────────────────────────────────

	const onParent = ({ rule }: ParentKind, { object, old }: InformerEvent) => {
		if (rule.ignoreStatusChanges && old && object.metadata.deletionTimestamp === undefined) {
			if (sameJson(relevant(old), relevant(object))) return;
		}
		enqueue(object);
	};

	const ownerOf = (child: KubeObject, reference: OwnerReference): KubeObject | undefined => {
		const kind = kindOf(reference);
		if (!kind) return undefined;
		const namespace = kind.informer.resource.namespaced ? child.metadata.namespace : undefined;
		const parent = kind.informer.get(namespace, reference.name);
		// The name may have passed to another object.
		return parent?.metadata.uid === reference.uid ? parent : undefined;
	};
	const onChild = ({ type, object }: InformerEvent) => {
		const reference = controllerOf(object);
		if (reference) {
			const parent = ownerOf(object, reference);
			if (parent) enqueue(parent);
			return;
		}
		// What is being deleted is not adopted.
		if (type === "DELETED" || object.metadata.deletionTimestamp !== undefined) return;
		for (const parent of adopters(object)) enqueue(parent);
	};

	const period =
		runtime.resyncPeriodMs ??
		Math.min(Math.max(1, controller.resyncPeriodSeconds ?? Number.POSITIVE_INFINITY) * 1000, RESYNC_MS);
	let cancelResync: (() => void) | undefined;
	const resyncLater = () => {
		cancelResync = clock.after(period, () => {
			for (const parent of allParents()) enqueue(parent);
			resyncLater();
		});
	};

	const unsubscribes = [
		...parents.map((kind) => kind.informer.subscribe((event) => onParent(kind, event))),
		...children.map(({ informer }) => informer.subscribe(onChild)),
	];
	resyncLater();

	return {
		async stop() {
			cancelResync?.();
			for (const unsubscribe of unsubscribes) unsubscribe();
			customize.stop();
			await queue.stop();
		},
	};
};
