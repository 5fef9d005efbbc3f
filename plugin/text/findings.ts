import { KINDS } from "../../hooks/index.ts";
import { conditionOf, type Found } from "../../kube/conditions.ts";
import { isComposite, type Row } from "../../kube/hook.ts";
import { syncRequest } from "../../kube/offline.ts";
import { relatedObjects } from "../../kube/selectors.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Command } from "../../schemas/findings/command.ts";
import type { Finding } from "../../schemas/findings/finding.ts";
import type { Context } from "../../schemas/installation.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import type { ClusterView } from "../cluster/cluster-view.ts";
import { rowOf } from "../render/render.ts";

// A condition has only a reason and a message. To get the parameters of a finding, this runs the hook on the objects that were
// read. It has no information that only proxies have.

const NAMED_KINDS = KINDS.map(({ kind, plural }) => ({ apiVersion: API_VERSION, kind, resource: plural }));

/** The strictest settings: what any installation rejects, these reject. */
const INSTALLATION: Context["installation"] = {
	imageRegistry: "",
	imageTag: "",
	clusterId: "",
	inlineCredentials: false,
	keda: false,
	serviceMonitors: false,
};

/** The finding of an object's hook, if its condition has the same reason; otherwise undefined. */
export const findingOf = (view: ClusterView, object: KubeObject): Finding | undefined => {
	const finding = foundIn(view, object)?.verdict.finding;
	return finding?.reason === conditionOf(object, "Ready")?.reason ? finding : undefined;
};

/** Remedies for the current warnings of an object. */
export const warningRemedies = (view: ClusterView, object: KubeObject): Command[] =>
	(foundIn(view, object)?.warnings ?? []).flatMap((warning) => ("remedy" in warning ? [warning.remedy] : []));

const foundIn = (view: ClusterView, object: KubeObject): Found | undefined => {
	const row = rowOf(object);
	if (row === undefined) return undefined;
	const related = relatedTo(row, object, view.objects);
	const context = { now: view.now, installation: INSTALLATION };
	return foundBy(row, object, { observed: view.owned(object), related }, context);
};

interface Surroundings {
	readonly observed: readonly KubeObject[];
	readonly related: readonly KubeObject[];
}

/** The result of a hook without responses of instances. */
export const foundBy = (row: Row, object: KubeObject, { observed, related }: Surroundings, context: Context): Found => {
	const finalizing = object.metadata.deletionTimestamp !== undefined;
	const request = { ...syncRequest(object, row.children, observed, related), finalizing };
	if (isComposite(row)) return row.found(request, context);
	const { parent, children, ...rest } = request;
	return row.found({ ...rest, object: parent, attachments: children }, context);
};

/** The related objects of an object. */
export const relatedTo = (row: Row, parent: KubeObject, objects: readonly KubeObject[]): KubeObject[] =>
	relatedObjects(row.customize?.({ controller: {}, parent }).relatedResources ?? [], objects, NAMED_KINDS);
