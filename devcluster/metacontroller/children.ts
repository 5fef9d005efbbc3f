import { applyUpdate, withLastApplied } from "../../kube/dynamic-apply.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { controllerReference } from "../controller-reference.ts";
import type { Informer } from "../controllers/informer.ts";
import { sameJson } from "../json.ts";
import { ApiError, type DeleteOptions } from "../store.ts";
import type { ControllerModel, UpdateMethod } from "./controllers.ts";
import type { AnsweredObject } from "./envelope.ts";
import { isConflict, isNotFound } from "./live.ts";
import { describe, groupOf, messageOf } from "./objects.ts";
import type { Runtime } from "./runtime.ts";

// From the observed children to the desired ones: what is no longer desired is deleted, what is missing created, what
// differs updated by the kind's strategy. For development and tests only.

export interface ChildKind {
	readonly informer: Informer;
	readonly method: UpdateMethod;
}

/** The declared child kinds. Throws when the server does not have one of them. */
export const childKindsOf = ({ store, informers }: Runtime, { children }: ControllerModel): Promise<ChildKind[]> =>
	Promise.all(
		children.map(async ({ apiVersion, resource, method }) => ({
			informer: await informers.get(await store.resourceNamed(apiVersion, resource)),
			method,
		})),
	);

/** The children of an answer; one that names no namespace is in its parent's. */
export const desiredChildren = (parent: KubeObject, answered: readonly AnsweredObject[] = []): KubeObject[] =>
	answered.map(({ apiVersion = "", metadata = {}, ...child }) => {
		const namespace = metadata.namespace || parent.metadata.namespace;
		return {
			...child,
			apiVersion,
			metadata: { ...metadata, name: metadata.name ?? "", ...(namespace && { namespace }) },
		};
	});

interface Work {
	readonly parent: KubeObject;
	readonly kinds: readonly ChildKind[];
	readonly observed: ObjectMap;
	readonly desired: ObjectMap;
}

/** Does all that can be done, and then throws what could not. */
export const manageChildren = async (runtime: Runtime, { parent, kinds, observed, desired }: Work): Promise<void> => {
	const failures: string[] = [];
	const attempt = async (verb: string, child: KubeObject, run: () => Promise<void>) => {
		await run().catch((error: unknown) => failures.push(`cannot ${verb} ${describe(child)}: ${messageOf(error)}`));
	};
	for (const [key, name, child] of inOrder(observed)) {
		if (child.metadata.deletionTimestamp !== undefined || desired[key]?.[name]) continue;
		await attempt("delete", child, () => deleteChild(runtime, child));
	}
	for (const [key, name, child] of inOrder(desired)) {
		const existing = observed[key]?.[name];
		if (existing) await attempt("update", child, () => updateChild(runtime, existing, child, methodOf(kinds, child)));
		else await attempt("create", child, () => createChild(runtime, parent, child));
	}
	if (failures.length > 0) throw new Error(`cannot reconcile children of ${describe(parent)}: ${failures.join(", ")}`);
};

const rank = (key: string): string => {
	const apiVersion = key.slice(key.indexOf(".") + 1);
	return `${groupOf(apiVersion)}\n${apiVersion}\n${key}`;
};

/** By group, version and kind, as Metacontroller goes through them; in what order it takes names is random there. */
const inOrder = (map: ObjectMap): (readonly [key: string, name: string, child: KubeObject])[] => {
	return Object.entries(map)
		.toSorted(([left], [right]) => (rank(left) < rank(right) ? -1 : 1))
		.flatMap(([key, group]) => Object.entries(group).map(([name, child]) => [key, name, child] as const));
};

/** The strategy of a kind, whatever its version; a kind that is not declared is never updated. */
const methodOf = (kinds: readonly ChildKind[], { apiVersion, kind }: KubeObject): UpdateMethod =>
	kinds.find(
		({ informer: { resource } }) => resource.kind === kind && groupOf(resource.apiVersion) === groupOf(apiVersion),
	)?.method ?? "OnDelete";

// ── One child ───────────────────────────────────────────────────────────────────────────────────────────────────────

const createChild = async ({ store, log }: Runtime, parent: KubeObject, child: KubeObject): Promise<void> => {
	// What is remembered as applied is what the hook returned, before anything is added to it.
	const owned = withOwner(withLastApplied(child, child), parent);
	try {
		await store.create(owned);
		log({ level: "info", message: `created ${describe(child)}` });
	} catch (error) {
		// Another owner's object has the name, or the cache is behind. Metacontroller does not complain either.
		if (!(error instanceof ApiError) || error.reason !== "AlreadyExists") throw error;
		log({ level: "info", message: `not created, because it exists already: ${describe(child)}` });
	}
};

const withOwner = (child: KubeObject, parent: KubeObject): KubeObject => {
	const owner = controllerReference(parent);
	const owners = child.metadata.ownerReferences ?? [];
	if (owners.some(({ uid }) => uid === owner.uid)) return child;
	return { ...child, metadata: { ...child.metadata, ownerReferences: [...owners, owner] } };
};

const updateChild = async (
	runtime: Runtime,
	existing: KubeObject,
	child: KubeObject,
	method: UpdateMethod,
): Promise<void> => {
	const merged = applyUpdate(existing, child);
	if (sameJson(merged, existing)) return;
	if (existing.metadata.deletionTimestamp !== undefined) return;
	if (method === "OnDelete") return;
	// It comes back with the sync that follows its deletion.
	if (method === "Recreate") return deleteChild(runtime, existing);
	try {
		await runtime.store.update(merged);
		runtime.log({ level: "info", message: `updated ${describe(child)}` });
	} catch (error) {
		// Gone, or newer than the cache: either way an event is coming that brings the next sync.
		if (!isNotFound(error) && !isConflict(error)) throw error;
		runtime.log({ level: "debug", message: `not updated, because it has changed: ${describe(child)}` });
	}
};

const deleteChild = async ({ store, log }: Runtime, child: KubeObject): Promise<void> => {
	const { namespace, name, uid } = child.metadata;
	// Some kinds orphan what they own by default, and the name may belong to another object by now.
	const options: DeleteOptions = { propagationPolicy: "Background", ...(uid !== undefined && { uid }) };
	await store.delete(await store.resourceOf(child.apiVersion, child.kind), namespace, name, options);
	log({ level: "info", message: `deleted ${describe(child)}` });
};
