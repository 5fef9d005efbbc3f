import type { KubeObject } from "../schemas/common.ts";
import { childKindsOf, type Features, type HookName, hookPath, hooksOf, type Row } from "./hook.ts";

/** What Metacontroller needs to know beside the registry. */
export interface ControllerOptions {
	/** Where the hooks answer, such as http://prism-operator.prism-system.svc:8080, without a trailing slash. */
	readonly origin: string;
	readonly features: Features;
}

/** Seconds after which Metacontroller gives up on a hook; a hook answers within 2 s whatever the outside does. */
const HOOK_TIMEOUT = "10s";
/** Seconds between two syncs of an object to which nothing happened. */
const RESYNC_SECONDS = 300;

/** The controller object of a row, as Metacontroller reads it. */
export const controllerObject = (row: Row, { origin, features }: ControllerOptions): KubeObject => {
	const webhook = (hook: HookName) => ({
		version: "v2",
		webhook: { url: `${origin}${hookPath(row, hook)}`, timeout: HOOK_TIMEOUT },
	});
	return {
		apiVersion: "metacontroller.k8s.io/v1alpha1",
		kind: "CompositeController",
		metadata: { name: row.name },
		spec: {
			// Children are found by a label that Metacontroller makes; without it every parent would need a selector.
			generateSelector: true,
			resyncPeriodSeconds: RESYNC_SECONDS,
			parentResource: {
				apiVersion: `${row.parent.group}/${row.parent.version}`,
				resource: row.parent.plural,
				// Our own status writes are no reason for another sync.
				ignoreStatusChanges: true,
			},
			childResources: childKindsOf(row, features).map(({ apiVersion, resource }) => ({
				apiVersion,
				resource,
				// The default, OnDelete, creates children and never updates them.
				updateStrategy: { method: "InPlace" },
			})),
			hooks: Object.fromEntries(hooksOf(row).map((hook) => [hook, webhook(hook)])),
		},
	};
};
