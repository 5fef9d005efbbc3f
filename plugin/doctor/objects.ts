import { conditionOf } from "../../kube/conditions.ts";
import { isObserved, isReady } from "../../kube/health.ts";
import { compact, describeObject } from "../../kube/object.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { Event } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { eventTime } from "../cluster/cluster-view.ts";
import { kubectlCommand, placeOf, prismCommand, type Speech, slashName } from "../cluster/command-lines.ts";
import { ANSWERED_WITHIN, changedAt, STUCK_AFTER } from "../cluster/health.ts";
import { isUserKind } from "../cluster/kinds.ts";
import type { ClusterState } from "./cluster-state.ts";
import { type DoctorFinding, findingsAbout } from "./finding.ts";

// The objects: reconciled, not stuck in deletion, synced without errors?

const { good, odd, bad, unknown } = findingsAbout("objects");
const RECENT_SECONDS = 600;
const SHOWN = 5;

export const objects = ({ view, scope }: ClusterState, speech: Speech): DoctorFinding[] => {
	const place = scope.namespace === undefined ? ["-A"] : ["-n", scope.namespace];
	const ours = view.objects.filter(isUserKind);
	const age = (time: string | null | undefined) => secondsBetween(time ?? view.now, view.now);
	const why = (object: KubeObject | undefined) =>
		object === undefined ? [] : [prismCommand(speech, "why", slashName(object), ...placeOf(object))];
	const silent = ours.filter((object) => {
		const ready = conditionOf(object, "Ready");
		if (object.metadata.deletionTimestamp !== undefined) return false;
		if (ready === undefined) return age(object.metadata.creationTimestamp) > ANSWERED_WITHIN;
		return !isObserved(object) && age(changedAt(object)) > ANSWERED_WITHIN;
	});
	const stuck = ours.filter(
		({ metadata }) => metadata.deletionTimestamp !== undefined && age(metadata.deletionTimestamp) > STUCK_AFTER,
	);
	const errors = view.events.filter((event) => event.reason === "SyncError" && age(eventTime(event)) < RECENT_SECONDS);
	const late = ours.filter((object) => !isReady(object));
	const kept = stuck
		.slice(0, SHOWN)
		.map((object) => `${describeObject(object)}: ${(object.metadata.finalizers ?? []).join(", ")}`);
	const ready = `${ours.length - late.length} of ${ours.length} are ready${scope.namespace === undefined ? "" : ` in namespace ${scope.namespace}`}`;
	return compact([
		silent.length > 0 && {
			...bad(`the operator does not reconcile ${silent.length} of ${ours.length}`, ...why(silent[0])),
			details: named(silent),
		},
		stuck.length > 0 && {
			...bad(
				`${stuck.length} ${stuck.length === 1 ? "is" : "are"} being deleted for more than ${STUCK_AFTER / 60} minutes, because of finalizers`,
				...why(stuck[0]),
			),
			details: kept,
		},
		errors.length > 0 && {
			...bad(
				`Metacontroller failed to sync in the last ${RECENT_SECONDS / 60} minutes`,
				kubectlCommand(speech, "get", "events", ...place, "--field-selector", "reason=SyncError"),
			),
			details: [...new Set(errors.map(errorText))].slice(0, SHOWN),
		},
		ours.length === 0
			? view.notes.length === 0 && good("there are none yet")
			: late.length > silent.length
				? odd(ready, prismCommand(speech, "status", ...place))
				: good(ready),
		...view.notes.map((note) => unknown(note)),
	]);
};

const named = (list: readonly KubeObject[]): string[] => [
	...list.slice(0, SHOWN).map(describeObject),
	...(list.length > SHOWN ? [`and ${list.length - SHOWN} more`] : []),
];

const errorText = ({ involvedObject: { kind, name }, message }: Event): string => `${kind} ${name}: ${message}`;
