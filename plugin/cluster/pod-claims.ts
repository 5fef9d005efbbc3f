import { secondsBetween } from "../../kube/time.ts";
import type { Pod } from "../../kube/types.ts";
import type { ClusterView } from "./cluster-view.ts";
import { conditionOfPod, type PodTrouble } from "./pods.ts";

// The PersistentVolumeClaims of a pod, and the claim for which it waits, by events and by the message of the scheduler.

export const claimsOf = ({ spec }: Pod): string[] =>
	(spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => (claim === undefined ? [] : [claim.claimName]));

const CLAIM_FAILURES = ["ProvisioningFailed", "FailedBinding"];
/** The volume controller requested the volume from an external provisioner: a failure only after some time. */
const ASKED = "ExternalProvisioning";
/** Seconds within which a provisioner makes a volume. */
const PROVISIONED_SECONDS = 60;

/** The claim for which a pod waits, by the events of its claims, or by the message of the scheduler. */
export const claimTrouble = (pod: Pod, { events, now }: ClusterView): PodTrouble["claim"] => {
	const claims = claimsOf(pod);
	const about = events.filter(
		({ involvedObject: { kind, namespace, name = "" } }) =>
			kind === "PersistentVolumeClaim" && namespace === pod.metadata.namespace && claims.includes(name),
	);
	const since = pod.metadata.creationTimestamp ?? now;
	const scheduler = conditionOfPod(pod, "PodScheduled")?.message ?? "";
	const seen = claimOfScheduler(claims, scheduler);
	// A claim may have got its volume since, and the pod wait for something else.
	const isUnbound = scheduler === "" || UNBOUND.test(scheduler);
	const event =
		about.find(({ reason = "" }) => CLAIM_FAILURES.includes(reason)) ??
		(isUnbound && seen === undefined
			? about.find(({ reason }) => reason === ASKED && secondsBetween(since, now) > PROVISIONED_SECONDS)
			: undefined);
	const { involvedObject: { name } = {}, reason: word = "", message = "" } = event ?? {};
	if (name !== undefined) return { name, word, says: `has no volume: ${message}` };
	const [only, ...others] = claims;
	if (seen !== undefined || only === undefined || others.length > 0 || !UNBOUND.test(scheduler)) return seen;
	// Without an event there is none who would make the volume.
	return {
		name: only,
		word: "Unbound",
		says: "has no volume, and nothing makes one: does the volume that it names exist?",
	};
};

/** How the scheduler reports claims without a volume. */
const UNBOUND = /unbound immediate PersistentVolumeClaims|binding volumes/;

/** The condition of the scheduler has no other field with the claim and the cause. */
const claimOfScheduler = (claims: readonly string[], message: string): PodTrouble["claim"] => {
	const saidOf = (state: string) =>
		// oxlint-disable-next-line prism/no-message-as-meaning -- see above
		claims.find((claim) => message.includes(`persistentvolumeclaim "${claim}" ${state}`));
	const missing = saidOf("not found");
	if (missing !== undefined) return { name: missing, word: "NotFound", says: "has no volume: it does not exist" };
	const going = saidOf("is being deleted");
	if (going !== undefined)
		return {
			name: going,
			word: "Terminating",
			says: "is being deleted: it is removed when no pod uses it, and is then created again",
		};
	const [only, ...others] = claims;
	// oxlint-disable-next-line prism/no-message-as-meaning -- see above
	if (only !== undefined && others.length === 0 && /ReadWriteOncePod/.test(message))
		return { name: only, word: "InUse", says: "is ReadWriteOncePod, and another pod uses it" };
	if (
		only === undefined ||
		others.length > 0 ||
		// oxlint-disable-next-line prism/no-message-as-meaning -- see above
		!/volume node affinity conflict|PersistentVolume's node affinity|no available volume zone/.test(message)
	)
		return undefined;
	return {
		name: only,
		word: "NodeAffinityConflict",
		says: "has a volume on nodes where the pod can't be scheduled",
	};
};
