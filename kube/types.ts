import type {
	CoreV1Event,
	V1ContainerStatus,
	V1PodSpec,
	V1PodStatus,
	V1PodTemplateSpec,
} from "@kubernetes/client-node";
import type { Static } from "@sinclair/typebox";
import type { KindDescriptor, KubeObject, ObjectMeta } from "../schemas/common.ts";
import type { API_VERSION } from "../schemas/vocabulary.ts";

// Types of children: builders return the types of the Kubernetes client, so that a field which does not exist does not compile. Types
// only: the client package is not in the image.

/**
 * A type as it is written here: timestamps are texts, nothing is changed in place, and a field that may be left out may be
 * undefined, since those are taken out before a child is sent.
 */
export type Written<T> = T extends Date
	? string
	: T extends readonly (infer Item)[]
		? readonly Written<Item>[]
		: T extends object
			? { readonly [Field in keyof T]: Written<T[Field]> | Absence<T, Field> }
			: T;

/** An optional field, and the entries of a map. */
type Absence<T, Field extends keyof T> =
	object extends Pick<T, Field> ? undefined : string extends Field ? undefined : never;

/** A child of a kind: the fields beside type and metadata that are ours to send. */
export type Child<ApiVersion extends string, Kind extends string, T> = {
	readonly apiVersion: ApiVersion;
	readonly kind: Kind;
	readonly metadata: ObjectMeta;
} & Written<Omit<T, "apiVersion" | "kind" | "metadata" | "status">>;

/** A child of one of our own kinds, which may do without fields that have a default. */
export type Own<Kind extends KindDescriptor, Defaulted extends keyof Static<Kind["spec"]> = never> = Child<
	typeof API_VERSION,
	Kind["kind"],
	{ spec: Omit<Static<Kind["spec"]>, Defaulted> & Partial<Pick<Static<Kind["spec"]>, Defaulted>> }
>;

/** What children are made of. */
export type PodTemplate = Written<V1PodTemplateSpec>;
export type PodSpec = NonNullable<PodTemplate["spec"]>;
export type Container = PodSpec["containers"][number];
export type Toleration = NonNullable<PodSpec["tolerations"]>[number];
export type VolumeMount = NonNullable<Container["volumeMounts"]>[number];
export type ContainerPort = NonNullable<Container["ports"]>[number];
export type TopologySpread = NonNullable<PodSpec["topologySpreadConstraints"]>[number];
export type Volume = NonNullable<PodSpec["volumes"]>[number];

// ── Objects of others ───────────────────────────────────────────────────────────────────────────────────────────────

export type Pod = KubeObject & { readonly spec?: Written<V1PodSpec>; readonly status?: Written<V1PodStatus> };
export type ContainerStatus = Written<V1ContainerStatus>;
export type Event = KubeObject & Written<Omit<CoreV1Event, "apiVersion" | "kind" | "metadata">>;
