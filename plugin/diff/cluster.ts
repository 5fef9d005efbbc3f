import { CREATION_SECONDS } from "../../kube/conditions.ts";
import { applyUpdate } from "../../kube/dynamic-apply.ts";
import { sentPart } from "../../kube/field-differences.ts";
import type { Row } from "../../kube/hook.ts";
import { describeObject, isKubeObject } from "../../kube/object.ts";
import { admitted, syncRequest } from "../../kube/offline.ts";
import { selectorText } from "../../kube/selectors.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { RelatedResourceRule } from "../../schemas/metacontroller.ts";
import { type ClusterView, namespaceOf } from "../cluster/cluster-view.ts";
import { errorMessage, type Kubectl, listed, parseObjects } from "../cluster/kubectl.ts";
import { answered, published, rowOf } from "../render/render.ts";
import { type Change, changeOf, refusalOf } from "./compare.ts";

// `diff` against the cluster: runs the hooks locally, for the object as the API server would store it and with the observed
// children and related objects, and compares the desired children with the observed ones.

export interface ClusterDiff {
	readonly kubectl: Kubectl;
	readonly view: ClusterView;
	readonly context: Context;
}

/** All changes that applying one object would cause: of the object, its children, and their children. */
export const clusterChanges = async (diff: ClusterDiff, wanted: KubeObject): Promise<Change[]> => {
	const row = rowOf(wanted);
	if (row === undefined) return [];
	const stored = diff.view.get(wanted.kind, namespaceOf(wanted), wanted.metadata.name);
	const own = changeOf(stored, wanted, undefined);
	const parent = desiredParent(row, stored, wanted, diff.context.now);
	return [...(own === undefined ? [] : [own]), ...(await childChanges(diff, row, parent, []))];
};

/** The object as it would be stored, with the identity of the stored one. */
const desiredParent = (row: Row, stored: KubeObject | undefined, wanted: KubeObject, now: string): KubeObject => {
	if (stored === undefined) return admitted(row.parent, wanted, now);
	const { uid, creationTimestamp, generation } = stored.metadata;
	const metadata = {
		...wanted.metadata,
		...(uid !== undefined && { uid }),
		...(creationTimestamp !== undefined && { creationTimestamp }),
		...(generation !== undefined && { generation }),
		// Keep the annotations: the hooks treat a paused object, or one that is being deleted, differently.
		annotations: { ...stored.metadata.annotations, ...wanted.metadata.annotations },
		labels: { ...stored.metadata.labels, ...wanted.metadata.labels },
	};
	return admitted(row.parent, { ...wanted, metadata, status: stored["status"] }, now);
};

const childChanges = async (
	diff: ClusterDiff,
	row: Row,
	parent: KubeObject,
	siblings: readonly KubeObject[],
): Promise<Change[]> => {
	const { view, context } = diff;
	const observed = view.owned(parent);
	const related = await relatedTo(diff, row, parent);
	const coming = siblings.flatMap((sibling) => published(sibling, context));
	const replaced = new Set(coming.map(describeObject));
	const all = [...related.filter((object) => !replaced.has(describeObject(object))), ...coming];
	const { children, status } = answered(row, syncRequest(parent, row.children, observed, all), context);
	// Whether a child exists that may not be read is unknown.
	const readable = children.filter((child) => !isUnread(diff, row, child));
	const changes = await Promise.all(
		readable.map(async (child): Promise<[KubeObject, Change | undefined]> => {
			const there = view.get(child.kind, namespaceOf(child), child.metadata.name);
			const isForeign = there !== undefined && parent.metadata.uid !== undefined && !observed.includes(there);
			return [child, isForeign ? blocked(child, parent) : await admittedChange(diff.kubectl, there, child, parent)];
		}),
	);
	const gone = observed
		.filter((there) => row.children.some(({ kind }) => kind === there.kind))
		.filter((there) => !children.some((child) => describeObject(child) === describeObject(there)))
		.map((there) => changeOf(there, undefined, describeObject(parent)));
	const below: Change[] = [];
	for (const [child, change] of changes) {
		const childRow = rowOf(child);
		if (childRow === undefined || change?.what === "blocked") continue;
		const there = view.get(child.kind, namespaceOf(child), child.metadata.name);
		// An unchanged child has unchanged children, unless a sibling that it relates to changes.
		if (
			change === undefined &&
			coming.length === 0 &&
			!changes.some(([, other]) => other?.object.kind === "BackendConfig")
		)
			continue;
		below.push(...(await childChanges(diff, childRow, desiredParent(childRow, there, child, context.now), children)));
	}
	return [
		...refusalOf(parent, status),
		...[...changes.map(([, change]) => change), ...gone].filter((change) => change !== undefined),
		...below,
	];
};

const isUnread = ({ view }: ClusterDiff, { children }: Row, child: KubeObject): boolean =>
	children.some(({ kind, resource }) => kind === child.kind && view.unread.includes(resource));

/** The change that remains after a server-side dry run: admission can turn the desired value into the stored one. */
const admittedChange = async (
	kubectl: Kubectl,
	there: KubeObject | undefined,
	child: KubeObject,
	parent: KubeObject,
): Promise<Change | undefined> => {
	const change = changeOf(there, child, describeObject(parent));
	if (there === undefined || change === undefined) return change;
	const { code, stdout, stderr } = await kubectl.try(["replace", "--dry-run=server", "-o", "json", "-f", "-"], {
		input: JSON.stringify(updated(there, child)),
	});
	const [admittedChild] = code === 0 ? parseObjects(stdout) : [];
	if (admittedChild !== undefined) return changeOf(there, sentFields(admittedChild, child), describeObject(parent));
	// Without the permission to write the child, the effect of admission is unknown.
	if (/\(Forbidden\)|forbidden: User/.test(stderr)) return change;
	return { ...change, notes: [...change.notes, `rejected by the API server: ${errorMessage(stderr)}`] };
};

/** The child as Metacontroller would write it, without resourceVersion. */
const updated = (there: KubeObject, child: KubeObject): KubeObject => {
	const { metadata, ...rest } = applyUpdate(there, child);
	const { resourceVersion: _resourceVersion, managedFields: _managedFields, ...kept } = metadata;
	return { ...rest, metadata: kept };
};

/** Only those fields of an object that the operator sets. */
const sentFields = (object: KubeObject, sent: KubeObject): KubeObject => {
	const cut = sentPart(object, sent, undefined);
	return isKubeObject(cut) ? cut : sent;
};

const blocked = (child: KubeObject, parent: KubeObject): Change => ({
	what: "blocked",
	object: child,
	before: undefined,
	after: undefined,
	parent: describeObject(parent),
	notes: [
		`an object of this name has another owner: the operator does not change it, and reports NameTaken after ${CREATION_SECONDS} s`,
	],
});

// ── Related objects ─────────────────────────────────────────────────────────────────────────────────────────────────

const relatedTo = async ({ kubectl }: ClusterDiff, row: Row, parent: KubeObject): Promise<KubeObject[]> => {
	const rules = row.customize?.({ controller: {}, parent }).relatedResources ?? [];
	const found = await Promise.all(rules.map((rule) => readRule(kubectl, rule)));
	return found.flat();
};

/** Empty if the rule can't be read: the hooks then report what is missing. */
const readRule = async (
	kubectl: Kubectl,
	{ apiVersion, resource, namespace, names = [], labelSelector }: RelatedResourceRule,
): Promise<readonly KubeObject[]> => {
	const [group = "", version] = apiVersion.split("/");
	const what = version === undefined ? resource : `${resource}.${version}.${group}`;
	const place = namespace === undefined ? ["--all-namespaces"] : ["--namespace", namespace];
	const selector = labelSelector === undefined ? "" : selectorText(labelSelector);
	const which = names.length > 0 ? ["--ignore-not-found", ...names] : selector === "" ? [] : ["--selector", selector];
	return (await listed(kubectl, "get", what, ...place, ...which)).objects;
};
