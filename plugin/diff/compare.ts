import { conditionOf } from "../../kube/conditions.ts";
import { differences, sentPart, sidesOf } from "../../kube/field-differences.ts";
import { valueAt } from "../../kube/object.ts";
import { countOf } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CONFIG_CHECKSUM_ANNOTATION } from "../../schemas/vocabulary.ts";

// A change of an object, and its consequences.

export interface Change {
	readonly what: "created" | "changed" | "deleted" | "blocked" | "refused";
	readonly object: KubeObject;
	/** The object before and after, only with compared fields; undefined: it does not exist. */
	readonly before: unknown;
	readonly after: unknown;
	/** Kind and name of the parent; undefined: the object is in the file itself. */
	readonly parent: string | undefined;
	/** Consequences, such as replaced pods or a name conflict. */
	readonly notes: readonly string[];
}

/** The change from a stored to a desired object; undefined if there is none. */
export const changeOf = (
	stored: KubeObject | undefined,
	wanted: KubeObject | undefined,
	parent: string | undefined,
): Change | undefined => {
	const { before, after } = sidesOf(stored, wanted);
	const object = wanted ?? stored;
	if (object === undefined || differences(before, after).length === 0) return undefined;
	const what = before === undefined ? "created" : after === undefined ? "deleted" : "changed";
	return { what, object, before, after, parent, notes: notesOn(what, object, stored, wanted) };
};

// ── What comes of it ────────────────────────────────────────────────────────────────────────────────────────────────

const notesOn = (
	what: Change["what"],
	object: KubeObject,
	stored: KubeObject | undefined,
	wanted: KubeObject | undefined,
): string[] => {
	if (object.kind !== "Deployment" && object.kind !== "StatefulSet") return [];
	if (what === "deleted") return ["its pods are deleted"];
	if (what !== "changed" || stored === undefined || wanted === undefined) return [];
	const [had, gets] = [countOf(stored["spec"], "replicas"), countOf(wanted["spec"], "replicas")];
	const [old, fresh] = [valueAt(stored, "spec", "template"), valueAt(wanted, "spec", "template")];
	const rolls = differences(sentPart(old, fresh, undefined), fresh).length > 0;
	const byConfig = checksumIn(fresh) !== undefined && checksumIn(fresh) !== checksumIn(old);
	return [
		...(rolls ? [`its pods are replaced${byConfig ? ", because their configuration changes" : ""}`] : []),
		...(had !== gets && gets !== undefined ? [`${had ?? "?"} → ${gets} replicas`] : []),
	];
};

const checksumIn = (template: unknown) => valueAt(template, "metadata", "annotations", CONFIG_CHECKSUM_ANNOTATION);

/** A spec that the operator would reject: then its children do not change. */
export const refusalOf = (parent: KubeObject, status: unknown): Change[] => {
	const stalled = conditionOf({ ...parent, status }, "Stalled");
	if (stalled?.status !== "True" || !REFUSALS.includes(stalled.reason)) return [];
	return [
		{
			what: "refused",
			object: parent,
			before: undefined,
			after: undefined,
			parent: undefined,
			notes: [`the operator will reject it, and keep its children as they are: ${stalled.reason}: ${stalled.message}`],
		},
	];
};

const REFUSALS: readonly string[] = ["InvalidSpec", "CrossNamespaceReference", "InlineCredentials", "Unsupported"];
