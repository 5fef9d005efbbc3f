import type { TSchema } from "@sinclair/typebox";
import { TRIGGERS_MESSAGE } from "../schemas/autoscaling.ts";
import { type Checked, LABEL_KEY } from "../schemas/common.ts";
import type { FieldProblem } from "../schemas/findings/specs.ts";
import { TOLERATION_MESSAGES } from "../schemas/scheduling.ts";
import { Cidr } from "../schemas/services.ts";
import { hasCredentials } from "./connection.ts";
import { isRecord, recordsAt, valueAt } from "./object.ts";
import { canonicalQuantity } from "./quantity.ts";
import { checkOf } from "./schema.ts";

// Values that the schema accepts and the API server would reject in a child: keys of maps, and fields that exclude each other. The
// schema marks the fields to check (`checked`).

export type Look = (value: unknown, field: string) => FieldProblem[];

/** undefined: the values of this schema need no check. */
export const childLook = (schema: TSchema): Look | undefined => {
	const kind: unknown = schema["checked"];
	return isChecked(kind) ? LOOKS[kind] : undefined;
};

const isChecked = (kind: unknown): kind is Checked => typeof kind === "string" && kind in LOOKS;

// ── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const LONGEST_PREFIX = 253;
const LONGEST_NAME = 63;

/** A key of a label: a name, with or without a domain before it. */
export const isLabelKey = (key: string): boolean =>
	key.length <= LONGEST_PREFIX + 1 + LONGEST_NAME && key.indexOf("/") <= LONGEST_PREFIX && LABEL_KEY.test(key);

/** The domain of an annotation's key may have capitals. */
export const isAnnotationKey = (key: string): boolean => isLabelKey(key.toLowerCase());

const keysOf =
	(isKey: (key: string) => boolean, expected: FieldProblem["expected"]): Look =>
	(value, field) =>
		keysIn(value)
			.filter((key) => !isKey(key))
			.map((key) => ({ field, expected, ...shown(key) }));

const keysIn = (value: unknown): string[] => (isRecord(value) ? Object.keys(value) : []);

/** A long key would fill the message; an address may be a secret. */
const shown = (key: string): Pick<FieldProblem, "got"> =>
	key.length <= LONGEST_NAME && !hasCredentials(key) ? { got: key } : {};

// ── Resources ───────────────────────────────────────────────────────────────────────────────────────────────────────

const RESOURCES: readonly string[] = ["cpu", "memory", "ephemeral-storage"];

const isResourceName = (name: string): boolean =>
	RESOURCES.includes(name) || HUGE_PAGES.test(name) || (name.includes("/") && isLabelKey(name) && !isReserved(name));

/** Their size is a part of the name. */
const HUGE_PAGES = /^hugepages-[1-9]\d{0,9}(?:[KMG]i)?$/;

/** Quotas name the requests of a resource so: its own name can't begin so, and must be short enough for that. */
const QUOTA_PREFIX = "requests.";
const isReserved = (name: string): boolean =>
	isExtended(name) && (name.startsWith(QUOTA_PREFIX) || name.indexOf("/") > LONGEST_PREFIX - QUOTA_PREFIX.length);

const resourceNames: Look = (value, field) => [
	...keysOf(isResourceName, { resource: "name", names: RESOURCES })(value, field),
	...keysIn(value)
		.filter((name) => isExtended(name) && isRecord(value) && !isWhole(value[name]))
		.map((name): FieldProblem => ({ field: `${field}.${name}`, expected: { resource: "whole" } })),
];

const OURS = /(^|\.)kubernetes\.io\//;

/** Devices and similar resources, which Kubernetes counts in whole units. */
export const isExtended = (name: string): boolean => name.includes("/") && !OURS.test(name);

const isWhole = (amount: unknown): boolean =>
	(typeof amount !== "string" && typeof amount !== "number") || !/[num]$/.test(canonicalQuantity(amount) ?? "");

// ── Requirements ────────────────────────────────────────────────────────────────────────────────────────────────────

const COUNTS: Readonly<Record<string, "none" | "some" | "one">> = {
	In: "some",
	NotIn: "some",
	Exists: "none",
	DoesNotExist: "none",
	Gt: "one",
	Lt: "one",
};

const isCount = {
	none: (count: number) => count === 0,
	some: (count: number) => count > 0,
	one: (count: number) => count === 1,
};

const requirement: Look = (value, field) => {
	if (!isRecord(value)) return [];
	const operator = String(value["operator"]);
	const values = COUNTS[operator];
	if (values === undefined || isCount[values](lengthOf(value["values"]))) return [];
	return [{ field: `${field}.values`, expected: { operator, values } }];
};

const lengthOf = (values: unknown): number => (Array.isArray(values) ? values.length : 0);

/** matchFields of a node supports only metadata.name, with one value. */
const fieldRequirement: Look = (value, field) => {
	if (!isRecord(value)) return [];
	const { key, operator, values } = value;
	const [name, among] = [["metadata.name"], ["In", "NotIn"]];
	return [
		...(name.includes(String(key))
			? []
			: [{ field: `${field}.key`, expected: { oneOf: name }, ...shown(String(key)) }]),
		...(among.includes(String(operator)) ? [] : [{ field: `${field}.operator`, expected: { oneOf: among } }]),
		...(lengthOf(values) === 1
			? []
			: [{ field: `${field}.values`, expected: { operator: String(operator), values: "one" } as const }]),
	];
};

const spread: Look = (value, field) => {
	if (!isRecord(value)) return [];
	const isIdle = value["minDomains"] !== undefined && value["whenUnsatisfiable"] !== "DoNotSchedule";
	return [
		...(isIdle
			? [{ field: `${field}.minDomains`, expected: { goesWith: "whenUnsatisfiable: DoNotSchedule" } } as const]
			: []),
		...selectedTwice(value, "matchLabelKeys", field),
	];
};

const podTerm: Look = (value, field) => {
	if (!isRecord(value)) return [];
	const [same, other] = (["matchLabelKeys", "mismatchLabelKeys"] as const).map((name) => textsAt(value[name]));
	const lonely = (["matchLabelKeys", "mismatchLabelKeys"] as const).filter(
		(name) => textsAt(value[name]).length > 0 && value["labelSelector"] === undefined,
	);
	const both = same?.find((key) => other?.includes(key));
	return [
		...lonely.map(
			(name): FieldProblem => ({ field: `${field}.${name}`, expected: { words: "needs labelSelector beside it" } }),
		),
		...(both === undefined
			? []
			: [{ field: `${field}.mismatchLabelKeys`, expected: { words: "must not have a key of matchLabelKeys" } }]),
		// The API server accepts such a key in mismatchLabelKeys.
		...selectedTwice(value, "matchLabelKeys", field),
	];
};

const textsAt = (value: unknown): string[] =>
	Array.isArray(value) ? value.filter((item: unknown) => typeof item === "string") : [];

/** A key whose value is taken from the pod, and that the selector has as well. */
const selectedTwice = (term: Record<string, unknown>, name: string, field: string): FieldProblem[] => {
	const selector = isRecord(term["labelSelector"]) ? term["labelSelector"] : {};
	const selected = [
		...keysIn(selector["matchLabels"]),
		...recordsAt(selector["matchExpressions"]).map(({ key }) => String(key)),
	];
	return textsAt(term[name]).some((key) => selected.includes(key))
		? [{ field: `${field}.${name}`, expected: { words: "must not have a key of labelSelector" } }]
		: [];
};

// ── Single values ───────────────────────────────────────────────────────────────────────────────────────────────────

const DIVISORS: Readonly<Record<string, readonly string[]>> = {
	cpu: ["1", "1m"],
	memory: ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"],
};

const divisor: Look = (value, field) => {
	if (!isRecord(value)) return [];
	const { resource, divisor: given = 0 } = value;
	const oneOf = DIVISORS[String(resource).split(".")[1] ?? ""] ?? [];
	const is = typeof given === "string" || typeof given === "number" ? canonicalQuantity(given) : undefined;
	return is === undefined || is === "0" || oneOf.includes(is)
		? []
		: [{ field: `${field}.divisor`, expected: { oneOf }, ...shown(String(given)) }];
};

/** Two sources can't write one file. Without items, the keys of a source are not known. */
const projected: Look = (value, field) => {
	const files = recordsAt(value, "sources").flatMap((source, index) =>
		Object.values(source)
			.flatMap((content) => recordsAt(content, "items"))
			.map(({ path }) => ({ path, source: `${field}.sources[${index}]` })),
	);
	return files
		.filter(({ path }, index) => files.findIndex((file) => file.path === path) !== index)
		.map(({ source }) => ({ field: source, expected: { words: "must not write a file of another source" } }));
};

const host: Look = (value, field) =>
	typeof value === "string" && /^\d{1,3}(?:\.\d{1,3}){3}$/.test(value)
		? [{ field, expected: { words: "must be a name, not an IP address" }, got: value }]
		: [];

// ── Of objects that were stored before there was a rule ─────────────────────────────────────────────────────────────

const toleration: Look = (value, field) => {
	if (!isRecord(value)) return [];
	const { key = "", operator = "Equal", value: its = "", effect, tolerationSeconds } = value;
	const wrong = {
		operator: key === "" && operator !== "Exists",
		value: its !== "" && operator !== "Equal",
		tolerationSeconds: tolerationSeconds !== undefined && effect !== "NoExecute",
	};
	return (["operator", "value", "tolerationSeconds"] as const)
		.filter((name) => wrong[name])
		.map((name) => ({ field: `${field}.${name}`, expected: { words: TOLERATION_MESSAGES[name] } }));
};

const triggers: Look = (value, field) => {
	const names = recordsAt(value).map(({ name = "" }) => name);
	const isTwice = names.some((name, index) => name !== "" && names.indexOf(name) !== index);
	return isTwice ? [{ field, expected: { words: TRIGGERS_MESSAGE } }] : [];
};

const RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges";

const isCidr = checkOf(Cidr);

/** The API server reads this annotation of a Service, unless the field of that meaning is set. */
const sourceRanges: Look = (value, field) => {
	const ranges = valueAt(value, "annotations", RANGES_ANNOTATION);
	const type = valueAt(value, "type") ?? "ClusterIP";
	// An Ingress gets the annotations, and ignores this one.
	if (typeof ranges !== "string" || type === "Ingress") return [];
	const problem = (words: string): FieldProblem => ({
		field: `${field}.annotations.${RANGES_ANNOTATION}`,
		expected: { words },
	});
	if (type !== "LoadBalancer") return [problem("is for type LoadBalancer only: set that type, or remove it")];
	const isRead = ranges.trim() !== "" && valueAt(value, "loadBalancerSourceRanges") === undefined;
	return isRead && !ranges.split(",").every((range) => isCidr(range.trim()))
		? [problem("must be a list of ranges such as 203.0.113.0/24,2001:db8::/32")]
		: [];
};

const LOOKS: Readonly<Record<Checked, Look>> = {
	labelKeys: keysOf(isLabelKey, { key: "label" }),
	annotationKeys: keysOf(isAnnotationKey, { key: "annotation" }),
	resourceNames,
	labelRequirement: requirement,
	nodeRequirement: requirement,
	fieldRequirement,
	spread,
	podTerm,
	projected,
	divisor,
	host,
	sourceRanges,
	toleration,
	triggers,
};
