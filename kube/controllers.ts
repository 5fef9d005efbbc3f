import type { KubeObject } from "../schemas/common.ts";
import { childKindsOf, type Features, type HookName, hookPath, hooksOf, isComposite, type Row } from "./hook.ts";

/** Settings of Metacontroller that are not in the registry. */
export interface ControllerOptions {
	/** URL of the webhook server, such as http://prism-operator.prism-system.svc:8080, without a trailing slash. */
	readonly origin: string;
	readonly features: Features;
}

/** Timeout of Metacontroller for a webhook, in seconds; a hook responds within 2 s, whatever proxies do. */
const HOOK_TIMEOUT = "10s";
/** Resync period of a composite controller's parents, in seconds. */
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
		// The operator's own status writes must not trigger a sync.
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
		// Metacontroller finds children by a label that it generates; otherwise every parent would need a selector.
		generateSelector: true,
		resyncPeriodSeconds: RESYNC_SECONDS,
		parentResource: parent,
		childResources: made,
	});
};
