import type { KubeObject } from "../../schemas/common.ts";
import type { LabelSelector } from "../../schemas/metacontroller.ts";
import { isJsonObject, objectAt } from "../json.ts";
import { CompositeShape, DecoratorShape, type HookShape, shaped } from "./controller-shapes.ts";
import { selectorFault } from "./selector.ts";

// CompositeController and DecoratorController objects, read into plain data with Metacontroller's defaults. For
// development and tests only.

// ── Model ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ResourceRule {
	readonly apiVersion: string;
	readonly resource: string;
}

export type UpdateMethod = "OnDelete" | "Recreate" | "InPlace";

export interface ChildRule extends ResourceRule {
	readonly method: UpdateMethod;
}

export interface ParentRule extends ResourceRule {
	readonly labelSelector?: LabelSelector;
	readonly annotationSelector?: LabelSelector;
	readonly ignoreStatusChanges: boolean;
}

export interface Webhook {
	readonly url: string;
	readonly timeoutMs: number;
	/** A field of the answer that is unknown or comes twice fails the sync. */
	readonly strict: boolean;
}

export interface ControllerModel {
	readonly type: "composite" | "decorator";
	readonly name: string;
	/** The object as requests carry it. */
	readonly object: KubeObject;
	/** One for a composite. */
	readonly parents: readonly ParentRule[];
	readonly children: readonly ChildRule[];
	/** Composite only. */
	readonly generateSelector: boolean;
	readonly resyncPeriodSeconds?: number;
	readonly sync: Webhook;
	readonly finalize?: Webhook;
	readonly customize?: Webhook;
}

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const GROUP_VERSION = "metacontroller.k8s.io/v1alpha1";

/** `hookOrigin` takes the place of scheme, host and port in every webhook's URL. */
export const readController = (object: KubeObject, hookOrigin?: string): ControllerModel => {
	const name = `${object.kind} ${object.metadata?.name ?? ""}`;
	try {
		if (object.apiVersion === GROUP_VERSION && object.kind === "CompositeController")
			return composite(object, hookOrigin);
		if (object.apiVersion === GROUP_VERSION && object.kind === "DecoratorController")
			return decorator(object, hookOrigin);
		throw new Error(`${object.apiVersion} ${object.kind} is not a controller`);
	} catch (cause) {
		throw new Error(`cannot read ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
	}
};

const composite = (object: KubeObject, origin: string | undefined): ControllerModel => {
	const { spec } = shaped(CompositeShape, object);
	const { childResources = [], parentResource } = spec;
	checkSelector(parentResource.labelSelector, "spec.parentResource.labelSelector");
	return {
		type: "composite",
		name: object.metadata.name,
		object: asSent(object, "childResources", { statusChecks: {} }),
		parents: [{ ...parentResource, ignoreStatusChanges: parentResource.ignoreStatusChanges ?? false }],
		children: childResources.map((resource, index) => readChild(resource, `spec.childResources[${index}]`)),
		generateSelector: spec.generateSelector ?? false,
		...(spec.resyncPeriodSeconds !== undefined && { resyncPeriodSeconds: spec.resyncPeriodSeconds }),
		...readHooks(spec.hooks, origin),
	};
};

const decorator = (object: KubeObject, origin: string | undefined): ControllerModel => {
	const { spec } = shaped(DecoratorShape, object);
	for (const [index, { labelSelector, annotationSelector }] of spec.resources.entries()) {
		checkSelector(labelSelector, `spec.resources[${index}].labelSelector`);
		checkSelector(annotationSelector, `spec.resources[${index}].annotationSelector`);
	}
	return {
		type: "decorator",
		name: object.metadata.name,
		object: asSent(object, "attachments", {}),
		parents: spec.resources.map(({ annotationSelector, ...resource }) => ({
			...resource,
			...(annotationSelector && { annotationSelector: annotationsAsLabels(annotationSelector) }),
			ignoreStatusChanges: resource.ignoreStatusChanges ?? false,
		})),
		children: (spec.attachments ?? []).map((resource, index) => readChild(resource, `spec.attachments[${index}]`)),
		generateSelector: false,
		...(spec.resyncPeriodSeconds !== undefined && { resyncPeriodSeconds: spec.resyncPeriodSeconds }),
		...readHooks(spec.hooks, origin),
	};
};

const METHODS = ["OnDelete", "Recreate", "InPlace"] as const;

interface ChildShape extends ResourceRule {
	updateStrategy?: { method?: string };
}

const readChild = ({ apiVersion, resource, updateStrategy }: ChildShape, field: string): ChildRule => {
	// Metacontroller's own default, and a trap: children are created and then never updated.
	const given = updateStrategy?.method ?? "OnDelete";
	const method = METHODS.find((known) => known === given);
	if (!method) {
		throw new Error(`${field}.updateStrategy.method: ${given} is not supported here, only ${METHODS.join(", ")}`);
	}
	return { apiVersion, resource, method };
};

const readHooks = (hooks: { sync: HookShape; finalize?: HookShape; customize?: HookShape }, origin?: string) => ({
	sync: readWebhook(hooks.sync, "spec.hooks.sync", origin),
	...(hooks.finalize && { finalize: readWebhook(hooks.finalize, "spec.hooks.finalize", origin) }),
	...(hooks.customize && { customize: readWebhook(hooks.customize, "spec.hooks.customize", origin) }),
});

const readWebhook = ({ version = "v1", webhook }: HookShape, field: string, origin: string | undefined): Webhook => {
	if (version !== "v2") {
		throw new Error(`${field}.version: only v2 is supported here, not ${version} (v1 is Metacontroller's default)`);
	}
	const url = webhookUrl(webhook, field);
	return {
		url: origin === undefined ? url : elsewhere(url, origin),
		timeoutMs: timeoutOf(webhook.timeout, field),
		strict: webhook.responseUnMarshallMode !== "loose",
	};
};

const webhookUrl = ({ url, service, path }: HookShape["webhook"], field: string): string => {
	if (url !== undefined) return url;
	if (!service || path === undefined) throw new Error(`${field}.webhook: needs a url, or a service and a path`);
	const { protocol = "http", name, namespace, port = 80 } = service;
	return `${protocol}://${name}.${namespace}:${port}${path}`;
};

const elsewhere = (url: string, origin: string): string => {
	const { pathname, search } = new URL(url);
	return `${origin.replace(/\/$/, "")}${pathname}${search}`;
};

const DEFAULT_TIMEOUT = 10_000;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const timeoutOf = (timeout: string | undefined, field: string): number => {
	if (timeout === undefined) return DEFAULT_TIMEOUT;
	if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(timeout)) {
		throw new Error(`${field}.webhook.timeout: ${timeout} is not a duration such as 10s`);
	}
	const parts = [...timeout.matchAll(/(?<![\d.])(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
	const ms = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0), 0);
	return ms > 0 ? ms : DEFAULT_TIMEOUT;
};

const annotationsAsLabels = ({
	matchAnnotations,
	matchExpressions,
}: {
	matchAnnotations?: Record<string, string>;
	matchExpressions?: NonNullable<LabelSelector["matchExpressions"]>;
}): LabelSelector => ({
	...(matchAnnotations && { matchLabels: matchAnnotations }),
	...(matchExpressions && { matchExpressions }),
});

const checkSelector = (selector: LabelSelector | undefined, field: string): void => {
	const fault = selector && selectorFault(selector);
	if (fault) throw new Error(`${field}: ${fault}`);
};

/** Metacontroller sends its own reading of the object: an empty list of children is left out, a status is there. */
const asSent = (object: KubeObject, list: "childResources" | "attachments", strategy: object): KubeObject => {
	const { [list]: given, ...spec } = objectAt(object, "spec");
	const children = (Array.isArray(given) ? given : []).map((entry: unknown) =>
		isJsonObject(entry) && isJsonObject(entry["updateStrategy"])
			? { ...entry, updateStrategy: { ...entry["updateStrategy"], ...strategy } }
			: entry,
	);
	return { ...object, spec: { ...spec, ...(children.length > 0 && { [list]: children }) }, status: {} };
};
