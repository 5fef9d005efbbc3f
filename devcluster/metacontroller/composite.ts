import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { selects } from "../../kube/selectors.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { LabelSelector } from "../../schemas/metacontroller.ts";
import { objectAt, objectsAt, sameJson, valueAt } from "../json.ts";
import { type ChildKind, childKindsOf, desiredChildren, manageChildren } from "./children.ts";
import { claimChildren } from "./claim.ts";
import { LabelSelectorShape } from "./controller-shapes.ts";
import type { ControllerModel } from "./controllers.ts";
import { CompositeAnswer } from "./envelope.ts";
import { managesChildren, removeFinalizer } from "./finalizer.ts";
import { changeLive, isConflict, isNotFound } from "./live.ts";
import { describe, groupOf, messageOf, objectMap } from "./objects.ts";
import { type ParentKind, parentKindsOf, runController, type Sync } from "./parents.ts";
import type { Runtime } from "./runtime.ts";
import { isEmptySelector, selectorFault } from "./selector.ts";
import { callHook } from "./webhook.ts";

// A CompositeController: owns its parents' children and writes their status. For development and tests only.

export const startComposite = async (runtime: Runtime, controller: ControllerModel) => {
	const parents = await parentKindsOf(runtime, controller);
	const children = await childKindsOf(runtime, controller);
	for (const kind of parents) await requireStatusSubresource(runtime, kind);
	const adopters = (orphan: KubeObject) =>
		parents
			.flatMap(({ informer }) => informer.list(informer.resource.namespaced ? orphan.metadata.namespace : undefined))
			.filter((parent) => {
				const selector = selectorOf(controller, parent);
				return typeof selector !== "string" && selects(selector, orphan.metadata.labels);
			});
	const sync = (each: Sync) => syncComposite(runtime, controller, children, each);
	return runController({ runtime, controller, parents, children, adopters, sync });
};

/** Where the CustomResourceDefinition can be read, it must give the parent a status of its own to write. */
const requireStatusSubresource = async ({ store }: Runtime, { informer: { resource } }: ParentKind): Promise<void> => {
	const definitions = await store
		.resourceOf("apiextensions.k8s.io/v1", "CustomResourceDefinition")
		.catch(() => undefined);
	if (!definitions) return;
	// Listed, as Metacontroller does it through a cache: its role needs no right to get one.
	const name = `${resource.resource}.${groupOf(resource.apiVersion)}`;
	const definition = (await store.list(definitions)).items.find(({ metadata }) => metadata.name === name);
	if (!definition) return;
	const versions = objectsAt(definition, "spec", "versions");
	const version = versions.find((served) => resource.apiVersion.endsWith(`/${String(served["name"])}`));
	if ("status" in objectAt(version, "subresources")) return;
	throw new Error(`the CustomResourceDefinition of ${resource.resource} does not enable the status subresource`);
};

// ── Selector ────────────────────────────────────────────────────────────────────────────────────────────────────────

const ParentSelector = Type.Object({ ...LabelSelectorShape.properties });

/** What a parent's children are known by, or a sentence about why nothing can be. */
const selectorOf = ({ generateSelector }: ControllerModel, parent: KubeObject): LabelSelector | string => {
	if (generateSelector) return { matchLabels: { "controller-uid": parent.metadata.uid ?? "" } };
	const selector = valueAt(parent, "spec", "selector") ?? {};
	if (!Value.Check(ParentSelector, selector)) return "spec.selector is not a label selector";
	if (isEmptySelector(selector)) return "spec.selector must have matchLabels or matchExpressions";
	const fault = selectorFault(selector);
	return fault === undefined ? selector : `spec.selector: ${fault}`;
};

/** The child with the label that the generated selector asks for. A child that the selector would not find is refused. */
const labelled = (
	{ generateSelector }: ControllerModel,
	selector: LabelSelector,
	parent: KubeObject,
	child: KubeObject,
) => {
	const labels: unknown = child.metadata.labels ?? {};
	if (!Value.Check(Labels, labels)) throw new Error(`invalid labels on desired child ${describe(child)}`);
	const generated = generateSelector ? { "controller-uid": parent.metadata.uid ?? "" } : {};
	const all = { ...generated, ...labels };
	if (selects(selector, all))
		return generateSelector ? { ...child, metadata: { ...child.metadata, labels: all } } : child;
	throw new Error(`labels on desired child ${describe(child)} don't match the selector of ${describe(parent)}`);
};
const Labels = Type.Record(Type.String(), Type.String());

// ── Sync ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const syncComposite = async (
	runtime: Runtime,
	controller: ControllerModel,
	kinds: readonly ChildKind[],
	sync: Sync,
) => {
	const { resource } = sync.kind.informer;
	const selector = selectorOf(controller, sync.parent);
	if (typeof selector === "string") throw new Error(`cannot select children of ${describe(sync.parent)}: ${selector}`);
	const observed = await claimChildren(runtime, { resource, parent: sync.parent, selector, kinds });
	const related = await sync.customize.related(sync.parent);
	const { hook, finalizing } = sync;
	const request = { controller: controller.object, parent: sync.parent, children: observed, related, finalizing };
	const answer = await callHook(runtime, hook, request, CompositeAnswer);
	sync.resyncAfter(answer.resyncAfterSeconds);

	// The finalizer goes before the children do: what is left of them is the garbage collector's.
	const parent = answer.finalized
		? await removeFinalizer(runtime, resource, sync.parent, sync.finalizer).catch((cause: unknown) => {
				throw new Error(`cannot remove the finalizer of ${describe(sync.parent)}: ${messageOf(cause)}`, { cause });
			})
		: sync.parent;

	const desired = objectMap(
		desiredChildren(parent, answer.children).map((child) => labelled(controller, selector, parent, child)),
		[],
	);
	for (const kind of Object.keys(desired)) {
		if (observed[kind]) continue;
		const message = `${kind} is not among the controller's child kinds: it is created, but never seen again`;
		runtime.log({ level: "warn", message, controller: controller.name, object: describe(parent) });
	}
	let failure: unknown;
	if (managesChildren(parent, sync.finalizer)) {
		await manageChildren(runtime, { parent, kinds, observed, desired }).catch((error: unknown) => {
			failure = error;
		});
	}
	// Whatever happened to the children, the status has what was known before.
	const written = await writeStatus(runtime, sync.kind, parent, answer.status ?? {});
	if (written && failure !== undefined) throw failure;
};

/** False when the parent is gone, or changed meanwhile: then nothing that went wrong is worth an error either. */
const writeStatus = async (
	runtime: Runtime,
	{ informer: { resource } }: ParentKind,
	parent: KubeObject,
	answered: Record<string, unknown>,
): Promise<boolean> => {
	const status = { ...answered, observedGeneration: parent.metadata.generation ?? 0 };
	try {
		await changeLive(runtime, {
			resource,
			original: parent,
			change: (live) => (sameJson(live["status"], status) ? undefined : { ...live, status }),
			write: (changed) => runtime.store.updateStatus(changed),
		});
		return true;
	} catch (error) {
		if (isNotFound(error) || isConflict(error)) return false;
		throw new Error(`cannot update the status of ${describe(parent)}: ${messageOf(error)}`, { cause: error });
	}
};
