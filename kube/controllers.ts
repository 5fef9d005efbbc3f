import type { KubeObject } from "../schemas/common.ts";
import { childKindsOf, type Features, type HookName, hookPath, hooksOf, isComposite, type Row } from "./hook.ts";

/** Settings of Metacontroller that are not in the registry. */
export interface ControllerOptions {
	/** Where the hooks answer, such as http://prism-operator.prism-system.svc:8080, without a trailing slash. */
	readonly origin: string;
	readonly features: Features;
}

/** Seconds after which Metacontroller gives up on a hook; a hook answers within 2 s whatever the outside does. */
const HOOK_TIMEOUT = "10s";
/** Seconds between two syncs of a composite's parent to which nothing happened. */
const RESYNC_SECONDS = 300;

/** The controller object of a row, as Metacontroller reads it. */
export const controllerObject = (row: Row, { origin, features }: ControllerOptions): KubeObject => {
	const webhook = (hook: HookName) => ({
		version: "v2",
		webhook: { url: `${origin}${hookPath(row, hook)}`, timeout: HOOK_TIMEOUT },
	});
	const hooks = Object.fromEntries(hooksOf(row).map((hook) => [hook, webhook(hook)]));
	const parent = {
		apiVersion: `${row.parent.group}/${row.parent.version}`,
		resource: row.parent.plural,
		// Our own status writes are no reason for another sync.
		ignoreStatusChanges: true,
	};
	const made = childKindsOf(row, features).map(({ apiVersion, resource }) => ({
		apiVersion,
		resource,
		// The default, OnDelete, creates children and never updates them.
		updateStrategy: { method: "InPlace" },
	}));
	const object = (kind: string, spec: Record<string, unknown>): KubeObject => ({
		apiVersion: "metacontroller.k8s.io/v1alpha1",
		kind,
		metadata: { name: row.name },
		spec: { ...spec, hooks },
	});
	if (!isComposite(row)) {
		// No selector: an object that stops matching it would be finalized as if it were deleted. No period: each response
		// contains the time of the next reconciliation, with jitter; a period would sync all objects at the same time.
		return object("DecoratorController", {
			resources: [parent],
			attachments: made,
		});
	}
	return object("CompositeController", {
		// Children are found by a label that Metacontroller makes; without it every parent would need a selector.
		generateSelector: true,
		resyncPeriodSeconds: RESYNC_SECONDS,
		parentResource: parent,
		childResources: made,
	});
};
