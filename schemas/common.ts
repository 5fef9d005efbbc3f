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

/**
 * One of a list of words that may grow: any word in the CRD, for an enumeration would make the API server refuse the whole status
 * of an operator that is newer than the CRD. Who reads it asks whether the word is known.
 */
export const Word = (words: readonly string[], description: string) =>
	Type.String({ description: `${description} One of ${words.join(", ")}.`, maxLength: 63 });

/** A map from string to `value`, bounded: the body of every sync carries it. */
export const MapOf = <Value extends TSchema>(value: Value, options: SchemaOptions & { maxProperties: number }) =>
	Type.Record(Type.String(), value, options);

/**
 * What the API server would reject in a child and a CRD can't say, or not at a price: keys of maps have no pattern there. A schema
 * carries it as `checked`; the hooks and `validate` look (kube/child-values.ts).
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
	| "divisor"
	| "host"
	| "toleration"
	| "triggers";
export const checked = (kind: Checked) => ({ checked: kind });

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
	/** Not FieldValueDuplicate: the API server prints that one without the message. */
	reason?: "FieldValueInvalid" | "FieldValueForbidden" | "FieldValueRequired";
}

/** The option under which a schema carries its CEL rules. */
export const rules = (...list: CelRule[]) => ({ "x-kubernetes-validations": list });

// ── Scalars ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A text whose form is told in words: in the CRD, a rule takes the place of the pattern, which tells nobody what to write. */
export const Worded = (pattern: string, words: string, options: SchemaOptions = {}) =>
	Type.String({ pattern, ...rules({ rule: matches("self", pattern), message: words }), ...options });
const matches = (field: string, pattern: string): string => `${field}.matches('${pattern}')`;

/** What stands in the place of a schema's pattern. */
export const wordsOf = (schema: TSchema): string | undefined => {
	const list: unknown = schema["x-kubernetes-validations"];
	const own: readonly CelRule[] = Array.isArray(list) ? list : [];
	return own.find(({ rule }) => rule === matches("self", String(schema["pattern"])))?.message;
};

/** A Go duration such as "30s" or "1h30m". The API server and our own parser (kube/time.ts) read the same grammar. */
export const DURATION_PATTERN = "^([0-9]+([.][0-9]+)?(ms|s|m|h))+$";
export const Duration = (options: SchemaOptions & { description: string }) =>
	Worded(DURATION_PATTERN, "Must be a duration such as 30s, 1h30m, or 168h for 7 days", { maxLength: 32, ...options });

/** A rule on durations. It leaves alone what is none, of which CEL would only say that it can't be read. */
export const onDurations = (rule: string): string =>
	[...new Set([...rule.matchAll(/self\.\w+/g)].map(([field]) => `!${matches(field, DURATION_PATTERN)}`)), rule].join(
		" || ",
	);

/** A Kubernetes quantity: "500m", "2Gi", 4. */
export const QUANTITY_PATTERN =
	"^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?[0-9]+))?$";
export const Quantity = (options: SchemaOptions = {}) =>
	Type.Union([Type.Integer(), Type.String({ maxLength: 64, pattern: QUANTITY_PATTERN })], options);

/** One that is not below zero; a number is looked at by the hooks. */
export const AMOUNT_PATTERN = QUANTITY_PATTERN.replace("(\\+|-)?", "\\+?");
export const Amount = (options: SchemaOptions = {}) =>
	Type.Union([Type.Integer(), Type.String({ maxLength: 64, pattern: AMOUNT_PATTERN })], options);

/** One above zero; a number is looked at by the hooks. */
export const POSITIVE_PATTERN = AMOUNT_PATTERN.replace(
	"([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+)",
	"(0*[1-9][0-9]*(\\.[0-9]*)?)|(0*\\.0*[1-9][0-9]*)",
);
export const PositiveQuantity = (options: SchemaOptions) =>
	Type.Union([Type.Integer({ minimum: 1 }), Type.String({ maxLength: 64, pattern: POSITIVE_PATTERN })], options);

/** Host name, or all hosts of a domain. */
export const HOST_PATTERN = "^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

export const Port = (options: SchemaOptions & { description: string }) =>
	Type.Integer({ minimum: 1, maximum: 65535, format: "int32", ...options });

/** A name that becomes a Service or a container: RFC 1035 label. */
export const DNS_1035_PATTERN = "^[a-z]([-a-z0-9]*[a-z0-9])?$";
export const Dns1035Label = (options: SchemaOptions & { description: string }) =>
	Type.String({ minLength: 1, maxLength: 63, pattern: DNS_1035_PATTERN, ...options });

/** A name of a Kubernetes object, RFC 1123 subdomain: parts between dots, none of them empty. */
const OBJECT_NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
export const ObjectName = (options: SchemaOptions & { description: string }) =>
	Type.String({ minLength: 1, maxLength: 253, pattern: `^${OBJECT_NAME}$`, ...options });
/** One that may be empty. */
export const OPTIONAL_NAME_PATTERN = `^(${OBJECT_NAME})?$`;

/** A DNS label: a Kubernetes namespace, a host's name, a name that may begin with a digit. */
export const DNS_LABEL_PATTERN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
export const DNS_LABEL = new RegExp(DNS_LABEL_PATTERN);

export const GRPC_SERVICE_PATTERN = "^[-_./a-zA-Z0-9]*$";

/** Names of backends and patterns, which are no objects. */
export const NAME_PATTERN = "^[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$";

/** Key of a label, an annotation or a taint, with or without a prefix. */
export const LABEL_KEY_PATTERN =
	"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";
export const LABEL_KEY = new RegExp(LABEL_KEY_PATTERN);

const LABEL_VALUE_PATTERN = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";
export const LABEL_VALUE = new RegExp(LABEL_VALUE_PATTERN);
export const LabelValue = (options: SchemaOptions = {}) =>
	Type.String({ maxLength: 63, pattern: LABEL_VALUE_PATTERN, ...options });

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
	description: "Ready is True if everything in spec was observed ready at this generation; the others have the causes.",
	maxItems: 16,
});

export const ObservedGeneration = Type.Integer({
	description:
		"The metadata.generation that this status describes. If it is lower than metadata.generation, the status is outdated.",
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
		since: Timestamp({ description: "When it first did so, after another revision." }),
	},
	{
		description:
			"The operator that last changed a child. For 2 min, an operator of another revision keeps the change, unless spec changes.",
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
		since: Timestamp({ description: "When the child was first missing." }),
	}),
	{
		description:
			"Desired children that were not observed. One that stays for 30 s is reported as NameTaken or ChildRefused in Ready.",
		maxItems: 256,
	},
);
export type MissingChildren = Static<typeof MissingChildren>;

/**
 * Outdated: not yet as it was sent. Overridden: fields that were sent have other values, or none. PodsMissing: pods are not created.
 * PodsUnavailable: pods of a Deployment are not available. NoAddress: a Service of type LoadBalancer has no address. Rescaled: someone
 * else changed the count of pods, in the last 5 minutes.
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

/** Children that are observed and not as they should be, with the time at which that was first noticed. */
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
