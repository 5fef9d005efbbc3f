import { base64 } from "@scure/base";
import { Value } from "@sinclair/typebox/value";
import { violations } from "../../devcluster/memory/admission.ts";
import { KINDS } from "../../hooks/index.ts";
import { type ChildKind, type CompositeRow, childKindsOf, type Row } from "../../kube/hook.ts";
import { isRecord } from "../../kube/object.ts";
import { canonicalQuantity } from "../../kube/quantity.ts";
import { defaulted } from "../../kube/received-object.ts";
import { objectProblems } from "../../kube/validation.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Installation } from "../../schemas/installation.ts";
import { API_VERSION, REASONS } from "../../schemas/vocabulary.ts";

// What can be wrong with an answer, each finding in words: a law holds when there is none.

export const recordAt = (value: unknown, ...path: readonly string[]): Record<string, unknown> => {
	const found = path.reduce<unknown>((inner, field) => (isRecord(inner) ? inner[field] : undefined), value);
	return isRecord(found) ? found : {};
};

export const recordsAt = (value: unknown, ...path: readonly string[]): Record<string, unknown>[] => {
	const last = path.at(-1) ?? "";
	const list = recordAt(value, ...path.slice(0, -1))[last];
	return Array.isArray(list) ? list.filter(isRecord) : [];
};

const titleOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.name}`;

/** Repeated names, names that are no DNS label, and children that the controller does not list or may not own. */
export const misplaced = (
	row: CompositeRow,
	parent: KubeObject,
	children: readonly KubeObject[],
	features: Installation,
): string[] => {
	const titles = children.map(titleOf);
	const kinds = childKindsOf(row, features);
	const isListed = (child: KubeObject) =>
		kinds.some(({ apiVersion, kind }: ChildKind) => apiVersion === child.apiVersion && kind === child.kind);
	return [
		...titles.filter((title, index) => titles.indexOf(title) !== index).map((title) => `${title} twice`),
		...children.filter((child) => !isListed(child)).map((child) => `${titleOf(child)} is of a kind that is not listed`),
		...children
			.filter(({ metadata: { name } }) => !/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
			.map((child) => `${titleOf(child)} is no name of at most 63 characters`),
		...children
			.filter(({ metadata }) => metadata.namespace !== parent.metadata.namespace)
			.map((child) => `${titleOf(child)} is in another namespace`),
	];
};

/** Ports listed twice, target ports that no container has, selectors that miss the pods they are made for. */
export const disconnected = (children: readonly KubeObject[]): string[] => {
	const workloads = children.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
	const podLabels = workloads.map((workload) => recordAt(workload, "spec", "template", "metadata", "labels"));
	const subset = (selector: object, labels: object) =>
		Object.entries(selector).every(([key, value]) => recordAt({ labels }, "labels")[key] === value);
	return [
		...workloads
			.filter(
				(workload, index) => !subset(recordAt(workload, "spec", "selector", "matchLabels"), podLabels[index] ?? {}),
			)
			.map((workload) => `${titleOf(workload)} does not select its own pods`),
		...children
			.filter(({ kind }) => kind === "Service")
			.flatMap((service) => {
				const ports = recordsAt(service, "spec", "ports");
				const selector = recordAt(service, "spec", "selector");
				const targets = workloads.filter((_, index) => subset(selector, podLabels[index] ?? {}));
				const open = targets
					.flatMap((workload) => recordsAt(workload, "spec", "template", "spec", "containers"))
					.flatMap((container) => recordsAt(container, "ports").map(({ name }) => name));
				const numbers = ports.map(({ port }) => port);
				return [
					...(new Set(numbers).size === numbers.length ? [] : [`${titleOf(service)} lists a port twice`]),
					...(ports.length > 0 ? [] : [`${titleOf(service)} has no port`]),
					// A runner that waits for its backend has a Service and, for a while, no Deployment.
					...(workloads.length > 0 && targets.length !== 1
						? [`${titleOf(service)} selects ${targets.length} workloads`]
						: []),
					...ports
						.filter(({ targetPort }) => targets.length > 0 && !open.includes(targetPort))
						.map(({ targetPort }) => `${titleOf(service)} leads to port ${String(targetPort)}, which no container has`),
				];
			}),
		...children
			.filter(({ kind }) => kind === "PodDisruptionBudget")
			.filter(
				(budget) =>
					workloads.length > 0 &&
					!podLabels.some((labels) => subset(recordAt(budget, "spec", "selector", "matchLabels"), labels)),
			)
			.map((budget) => `${titleOf(budget)} selects no pods`),
	];
};

/** What the API server would say of children that are objects of ours. */
export const unfit = (children: readonly KubeObject[]): string[] =>
	children
		.filter(({ apiVersion }) => apiVersion === API_VERSION)
		.flatMap((child) => saidOf(child).map((problem) => `${titleOf(child)}: ${problem}`));

const saidOf = (child: KubeObject): string[] => {
	const kind = KINDS.find((known) => known.kind === child.kind);
	if (kind === undefined) return ["no kind of ours"];
	const admitted = { ...child, spec: defaulted(kind, child) };
	// The latter knows of entries of a list that have the same key, too.
	return [...new Set([...objectProblems(kind, child), ...violations(kind, admitted)])];
};

const MAPS = new Set(["annotations", "labels", "nodeSelector", "matchLabels", "requests", "limits"]);

/** Values that the API server stores in another form, or not at all: children that are written at every sync. */
export const restless = (children: readonly KubeObject[]): string[] =>
	children.filter(({ apiVersion }) => apiVersion !== API_VERSION).flatMap((child) => unstable(child, titleOf(child)));

const unstable = (value: unknown, path: string): string[] => {
	if (value === undefined || value === null) return [`${path} is ${value}`];
	if (Array.isArray(value)) {
		if (value.length === 0) return [`${path} is an empty list`];
		return value.flatMap((item: unknown, index) => unstable(item, `${path}[${index}]`));
	}
	if (!isRecord(value)) return [];
	return Object.entries(value).flatMap(([name, field]) => [
		...(MAPS.has(name) && isRecord(field) && Object.keys(field).length === 0 ? [`${path}.${name} is empty`] : []),
		...(["requests", "limits"].includes(name) ? Object.values(recordAt({ field }, "field")).flatMap(notCanonical) : []),
		...(name === "averageValue" ? notCanonical(field) : []),
		...(field === "" && path.includes("tolerations") ? [`${path}.${name} is an empty text`] : []),
		...unstable(field, `${path}.${name}`),
	]);
};

const notCanonical = (quantity: unknown): string[] =>
	typeof quantity === "string" && canonicalQuantity(quantity) === quantity
		? []
		: [`${String(quantity)} is not canonical`];

/** Fields of a status that its schema does not know or does not allow, and reasons that nobody documented. */
export const undocumented = (row: Pick<Row, "parent">, status: Record<string, unknown>): string[] => [
	...[...Value.Errors(row.parent.status, status)].map(({ path, message }) => `status${path}: ${message}`),
	...(JSON.stringify(Value.Clean(row.parent.status, Value.Clone(status))) === JSON.stringify(status)
		? []
		: ["status has a field that the schema does not know"]),
	...recordsAt({ status }, "status", "conditions")
		.map(({ reason }) => String(reason))
		.filter((reason) => !Object.hasOwn(REASONS, reason))
		.map((reason) => `reason ${reason} is not documented`),
];

export const readyOf = (status: Record<string, unknown>): unknown =>
	recordsAt({ status }, "status", "conditions").find(({ type }) => type === "Ready")?.["status"];

/** Everything of an answer in which credentials have no place: all but Secrets and the specs of custom resources. */
export const publicText = (status: Record<string, unknown>, children: readonly KubeObject[]): string => {
	const shown = children.map((child) => {
		if (child.kind === "Secret") return { metadata: child.metadata };
		return child.apiVersion === API_VERSION ? { metadata: child.metadata } : child;
	});
	return JSON.stringify([status, shown]);
};

export const secretTexts = (children: readonly KubeObject[]): string[] =>
	children
		.filter(({ kind }) => kind === "Secret")
		.flatMap((child) => Object.values(recordAt(child, "data")))
		.map((value) => new TextDecoder().decode(base64.decode(String(value))));

const SERVER_METADATA = [
	"uid",
	"resourceVersion",
	"generation",
	"creationTimestamp",
	"ownerReferences",
	"managedFields",
];

/** What a held child must not say again, because the API server or Metacontroller said it. */
export const overheld = (children: readonly KubeObject[]): string[] =>
	children.flatMap((child) => [
		...Object.keys(child.metadata)
			.filter((field) => SERVER_METADATA.includes(field))
			.map((field) => `${titleOf(child)} has metadata.${field}`),
		...Object.keys(child.metadata.annotations ?? {})
			.filter((name) => name.startsWith("metacontroller.k8s.io/"))
			.map((name) => `${titleOf(child)} has annotation ${name}`),
		...("status" in child ? [`${titleOf(child)} has a status`] : []),
		...(child.kind === "Service" && "clusterIPs" in recordAt(child, "spec")
			? [`${titleOf(child)} has clusterIPs`]
			: []),
		...(["Deployment", "StatefulSet"].includes(child.kind) && "revisionHistoryLimit" in recordAt(child, "spec")
			? [`${titleOf(child)} has defaults of the server`]
			: []),
	]);
