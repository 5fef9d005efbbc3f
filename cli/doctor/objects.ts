import { conditionOf } from "../../kube/conditions.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { ANSWERED_WITHIN, changedAt, isBehind, isReady, STUCK_AFTER } from "../cluster/health.ts";
import { USER_KINDS } from "../cluster/kinds.ts";
import { placeOf, prismCommand, type Speech, slashName } from "../cluster/speech.ts";
import { eventTime, namespaceOf } from "../cluster/view.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";

// The objects: answered for, let go, synced without an error?

const about = "objects";
const RECENT_SECONDS = 600;
const SHOWN = 5;

export const objects = ({ view }: Facts, speech: Speech): Finding[] => {
	const ours = view.objects.filter(({ kind }) => USER_KINDS.some((descriptor) => descriptor.kind === kind));
	const age = (time: string | null | undefined) => secondsBetween(time ?? view.now, view.now);
	const why = (object: KubeObject | undefined) =>
		object === undefined ? [] : [prismCommand(speech, "why", slashName(object), ...placeOf(object))];
	const silent = ours.filter((object) => {
		const ready = conditionOf(object, "Ready");
		if (object.metadata.deletionTimestamp !== undefined) return false;
		if (ready === undefined) return age(object.metadata.creationTimestamp) > ANSWERED_WITHIN;
		return isBehind(object, ready) && age(changedAt(object)) > ANSWERED_WITHIN;
	});
	const stuck = ours.filter(
		({ metadata }) => metadata.deletionTimestamp !== undefined && age(metadata.deletionTimestamp) > STUCK_AFTER,
	);
	const errors = view.events.filter(
		(event) => event["reason"] === "SyncError" && age(eventTime(event)) < RECENT_SECONDS,
	);
	const late = ours.filter((object) => !isReady(object));
	const found: (Finding | false)[] = [
		silent.length > 0 && {
			level: "bad",
			about,
			says: `the hooks do not answer for ${silent.length} of ${ours.length}`,
			details: named(silent),
			fix: why(silent[0]),
		},
		stuck.length > 0 && {
			level: "bad",
			about,
			says: `${stuck.length} ${stuck.length === 1 ? "is" : "are"} being deleted for more than ${STUCK_AFTER / 60} minutes, held by finalizers`,
			details: stuck
				.slice(0, SHOWN)
				.map((object) => `${nameOf(object)}: ${(object.metadata.finalizers ?? []).join(", ")}`),
			fix: why(stuck[0]),
		},
		errors.length > 0 && {
			level: "bad",
			about,
			says: `Metacontroller failed to sync in the last ${RECENT_SECONDS / 60} minutes`,
			details: [...new Set(errors.map(errorText))].slice(0, SHOWN),
			fix: ["kubectl get events -A --field-selector reason=SyncError"],
		},
		{
			level: late.length > silent.length ? "odd" : "good",
			about,
			says: `${ours.length - late.length} of ${ours.length} are ready`,
			...(late.length > silent.length && { fix: [prismCommand(speech, "status", "-A")] }),
		},
	];
	return [
		...found.filter((finding) => finding !== false),
		...view.notes.map((note): Finding => ({ level: "unknown", about, says: note })),
	];
};

const nameOf = (object: KubeObject): string => `${object.kind} ${namespaceOf(object)}/${object.metadata.name}`;

const named = (list: readonly KubeObject[]): string[] => [
	...list.slice(0, SHOWN).map(nameOf),
	...(list.length > SHOWN ? [`and ${list.length - SHOWN} more`] : []),
];

const errorText = (event: KubeObject): string => {
	const target = event["involvedObject"];
	const name =
		typeof target === "object" && target !== null && "kind" in target && "name" in target
			? `${String(target.kind)} ${String(target.name)}: `
			: "";
	return `${name}${String(event["message"])}`;
};
