import { type SchemaOptions, type Static, type TObject, type TProperties, type TSchema, Type } from "@sinclair/typebox";

// The vocabulary that every kind's schema is written in. Schemas say what a value is *after* the API server applied
// its defaults: a field with a default is not optional here, and the CRD generator drops it from `required`.

// ── Objects ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const OwnerReference = Type.Object({
	apiVersion: Type.String(),
	kind: Type.String(),
	name: Type.String(),
	uid: Type.String(),
	controller: Type.Optional(Type.Boolean()),
	blockOwnerDeletion: Type.Optional(Type.Boolean()),
});
export type OwnerReference = Static<typeof OwnerReference>;

/**
 * Labels or annotations. TypeBox's own record looks at each name with a regular expression, which takes longer than all else of
 * an envelope; and what it checks in place of that can't be nested.
 */
const StringMap = Type.Unsafe<Record<string, string>>(Type.Object({}, { additionalProperties: Type.String() }));

export const ObjectMeta = Type.Object({
	name: Type.String(),
	generateName: Type.Optional(Type.String()),
	namespace: Type.Optional(Type.String()),
	uid: Type.Optional(Type.String()),
	resourceVersion: Type.Optional(Type.String()),
	generation: Type.Optional(Type.Integer()),
	creationTimestamp: Type.Optional(Type.Union([Type.String(), Type.Null()])),
	deletionTimestamp: Type.Optional(Type.String()),
	deletionGracePeriodSeconds: Type.Optional(Type.Integer()),
	labels: Type.Optional(StringMap),
	annotations: Type.Optional(StringMap),
	finalizers: Type.Optional(Type.Array(Type.String())),
	ownerReferences: Type.Optional(Type.Array(OwnerReference)),
	managedFields: Type.Optional(Type.Array(Type.Unknown())),
});
export type ObjectMeta = Static<typeof ObjectMeta>;

/** Any Kubernetes object, as it travels in JSON: the fields beside type and metadata are its kind's own. */
export interface KubeObject {
	apiVersion: string;
	kind: string;
	metadata: ObjectMeta;
	[field: string]: unknown;
}

// ── Building blocks ─────────────────────────────────────────────────────────────────────────────────────────────────

/** A string out of a fixed list; becomes `enum` in the CRD. */
export const Choice = <const Values extends readonly string[]>(values: Values, options: SchemaOptions = {}) =>
	Type.Unsafe<Values[number]>(
		Type.Union(
			values.map((value) => Type.Literal(value)),
			options,
		),
	);

/** A map from string to `value`, bounded: the body of every sync carries it. */
export const MapOf = <Value extends TSchema>(value: Value, options: SchemaOptions & { maxProperties: number }) =>
	Type.Record(Type.String(), value, options);

/** A list that the API server merges by the given keys, and in which no two entries may agree in all of them. */
export const ListBy = <Item extends TSchema>(
	item: Item,
	keys: readonly string[],
	options: SchemaOptions & { maxItems: number },
) => Type.Array(item, { ...options, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys });

/** Free-form JSON that the API server keeps as it is. */
export const FreeForm = (options: SchemaOptions & { description: string }) =>
	Type.Unknown({ ...options, "x-kubernetes-preserve-unknown-fields": true });

/** A rule in the Common Expression Language that the API server checks; `message` says what is wrong and what to do. */
export interface CelRule {
	rule: string;
	message: string;
	/** Path of the field that the error names, relative to the schema that carries the rule. */
	fieldPath?: string;
	reason?: "FieldValueInvalid" | "FieldValueForbidden" | "FieldValueRequired" | "FieldValueDuplicate";
}

/** The option under which a schema carries its CEL rules. */
export const rules = (...list: CelRule[]) => ({ "x-kubernetes-validations": list });

// ── Scalars ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A Go duration such as "30s" or "1h30m". The API server and our own parser (kube/time.ts) read the same grammar. */
export const DURATION_PATTERN = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$";
export const Duration = (options: SchemaOptions & { description: string }) =>
	Type.String({ maxLength: 32, pattern: DURATION_PATTERN, ...options });

/** A Kubernetes quantity: "500m", "2Gi", 4. */
export const QUANTITY_PATTERN =
	"^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?[0-9]+))?$";
export const Quantity = (options: SchemaOptions = {}) =>
	Type.Union([Type.Integer(), Type.String({ maxLength: 64, pattern: QUANTITY_PATTERN })], options);

export const Port = (options: SchemaOptions & { description: string }) =>
	Type.Integer({ minimum: 1, maximum: 65535, format: "int32", ...options });

/** A name that becomes a Service or a container: RFC 1035 label. */
export const DNS_1035_PATTERN = "^[a-z]([-a-z0-9]*[a-z0-9])?$";
export const Dns1035Label = (options: SchemaOptions & { description: string }) =>
	Type.String({ minLength: 1, maxLength: 63, pattern: DNS_1035_PATTERN, ...options });

/** A name of a Kubernetes object, RFC 1123 subdomain. */
export const ObjectName = (options: SchemaOptions & { description: string }) =>
	Type.String({ minLength: 1, maxLength: 253, pattern: "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", ...options });

/**
 * A timestamp in RFC 3339, such as 2026-11-22T01:53:47Z. The CRD says `format: date-time`; here it is a pattern, because
 * TypeBox refuses every value of a format that nobody registered, and registering one would be an effect at import.
 */
export const TIMESTAMP_PATTERN = "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$";
export const Timestamp = (options: SchemaOptions & { description: string }) =>
	Type.String({ pattern: TIMESTAMP_PATTERN, ...options });

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const Condition = Type.Object(
	{
		type: Type.String({
			description: "What the condition is about: Ready, Reconciling, Stalled, Warning, Paused.",
			minLength: 1,
			maxLength: 316,
		}),
		status: Choice(["True", "False", "Unknown"], { description: "Whether it holds: True, False or Unknown." }),
		observedGeneration: Type.Optional(
			Type.Integer({
				description: "The metadata.generation that the condition was computed from.",
				minimum: 0,
				format: "int64",
			}),
		),
		lastTransitionTime: Timestamp({ description: "When status last changed from one value to another." }),
		reason: Type.String({
			description: "One word for the cause, from the documented list of reasons.",
			maxLength: 1024,
		}),
		message: Type.String({
			description: "A sentence for people: what is the matter, where, and what to do about it.",
			maxLength: 32768,
		}),
	},
	{ description: "One aspect of the object's state, in the Kubernetes convention." },
);
export type Condition = Static<typeof Condition>;

export const Conditions = ListBy(Condition, ["type"], {
	description: "Ready says whether all that spec wants was observed at this generation; the others say why not.",
	maxItems: 16,
});

export const ObservedGeneration = Type.Integer({
	description: "The metadata.generation that this status was computed from. Older than metadata.generation: outdated.",
	minimum: 0,
	format: "int64",
});

/** Who made what is there. */
export const OperatorStamp = Type.Object(
	{
		revision: Type.String({
			description: "The operator's version and a hash of its settings, such as 0.1.0-1a2b3c4d.",
			minLength: 1,
			maxLength: 128,
		}),
		since: Timestamp({ description: "When it first did, after one of another revision." }),
	},
	{
		description:
			"The operator that changed something last. For two minutes, one of another revision leaves that as it is, unless spec is changed.",
	},
);
export type OperatorStamp = Static<typeof OperatorStamp>;

// ── Kinds ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A column of `kubectl get`. Priority 1 shows with `-o wide` only. */
export interface PrinterColumn {
	name: string;
	type: "string" | "integer" | "boolean" | "date" | "number";
	jsonPath: string;
	description: string;
	priority?: 0 | 1;
}

/** The columns with which every kind's row ends: is it ready, why (not), and how old it is. */
export const readyColumns = (whether: string): readonly PrinterColumn[] => [
	{ name: "Ready", type: "string", jsonPath: ".status.conditions[?(@.type=='Ready')].status", description: whether },
	{
		name: "Reason",
		type: "string",
		jsonPath: ".status.conditions[?(@.type=='Ready')].reason",
		description: "Why it is, or is not, ready.",
	},
	{
		name: "Message",
		type: "string",
		jsonPath: ".status.conditions[?(@.type=='Ready')].message",
		description: "The same in a sentence.",
		priority: 1,
	},
	{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp", description: "Age of the object." },
];

/** An object whose name becomes that of a Service or a label value. */
export const NAME_RULE: CelRule = {
	rule: "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= 63",
	message: "metadata.name must be a DNS label that begins with a letter, of at most 63 characters",
};

export interface ScaleSubresource {
	specReplicasPath: string;
	statusReplicasPath: string;
	labelSelectorPath: string;
}

/** Everything that makes a CustomResourceDefinition: the one definition of a kind, from which all else is generated. */
export interface KindDescriptor<Spec extends TProperties = TProperties, Status extends TProperties = TProperties> {
	group: string;
	version: string;
	kind: string;
	plural: string;
	singular: string;
	shortNames: readonly string[];
	categories: readonly string[];
	description: string;
	spec: TObject<Spec>;
	status: TObject<Status>;
	/** Rules on the whole object: only `self.metadata.name` and `self.spec` are of use there. */
	rules: readonly CelRule[];
	printerColumns: readonly PrinterColumn[];
	scale?: ScaleSubresource;
}

/** An object of a described kind, as a hook sees it once defaults are applied. Its status is read with care, as data. */
export interface Described<Kind extends KindDescriptor> extends KubeObject {
	spec: Static<Kind["spec"]>;
}

/** Children that spec wants and that were not observed, with the time at which that was first noticed. */
export const MissingChildren = Type.Array(
	Type.Object({
		kind: Type.String({ description: "Kind of the child.", maxLength: 63 }),
		name: Type.String({ description: "Name of the child.", maxLength: 253 }),
		since: Timestamp({ description: "When it was first wanted and not observed." }),
	}),
	{
		description:
			"Children that are wanted and were not observed. One that stays for 30 s is reported as NameTaken in Ready.",
		maxItems: 256,
	},
);
export type MissingChildren = Static<typeof MissingChildren>;
