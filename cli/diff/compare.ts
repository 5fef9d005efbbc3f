import { conditionOf } from "../../kube/conditions.ts";
import { isRecord, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CONFIG_CHECKSUM_ANNOTATION, DESIRED_HASH_ANNOTATION, SENT_BY_ANNOTATION } from "../../schemas/vocabulary.ts";
import { textAt } from "../cluster/fields.ts";

// What of a stored object is to be held against the one that is wanted: the fields that are sent now or were sent last, and
// none that the API server or somebody else put there.

export interface Change {
	readonly what: "created" | "changed" | "deleted" | "blocked" | "refused";
	readonly object: KubeObject;
	/** Both without what is not compared; undefined: not there. */
	readonly before: unknown;
	readonly after: unknown;
	/** Whose child it is, by kind and name; undefined: it is in the file itself. */
	readonly parent: string | undefined;
	/** What comes of it beside the text: pods that are replaced, a name that is taken. */
	readonly notes: readonly string[];
}

const LAST_APPLIED = "metacontroller.k8s.io/last-applied-configuration";

/** The change from a stored object to a wanted one; undefined: there is none. */
export const changeOf = (
	stored: KubeObject | undefined,
	wanted: KubeObject | undefined,
	parent: string | undefined,
): Change | undefined => {
	const after = wanted && stripped(wanted);
	const before = stored && compared(stripped(stored), after, lastApplied(stored));
	const object = wanted ?? stored;
	if (object === undefined || sameValue(before, after)) return undefined;
	const what = before === undefined ? "created" : after === undefined ? "deleted" : "changed";
	return { what, object, before, after, parent, notes: notesOn(what, object, stored, wanted) };
};

/** Without status, and of metadata only what is anybody's to set. The hash changes whenever anything does. */
const stripped = ({ status: _status, metadata, ...rest }: KubeObject): Record<string, unknown> => {
	const annotations = Object.entries(metadata.annotations ?? {}).filter(
		([name]) => !OURS.has(name) && name !== LAST_APPLIED && !name.startsWith("kubectl.kubernetes.io/"),
	);
	const labels = Object.entries(metadata.labels ?? {}).filter(([name]) => name !== OWNER_LABEL);
	return {
		...rest,
		metadata: {
			name: metadata.name,
			...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
			...(labels.length > 0 && { labels: Object.fromEntries(labels) }),
			...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
		},
	};
};

/** They say which version of a child was sent and who sent it, not what is in it. */
const OURS: ReadonlySet<string> = new Set([DESIRED_HASH_ANNOTATION, SENT_BY_ANNOTATION]);

/** By which Metacontroller finds a parent's children; it adds it itself. */
const OWNER_LABEL = "controller-uid";

const lastApplied = ({ metadata: { annotations = {} } }: KubeObject): unknown => {
	try {
		return JSON.parse(annotations[LAST_APPLIED] ?? "{}");
	} catch {
		return {};
	}
};

/** Keys by which lists of objects are merged, as Metacontroller has them. */
const LIST_KEYS = ["containerPort", "port", "mountPath", "name", "uid", "ip", "path", "topologyKey", "type"] as const;

/** `stored` cut down to what is sent now, or was sent last. */
const compared = (stored: unknown, wanted: unknown, last: unknown): unknown => {
	if (Array.isArray(stored)) return comparedList(stored, asList(wanted), asList(last));
	if (!isRecord(stored)) return stored;
	const [now, then] = [isRecord(wanted) ? wanted : {}, isRecord(last) ? last : {}];
	return Object.fromEntries(
		Object.keys(stored)
			.filter((field) => field in now || field in then)
			.map((field) => [field, compared(stored[field], now[field], then[field])])
			// A map of which nothing is ours is as good as none.
			.filter(([field, value]) => String(field) in now || !isRecord(value) || Object.keys(value).length > 0),
	);
};

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const comparedList = (stored: readonly unknown[], wanted: readonly unknown[], last: readonly unknown[]): unknown[] => {
	const sent = [...wanted, ...last];
	const key = LIST_KEYS.find((name) => [...stored, ...sent].every((item) => isRecord(item) && name in item));
	if (key === undefined)
		return stored.map((item, index) => (isRecord(item) ? compared(item, wanted[index], last[index]) : item));
	return stored.filter(isRecord).flatMap((item) => {
		const same = (list: readonly unknown[]) => list.filter(isRecord).find((other) => other[key] === item[key]);
		const [now, then] = [same(wanted), same(last)];
		return now === undefined && then === undefined ? [] : [compared(item, now, then)];
	});
};

/** Equal as JSON, whatever the order of fields; nothing is as good as an empty map. */
const sameValue = (left: unknown, right: unknown): boolean => {
	if (Array.isArray(left) && Array.isArray(right))
		return left.length === right.length && left.every((item, index) => sameValue(item, right[index]));
	if (isRecord(left) && isRecord(right))
		return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((field) =>
			sameValue(left[field], right[field]),
		);
	return left === right;
};

// ── What comes of it ────────────────────────────────────────────────────────────────────────────────────────────────

const notesOn = (
	what: Change["what"],
	object: KubeObject,
	stored: KubeObject | undefined,
	wanted: KubeObject | undefined,
): string[] => {
	if (object.kind !== "Deployment" && object.kind !== "StatefulSet") return [];
	if (what === "deleted") return ["its pods go"];
	if (what !== "changed" || stored === undefined || wanted === undefined) return [];
	const [had, gets] = [textAt(stored, "spec", "replicas"), textAt(wanted, "spec", "replicas")];
	const [old, fresh] = [valueAt(stored, "spec", "template"), valueAt(wanted, "spec", "template")];
	const rolls = !sameValue(compared(old, fresh, undefined), fresh);
	const isConfig = valueAt(wanted, "spec", "template", "metadata", "annotations", CONFIG_CHECKSUM_ANNOTATION);
	const byConfig =
		isConfig !== undefined &&
		isConfig !== valueAt(stored, "spec", "template", "metadata", "annotations", CONFIG_CHECKSUM_ANNOTATION);
	return [
		...(rolls ? [`its pods are replaced${byConfig ? ", for their configuration changes" : ""}`] : []),
		...(had !== gets && gets !== undefined ? [`${had ?? "?"} → ${gets} replicas`] : []),
	];
};

/** What the hooks would not carry out: then nothing below it changes. */
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
			notes: [`the hooks will refuse it, and leave what it made as it is: ${stalled.reason}: ${stalled.message}`],
		},
	];
};

const REFUSALS: readonly string[] = ["InvalidSpec", "CrossNamespaceReference", "InlineCredentials", "Unsupported"];
