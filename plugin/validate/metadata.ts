import { MOST_ANNOTATION_BYTES } from "../../kube/child-size.ts";
import { isAnnotationKey, isLabelKey } from "../../kube/child-values.ts";
import { isRecord } from "../../kube/object.ts";
import type { Problem } from "../../kube/validation.ts";
import { DNS_LABEL, type KindDescriptor, type KubeObject, LABEL_VALUE, NAME_RULE } from "../../schemas/common.ts";
import { notAString } from "../../yaml/manifests.ts";

// Metadata that the API server rejects for any kind: fields beside spec, names, labels and annotations.

export const metadataProblems = (kind: KindDescriptor, object: KubeObject): Problem[] => [
	...unknown(object, FIELDS, ""),
	...unknown(object.metadata, METADATA_FIELDS, "metadata."),
	...wrongNames(kind, object),
	...mapProblems(object, "labels"),
	...mapProblems(object, "annotations"),
	...tooManyAnnotations(object),
	...wrongFinalizers(object),
];

const FIELDS: readonly string[] = ["apiVersion", "kind", "metadata", "spec", "status"];
const METADATA_FIELDS: readonly string[] = [
	"annotations",
	"creationTimestamp",
	"deletionGracePeriodSeconds",
	"deletionTimestamp",
	"finalizers",
	"generateName",
	"generation",
	"labels",
	"managedFields",
	"name",
	"namespace",
	"ownerReferences",
	"resourceVersion",
	"selfLink",
	"uid",
];

const unknown = (value: object, known: readonly string[], path: string): Problem[] =>
	Object.keys(value)
		.filter((field) => !known.includes(field))
		.map((field) => ({ field: `${path}${field}`, words: "unknown field" }));

const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;

const isDnsLabel = (name: string): boolean => name.length <= LONGEST_LABEL && DNS_LABEL.test(name);
/** Labels of a subdomain can be longer here than in DNS. */
const isDnsName = (name: string): boolean =>
	name.length <= LONGEST_NAME && name.split(".").every((label) => DNS_LABEL.test(label));

/** Kinds with a rule on their name report it themselves. */
const wrongNames = (kind: KindDescriptor, { metadata: { name, namespace } }: KubeObject): Problem[] => [
	...(kind.rules.includes(NAME_RULE) || isDnsName(name)
		? []
		: [
				{ field: "metadata.name", words: "must be of lower-case letters, digits, - and ., and at most 253 characters" },
			]),
	...(!namespace || isDnsLabel(namespace)
		? []
		: [
				{
					field: "metadata.namespace",
					words: "must be of lower-case letters, digits and -, and at most 63 characters",
				},
			]),
];

/** Labels and annotations that are not strings, such as `prism.io/paused: true` without quotes, are rejected. */
const mapProblems = ({ metadata }: KubeObject, field: "labels" | "annotations"): Problem[] => {
	const map: unknown = metadata[field];
	if (map === undefined || map === null) return [];
	if (!isRecord(map)) return [{ field: `metadata.${field}`, words: "must be a map" }];
	return Object.entries(map).flatMap(([name, value]): Problem[] => {
		const path = `metadata.${field}.${name}`;
		if (!(field === "labels" ? isLabelKey(name) : isAnnotationKey(name)))
			return [{ field: path, words: "must be a key such as app or example.com/app" }];
		if (typeof value !== "string") return [{ field: path, words: notAString(value) }];
		return field === "annotations" || (value.length <= LONGEST_LABEL && LABEL_VALUE.test(value))
			? []
			: [{ field: path, words: "must be of letters, digits, -, _ and ., and at most 63 characters" }];
	});
};

/** A finalizer has a domain, but for those of Kubernetes itself. */
const wrongFinalizers = ({ metadata: { finalizers } }: KubeObject): Problem[] => {
	if (finalizers === undefined || finalizers === null) return [];
	if (!Array.isArray(finalizers)) return [{ field: "metadata.finalizers", words: "must be a list" }];
	return finalizers.flatMap((name: unknown, index): Problem[] => {
		const isRight =
			OWN_FINALIZERS.includes(name) || (typeof name === "string" && name.includes("/") && isLabelKey(name));
		return isRight
			? []
			: [{ field: `metadata.finalizers[${index}]`, words: "must have a domain, such as example.com/wait" }];
	});
};
const OWN_FINALIZERS: readonly unknown[] = ["foregroundDeletion", "orphan"];

const tooManyAnnotations = ({ metadata: { annotations } }: KubeObject): Problem[] => {
	if (!isRecord(annotations)) return [];
	const bytes = Buffer.byteLength(Object.entries(annotations).flat().map(String).join(""));
	return bytes <= MOST_ANNOTATION_BYTES
		? []
		: [{ field: "metadata.annotations", words: `has ${bytes} bytes, and may have ${MOST_ANNOTATION_BYTES}` }];
};
