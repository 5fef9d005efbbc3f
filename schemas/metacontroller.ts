import { type Static, Type } from "@sinclair/typebox";
import { type KubeObject, ObjectMeta } from "./common.ts";

// Metacontroller's protocol, hook version v2, as of 4.17. These schemas describe only the envelope: they leave the content of objects to
// the hooks, because an incomplete schema would reject or drop fields.

// ── Request ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const AnyObject = Type.Unsafe<KubeObject>(
	Type.Object({ apiVersion: Type.String(), kind: Type.String(), metadata: ObjectMeta }),
);

/** "Kind.group/version" ("Service.v1" for the core group) → "namespace/name" → object. */
export const ObjectMap = Type.Record(Type.String(), Type.Record(Type.String(), AnyObject));
export type ObjectMap = Readonly<Record<string, Readonly<Record<string, KubeObject>>>>;

export const CompositeRequest = Type.Object({
	controller: Type.Unknown(),
	parent: AnyObject,
	children: ObjectMap,
	related: ObjectMap,
	finalizing: Type.Boolean(),
});
export type CompositeRequest = Static<typeof CompositeRequest>;

export const DecoratorRequest = Type.Object({
	controller: Type.Unknown(),
	object: AnyObject,
	attachments: ObjectMap,
	related: ObjectMap,
	finalizing: Type.Boolean(),
});
export type DecoratorRequest = Static<typeof DecoratorRequest>;

export const CustomizeRequest = Type.Object({ controller: Type.Unknown(), parent: AnyObject });
export type CustomizeRequest = Static<typeof CustomizeRequest>;

// ── Response ────────────────────────────────────────────────────────────────────────────────────────────────────────
// Metacontroller decodes these strictly: an unknown field fails the sync.

export interface CompositeResponse<Status = Record<string, unknown>> {
	status: Status;
	children: KubeObject[];
	resyncAfterSeconds?: number;
	finalized?: boolean;
}

export interface DecoratorResponse<Status = Record<string, unknown>> {
	labels?: Record<string, string | null>;
	annotations?: Record<string, string | null>;
	/** Left out or null: Metacontroller does not change the status. */
	status?: Status | null;
	attachments: KubeObject[];
	resyncAfterSeconds?: number;
	finalized?: boolean;
}

export interface LabelSelector {
	matchLabels?: Record<string, string>;
	matchExpressions?: { key: string; operator: "In" | "NotIn" | "Exists" | "DoesNotExist"; values?: string[] }[];
}

/** `names` excludes the selectors; `namespace` excludes `namespaceSelector`. */
export interface RelatedResourceRule {
	apiVersion: string;
	resource: string;
	namespace?: string;
	names?: string[];
	labelSelector?: LabelSelector;
	namespaceSelector?: LabelSelector;
}

export interface CustomizeResponse {
	relatedResources: RelatedResourceRule[];
}
