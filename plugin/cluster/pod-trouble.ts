import { secondsBetween } from "../../kube/time.ts";
import type { Pod } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { type ClusterView, eventTime } from "./cluster-view.ts";
import { containerTrouble } from "./container-trouble.ts";
import { claimTrouble } from "./pod-claims.ts";
import { failedProbe } from "./pod-probes.ts";
import { namedIn, referencesOf } from "./pod-references.ts";
import { conditionOfPod, isPod, isPodReady, type PodTrouble, readySince, sinceOf } from "./pods.ts";

// Finds the problem of a pod from its status and events, as an experienced user does with `kubectl describe pod`. Reasons and
// fields decide; messages are only quoted.

/** The first problem of a pod; undefined if it is ready, or progressing without a problem. */
export const podTrouble = (object: KubeObject, view: ClusterView): PodTrouble | undefined => {
	if (!isPod(object)) return undefined;
	return (
		terminating(object, view) ??
		evicted(object) ??
		unschedulable(object, view) ??
		containerTrouble(object, view) ??
		unmounted(object, view) ??
		notReady(object, view)
	);
};

const terminating = ({ metadata }: Pod, { now }: ClusterView): PodTrouble | undefined => {
	const { deletionTimestamp: since, finalizers = [] } = metadata;
	if (since === undefined) return undefined;
	// deletionTimestamp is the end of its grace period: only finalizers keep it longer, unless its node does not answer.
	if (finalizers.length > 0 && since < now)
		return { word: "Finalizers", says: "it is being deleted, and finalizers hold it", since, remedy: "node" };
	return { word: "Terminating", says: "it is being deleted, and has not terminated yet", since, remedy: "node" };
};

const evicted = (pod: Pod): PodTrouble | undefined => {
	if (pod.status?.phase !== "Failed") return undefined;
	const { reason: word = "Failed", message: says = "it terminated, and is not restarted" } = pod.status;
	const since = readySince(pod);
	if (word === "Evicted") return { word, says, since, remedy: "resources" };
	// The kubelet rejected it, for example with OutOfcpu: no container ran, and there is no log.
	if ((pod.status.containerStatuses ?? []).length === 0) return { word, says, since, remedy: "scheduling" };
	return { word, says, since, remedy: "logs", logs: "current" };
};

const unschedulable = (pod: Pod, view: ClusterView): PodTrouble | undefined => {
	const condition = conditionOfPod(pod, "PodScheduled");
	const claim = claimTrouble(pod, view);
	// While the scheduler waits for a volume, for up to 10 min, it reports no condition.
	if (condition === undefined && claim !== undefined && pod.spec?.nodeName === undefined)
		return { word: "Pending", says: "it waits for a volume", since: sinceOf(pod), remedy: "claim", claim };
	if (condition?.status !== "False") return undefined;
	if (condition.reason === "SchedulingGated") {
		const gates = (pod.spec?.schedulingGates ?? []).map(({ name }) => name).join(", ");
		const says = `it is not scheduled until other controllers remove its scheduling gates: ${gates}`;
		return { word: condition.reason, says, since: sinceOf(pod), remedy: "gate" };
	}
	return {
		word: condition.reason ?? "Unschedulable",
		says: `no node fits: ${condition.message ?? "no reason given"}`,
		since: condition.lastTransitionTime,
		remedy: claim === undefined ? "scheduling" : "claim",
		claim,
	};
};

const MOUNTING = ["FailedMount", "FailedAttachVolume"];

const unmounted = (pod: Pod, view: ClusterView): PodTrouble | undefined => {
	if (pod.status?.phase !== "Pending") return undefined;
	const reasons = [...MOUNTING, "FailedCreatePodSandBox"];
	const event = view.eventsOn(pod).find(({ reason = "" }) => reasons.includes(reason));
	const { reason: word, message } = event ?? {};
	if (word === undefined) return undefined;
	const since = sinceOf(pod);
	return MOUNTING.includes(word)
		? {
				word,
				says: `a volume can't be mounted: ${message}`,
				since,
				remedy: "volume",
				lacks: namedIn(message, referencesOf(pod)),
			}
		: { word, says: `its network can't be set up: ${message}`, since, remedy: "node" };
};

/** Seconds within which a kubelet starts a pod that is bound to its node. */
const SILENT_SECONDS = 60;

const notReady = (pod: Pod, view: ClusterView): PodTrouble | undefined => {
	if (isPodReady(pod) || pod.status?.phase === "Succeeded") return undefined;
	const late = (pod.status?.containerStatuses ?? []).filter(({ ready }) => !ready);
	const [first] = late;
	const container = first?.name;
	if (first?.state?.running) {
		const { kind = "readiness", detail = "", since = sinceOf(pod) } = failedProbe(pod, view) ?? {};
		const says = `container ${container} runs, but fails its ${kind} probe${detail === "" ? "" : `: ${detail}`}`;
		return { word: "NotReady", says, since, container, logs: "current", remedy: kind === "startup" ? "probe" : "logs" };
	}
	const since = sinceOf(pod);
	const initial = (pod.status?.initContainerStatuses ?? []).find(({ ready, state }) => !ready && state?.running);
	const startedAt = initial?.state?.running?.startedAt;
	if (initial !== undefined && secondsBetween(startedAt ?? view.now, view.now) > SILENT_SECONDS)
		return {
			word: "PodInitializing",
			says: `init container ${initial.name} still runs, and the others wait for it`,
			since: startedAt ?? since,
			container: initial.name,
			logs: "current",
			remedy: "logs",
		};
	if ((pod.spec?.readinessGates ?? []).length > 0 && late.length === 0)
		return {
			word: "ReadinessGatesNotReady",
			says: "its containers are ready, and a readiness gate is not",
			since,
			remedy: "wait",
		};
	const lost = view.eventsOn(pod).find(({ reason }) => reason === "NodeNotReady");
	const { nodeName } = pod.spec ?? {};
	const age = secondsBetween(pod.metadata.creationTimestamp ?? view.now, view.now);
	const isUntouched =
		nodeName !== undefined && (pod.status?.containerStatuses ?? []).length === 0 && age > SILENT_SECONDS;
	if (nodeName !== undefined && (lost !== undefined || isUntouched))
		return {
			word: "NodeNotReady",
			says: `its node ${nodeName} does not answer`,
			since: lost?.firstTimestamp ?? since,
			remedy: "node",
		};
	const [newest] = view.eventsOn(pod);
	return {
		word: first?.state?.waiting?.reason ?? "Pending",
		says: `it is starting${newest === undefined ? "" : `: ${newest.message ?? ""} (${eventTime(newest)})`}`,
		since,
		container,
		remedy: "wait",
	};
};
