import {
	type IntegerOptions,
	type SchemaOptions,
	type Static,
	type TObject,
	type TProperties,
	type TSchema,
	Type,
} from "@sinclair/typebox";

// The building blocks of every CRD's schema. A schema describes a value *after* the API server has applied the defaults: a field with a
// default is required here, and the CRD generator removes it from `required`.

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
 * Labels or annotations. TypeBox's Record matches each key against a regular expression, which takes longer than the rest of the envelope
 * together. Its cheaper form cannot be nested.
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

/** Any Kubernetes object as JSON. Its kind defines the fields other than type and metadata. */
export interface KubeObject {
	apiVersion: string;
	kind: string;
	metadata: ObjectMeta;
	[field: string]: unknown;
}

// ── Building blocks ─────────────────────────────────────────────────────────────────────────────────────────────────

/** A string from a fixed list; `enum` in the CRD. */
export const Choice = <const Values extends readonly string[]>(values: Values, options: SchemaOptions = {}) =>
	Type.Unsafe<Values[number]>(
		Type.Union(
			values.map((value) => Type.Literal(value)),
			options,
		),
	);

/**
 * A string from a list that may grow. The CRD accepts any string: with an enum, the API server would reject the whole status that an
 * operator newer than the CRD writes. Readers check whether they know the word.
 */
export const Word = (words: readonly string[], description: string) =>
	Type.String({ description: `${description} One of ${words.join(", ")}.`, maxLength: 63 });

/** A map from string to `value`. Bounded, because every sync request contains it. */
export const MapOf = <Value extends TSchema>(value: Value, options: SchemaOptions & { maxProperties: number }) =>
	Type.Record(Type.String(), value, options);

/**
 * What the API server rejects in a child but a CRD cannot express, or only with an expensive rule: keys of maps have no pattern in a CRD.
 * The schema marks the field as `checked`; the hooks and `validate` check it (kube/child-values.ts).
 */
export type Checked =
	| "labelKeys"
	| "annotationKeys"
	| "resourceNames"
	| "labelRequirement"
	| "nodeRequirement"
	| "fieldRequirement"
	| "spread"
	| "podTerm"
	| "projected"
	| "divisor"
	| "host"
	| "sourceRanges"
	| "toleration"
	| "triggers";
export const checked = (kind: Checked) => ({ checked: kind });

/** A list that the API server merges by the given keys. Each combination of their values is unique. */
export const ListBy = <Item extends TSchema>(
	item: Item,
	keys: readonly string[],
	options: SchemaOptions & { maxItems: number },
) => Type.Array(item, { ...options, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys });

/** Free-form JSON that the API server does not prune. */
export const FreeForm = (options: SchemaOptions & { description: string }) =>
	Type.Unknown({ ...options, "x-kubernetes-preserve-unknown-fields": true });

/** A CEL rule that the API server checks. `message` describes the error and how to correct it. */
export interface CelRule {
	rule: string;
	message: string;
	/** Path of the field in the error, relative to the schema with the rule. */
	fieldPath?: string;
	/** Not FieldValueDuplicate: the API server omits the message with that reason. */
	reason?: "FieldValueInvalid" | "FieldValueForbidden" | "FieldValueRequired";
}

export const rules = (...list: CelRule[]) => ({ "x-kubernetes-validations": list });

// ── Scalars ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A string with a pattern, which the CRD has as a rule with a message: the API server's message for a pattern shows only the regular
 * expression.
 */
export const Worded = (pattern: string, words: string, options: SchemaOptions = {}) =>
	Type.String({ pattern, ...rules({ rule: matches("self", pattern), message: words }), ...options });
const matches = (field: string, pattern: string): string => `${field}.matches('${pattern}')`;

/** The message that replaces a schema's pattern. */
export const wordsOf = (schema: TSchema): string | undefined => {
	const list: unknown = schema["x-kubernetes-validations"];
	const own: readonly CelRule[] = Array.isArray(list) ? list : [];
	return own.find(({ rule }) => rule === matches("self", String(schema["pattern"])))?.message;
};

/** A Go duration such as "30s" or "1h30m". The API server and kube/time.ts accept the same grammar. */
export const DURATION_PATTERN = "^([0-9]+([.][0-9]+)?(ms|s|m|h))+$";
export const Duration = (options: SchemaOptions & { description: string }) =>
	Worded(DURATION_PATTERN, "Must be a duration such as 30s, 1h30m, or 168h for 7 days", { maxLength: 32, ...options });

/** A CEL rule on durations. It skips invalid durations, which have a rule of their own: CEL would only report that it cannot parse them. */
export const onDurations = (rule: string): string =>
	[...new Set([...rule.matchAll(/self\.\w+/g)].map(([field]) => `!${matches(field, DURATION_PATTERN)}`)), rule].join(
		" || ",
	);

/** A Kubernetes quantity: "500m", "2Gi", 4. */
export const QUANTITY_PATTERN =
	"^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?[0-9]+))?$";
export const Quantity = (options: SchemaOptions = {}) =>
	Type.Union([Type.Integer(), Type.String({ maxLength: 64, pattern: QUANTITY_PATTERN })], options);

/** A quantity of at least zero. The hooks check numbers. */
export const AMOUNT_PATTERN = QUANTITY_PATTERN.replace("(\\+|-)?", "\\+?");
export const Amount = (options: SchemaOptions = {}, number: IntegerOptions = {}) =>
	Type.Union([Type.Integer(number), Type.String({ maxLength: 64, pattern: AMOUNT_PATTERN })], options);

/** A quantity above zero. The hooks check numbers. */
export const POSITIVE_PATTERN = AMOUNT_PATTERN.replace(
	"([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+)",
	"(0*[1-9][0-9]*(\\.[0-9]*)?)|(0*\\.0*[1-9][0-9]*)",
);
export const PositiveQuantity = (options: SchemaOptions) =>
	Type.Union([Type.Integer({ minimum: 1 }), Type.String({ maxLength: 64, pattern: POSITIVE_PATTERN })], options);

/** A host name, or a wildcard for all hosts of a domain. */
export const HOST_PATTERN = "^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

export const Port = (options: SchemaOptions & { description: string }) =>
	Type.Integer({ minimum: 1, maximum: 65535, format: "int32", ...options });

/** A name that becomes a Service or a container: an RFC 1035 label. */
export const DNS_1035_PATTERN = "^[a-z]([-a-z0-9]*[a-z0-9])?$";
export const Dns1035Label = (options: SchemaOptions & { description: string }) =>
	Type.String({ minLength: 1, maxLength: 63, pattern: DNS_1035_PATTERN, ...options });

/** The name of a Kubernetes object: an RFC 1123 subdomain without empty labels. */
const OBJECT_NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
export const ObjectName = (options: SchemaOptions & { description: string }) =>
	Type.String({ minLength: 1, maxLength: 253, pattern: `^${OBJECT_NAME}$`, ...options });
/** An object's name, or the empty string. */
export const OPTIONAL_NAME_PATTERN = `^(${OBJECT_NAME})?$`;

/** A DNS label, which may begin with a digit: the name of a Kubernetes namespace or host. */
export const DNS_LABEL_PATTERN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
export const DNS_LABEL = new RegExp(DNS_LABEL_PATTERN);

export const GRPC_SERVICE_PATTERN = "^[-_./a-zA-Z0-9]*$";

/** Names of backends and patterns. They are not names of objects. */
export const NAME_PATTERN = "^[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$";

/** Key of a label, annotation or taint, with or without a prefix. */
export const LABEL_KEY_PATTERN =
	"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";
export const LABEL_KEY = new RegExp(LABEL_KEY_PATTERN);

const LABEL_VALUE_PATTERN = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";
export const LABEL_VALUE = new RegExp(LABEL_VALUE_PATTERN);
export const LabelValue = (options: SchemaOptions = {}) =>
	Type.String({ maxLength: 63, pattern: LABEL_VALUE_PATTERN, ...options });

/**
 * An RFC 3339 timestamp, such as 2026-11-22T01:53:47Z. The CRD has `format: date-time`. This schema has a pattern, because TypeBox rejects
 * values of an unregistered format, and registering one would be an effect at import.
 */
export const TIMESTAMP_PATTERN = "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$";
export const Timestamp = (options: SchemaOptions & { description: string }) =>
	Type.String({ pattern: TIMESTAMP_PATTERN, ...options });

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const Condition = Type.Object(
	{
		type: Type.String({
			description: "Type of the condition: Ready, Reconciling, Stalled, Warning, Paused.",
			minLength: 1,
			maxLength: 316,
		}),
		status: Choice(["True", "False", "Unknown"], { description: "Status of the condition: True, False or Unknown." }),
		observedGeneration: Type.Optional(
			Type.Integer({
				description: "The metadata.generation that the condition was computed from.",
				minimum: 0,
				format: "int64",
			}),
		),
		lastTransitionTime: Timestamp({ description: "When status last changed." }),
		reason: Type.String({
			description: "Cause in one word, from the documented list of reasons.",
			maxLength: 1024,
		}),
		message: Type.String({
			description: "Cause in a sentence, with the affected object.",
			maxLength: 32768,
		}),
	},
	{ description: "One aspect of the object's state, as in the API conventions of Kubernetes." },
);
export type Condition = Static<typeof Condition>;

export const Conditions = ListBy(Condition, ["type"], {
	description:
		"Ready is True if everything in spec was observed ready at this generation. The other conditions have the causes.",
	maxItems: 16,
});

export const ObservedGeneration = Type.Integer({
	description:
		"The metadata.generation that this status describes. If it is lower than metadata.generation, the status is outdated.",
	minimum: 0,
	format: "int64",
});

/** Which operator made the object. */
export const OperatorStamp = Type.Object(
	{
		revision: Type.String({
			description: "The operator's version and a hash of its settings, such as 0.1.0-1a2b3c4d.",
			minLength: 1,
			maxLength: 128,
		}),
		since: Timestamp({ description: "When this revision first changed a child after another revision." }),
	},
	{
		description:
			"The operator that last changed a child. For 2 min, an operator of another revision keeps the change, unless spec changes.",
	},
);
export type OperatorStamp = Static<typeof OperatorStamp>;

// ── Kinds ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A column of `kubectl get`. A column of priority 1 is shown only with `-o wide`. */
export interface PrinterColumn {
	name: string;
	type: "string" | "integer" | "boolean" | "date" | "number";
	jsonPath: string;
	description: string;
	priority?: 0 | 1;
}

/** The last columns of every CRD: whether the object is ready, why not, and its age. */
export const readyColumns = (whether: string): readonly PrinterColumn[] => [
	{ name: "Ready", type: "string", jsonPath: ".status.conditions[?(@.type=='Ready')].status", description: whether },
	{
		name: "Reason",
		type: "string",
		jsonPath: ".status.conditions[?(@.type=='Ready')].reason",
		description: "Reason of the condition Ready.",
	},
	{
		name: "Message",
		type: "string",
		jsonPath: ".status.conditions[?(@.type=='Ready')].message",
		description: "Message of the condition Ready.",
		priority: 1,
	},
	{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp", description: "Age of the object." },
];

/** The name of an object that is also the name of a Service or a label value. */
export const NAME_RULE: CelRule = {
	rule: "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= 63",
	message: "metadata.name must be a DNS label that begins with a letter, of at most 63 characters",
};

export interface ScaleSubresource {
	specReplicasPath: string;
	statusReplicasPath: string;
	labelSelectorPath: string;
}

/** The definition of a kind, from which its CustomResourceDefinition and everything else is generated. */
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
	/** Rules on the whole object. They can use only `self.metadata.name` and `self.spec`. */
	rules: readonly CelRule[];
	printerColumns: readonly PrinterColumn[];
	scale?: ScaleSubresource;
}

/**
 * An object of a described kind with its defaults applied. Its status is untyped, because another version of the operator may have written
 * it.
 */
export interface Described<Kind extends KindDescriptor> extends KubeObject {
	spec: Static<Kind["spec"]>;
}

/** Desired children that were not observed, and since when. */
export const MissingChildren = Type.Array(
	Type.Object({
		kind: Type.String({ description: "Kind of the child.", maxLength: 63 }),
		name: Type.String({ description: "Name of the child.", maxLength: 253 }),
		since: Timestamp({ description: "When the child was first missing." }),
	}),
	{
		description:
			"Desired children that were not observed. If a child is still missing after 30 s, Ready reports NameTaken or ChildRefused.",
		maxItems: 256,
	},
);
export type MissingChildren = Static<typeof MissingChildren>;

/**
 * Outdated: the child does not have its desired state yet. Overridden: fields of the child have other values than were applied, or none.
 * PodsMissing: pods are not created. PodsUnavailable: pods of a Deployment are not available. NoAddress: a Service of type LoadBalancer has
 * no address. Rescaled: another client changed the replica count in the last 5 minutes.
 */
export const DELAY_CAUSES = [
	"Outdated",
	"Overridden",
	"PodsMissing",
	"PodsUnavailable",
	"PodsKept",
	"NoAddress",
	"Rescaled",
] as const;
export type DelayCause = (typeof DELAY_CAUSES)[number];

/** Observed children that are not in their desired state, and since when. */
export const DelayedChildren = Type.Array(
	Type.Object({
		kind: Type.String({ description: "Kind of the child.", maxLength: 63 }),
		name: Type.String({ description: "Name of the child.", maxLength: 253 }),
		cause: Choice(DELAY_CAUSES, { description: "Kind of difference." }),
		since: Timestamp({ description: "When the difference was first observed." }),
	}),
	{
		description:
			"Children that differ from their desired state. After 30 s as Outdated or Overridden, Ready reports ChildRefused.",
		maxItems: 256,
	},
);
export type DelayedChildren = Static<typeof DelayedChildren>;

export const ExternalAddress = Type.String({
	description: "IP address or host name that the load balancer assigned to the Service of type LoadBalancer.",
	maxLength: 253,
});
