import type { Static } from "@sinclair/typebox";
import { controllerOf } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { isJsonObject, sameJson } from "../json.ts";
import type { Resource } from "../store.ts";
import { type ChildKind, childKindsOf, desiredChildren, manageChildren } from "./children.ts";
import type { ControllerModel } from "./controllers.ts";
import { DecoratorAnswer } from "./envelope.ts";
import { hasFinalizer, managesChildren, withoutFinalizer } from "./finalizer.ts";
import { getLive, isConflict, isNotFound } from "./live.ts";
import { describe, messageOf, objectMap } from "./objects.ts";
import { parentKindsOf, runController, type Sync } from "./parents.ts";
import type { Runtime } from "./runtime.ts";
import { callHook } from "./webhook.ts";

// A DecoratorController: adds labels, annotations, a status and attachments to objects of other owners. For
// development and tests only.

const DECORATOR_ANNOTATION = "metacontroller.k8s.io/decorator-controller";

type Answer = Static<typeof DecoratorAnswer>;

export const startDecorator = async (runtime: Runtime, controller: ControllerModel) => {
	const parents = await parentKindsOf(runtime, controller);
	const children = await childKindsOf(runtime, controller);
	const sync = (each: Sync) => syncDecorated(runtime, controller, children, each);
	return runController({ runtime, controller, parents, children, adopters: () => [], sync });
};

const syncDecorated = async (
	runtime: Runtime,
	controller: ControllerModel,
	kinds: readonly ChildKind[],
	sync: Sync,
) => {
	const { parent, finalizer } = sync;
	const observed = attachmentsOf(controller, kinds, parent);
	const related = await sync.customize.related(parent);
	const { hook, finalizing } = sync;
	const request = { controller: controller.object, object: parent, attachments: observed, related, finalizing };
	const answer = await callHook(runtime, hook, request, DecoratorAnswer);
	sync.resyncAfter(answer.resyncAfterSeconds);

	// A parent that changed meanwhile comes back with its own event: the rest waits until then.
	if (!(await decorate(runtime, sync, answer))) return;
	const desired = objectMap(
		desiredChildren(parent, answer.attachments).map((child) => annotated(child, controller.name)),
		[],
	);
	// As it was before the finalizer came off: the last answer's attachments still count.
	if (!managesChildren(parent, finalizer)) return;
	await manageChildren(runtime, { parent, kinds, observed, desired });
};

/** Only what this very controller attached. */
const attachmentsOf = ({ name }: ControllerModel, kinds: readonly ChildKind[], parent: KubeObject): ObjectMap => {
	const { uid = "", namespace } = parent.metadata;
	const isAttached = (child: KubeObject) =>
		controllerOf(child)?.uid === uid &&
		(namespace === undefined || child.metadata.namespace === namespace) &&
		child.metadata.annotations?.[DECORATOR_ANNOTATION] === name;
	return objectMap(
		kinds.flatMap(({ informer }) => informer.byOwner(uid).filter(isAttached)),
		kinds.map(({ informer }) => informer.resource),
	);
};

const annotated = (child: KubeObject, name: string): KubeObject => ({
	...child,
	metadata: { ...child.metadata, annotations: { ...child.metadata.annotations, [DECORATOR_ANNOTATION]: name } },
});

// ── The object itself ───────────────────────────────────────────────────────────────────────────────────────────────

type Values = Readonly<Record<string, string>>;

/** The values with those of the answer; null takes one away. */
const changed = (values: Values = {}, answered: Readonly<Record<string, string | null>> = {}): Values => {
	const next = new Map<string, string | null>([...Object.entries(values), ...Object.entries(answered)]);
	return Object.fromEntries([...next].filter((entry): entry is [string, string] => entry[1] !== null));
};

/** Writes what the answer changes about the object. False when the object is gone, or was changed by another client. */
const decorate = async (runtime: Runtime, { parent, kind, finalizer }: Sync, answer: Answer): Promise<boolean> => {
	const { resource } = kind.informer;
	const labels = changed(parent.metadata.labels, answer.labels);
	const annotations = changed(parent.metadata.annotations, answer.annotations);
	const before = isJsonObject(parent["status"]) ? parent["status"] : undefined;
	const status = answer.status ?? before;
	const releases = answer.finalized === true && hasFinalizer(parent, finalizer);
	const sameStatus = sameJson(status, before);
	const isSame =
		sameStatus &&
		sameJson(labels, parent.metadata.labels ?? {}) &&
		sameJson(annotations, parent.metadata.annotations ?? {});
	if (isSame && !releases) return true;

	const { labels: _labels, annotations: _annotations, ...metadata } = parent.metadata;
	const decorated: KubeObject = {
		...parent,
		metadata: { ...metadata, ...unlessEmpty({ labels }), ...unlessEmpty({ annotations }) },
		...(status && { status }),
	};
	try {
		const version = sameStatus ? undefined : await writeStatus(runtime, resource, decorated);
		// The second write has to know of the first.
		const current = version
			? { ...decorated, metadata: { ...decorated.metadata, resourceVersion: version } }
			: decorated;
		await runtime.store.update(releases ? withoutFinalizer(current, finalizer) : current);
		return true;
	} catch (error) {
		if (isNotFound(error) || isConflict(error)) return false;
		throw new Error(`cannot update ${describe(parent)}: ${messageOf(error)}`, { cause: error });
	}
};

const unlessEmpty = <Field extends string>(
	field: Record<Field, Values>,
): Partial<Record<Field, Record<string, string>>> =>
	Object.values<Values>(field).every((values) => Object.keys(values).length === 0) ? {} : field;

/** The version after the write; undefined where the kind has no status subresource, and the other write does it all. */
const writeStatus = async (runtime: Runtime, resource: Resource, object: KubeObject): Promise<string | undefined> => {
	try {
		return (await runtime.store.updateStatus(object)).metadata.resourceVersion;
	} catch (error) {
		if (!isNotFound(error)) throw error;
		// The same 404 means that the object is gone; then this one throws it.
		await getLive(runtime, resource, object);
		return undefined;
	}
};
