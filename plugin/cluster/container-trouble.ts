import { redactedText } from "../../kube/redaction.ts";
import type { ContainerStatus, Pod } from "../../kube/types.ts";
import type { ClusterView } from "./cluster-view.ts";
import { type FailedProbe, failedProbe } from "./pod-probes.ts";
import { namedIn, pullSecretsOf, referencesOf } from "./pod-references.ts";
import { type PodTrouble, type Remedy, sinceOf } from "./pods.ts";

// The first problem of a pod's containers: its image, its configuration, its start, or its end.

export const containerTrouble = (pod: Pod, view: ClusterView): PodTrouble | undefined => {
	const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
	const statuses = [
		...initContainerStatuses.map((status) => [status, true] as const),
		...containerStatuses.map((status) => [status, false] as const),
	];
	for (const [status, isInit] of statuses) {
		const trouble = statusTrouble(status, pod, view, isInit);
		if (trouble !== undefined) return { since: sinceOf(pod), container: status.name, ...trouble };
	}
	return undefined;
};

/** Remedies, by the reason of a waiting container. */
const REMEDIES: Readonly<Record<string, Remedy>> = {
	ImagePullBackOff: "image",
	ErrImagePull: "image",
	InvalidImageName: "image",
	ErrImageNeverPull: "image",
	RegistryUnavailable: "image",
	CreateContainerConfigError: "config",
	CreateContainerError: "config",
	RunContainerError: "start",
	PostStartHookError: "logs",
	StartError: "start",
};

const statusTrouble = (
	status: ContainerStatus,
	pod: Pod,
	view: ClusterView,
	isInit: boolean,
): PodTrouble | undefined => {
	const what = `${isInit ? "init container" : "container"} ${status.name}`;
	const { reason: word = "", message } = status.state?.waiting ?? {};
	const remedy = REMEDIES[word];
	if (remedy === "image") {
		// oxlint-disable-next-line prism/no-message-as-meaning -- only removes a repetition from the output
		const detail = pullFailure(pod, view) ?? message?.replace(/^Back-off pulling image "[^"]*"(?:: )?/, "");
		const says = `the image ${status.image} of ${what} can't be pulled${detail ? `: ${detail}` : ""}`;
		const unread = view.eventsOn(pod).find(({ reason }) => reason === "FailedToRetrieveImagePullSecret")?.message;
		return { word, remedy, says, lacks: namedIn(unread, pullSecretsOf(pod)) };
	}
	// oxlint-disable-next-line prism/no-message-as-meaning -- the kubelet has one reason for all that a container's configuration lacks
	if (remedy === "config" && message !== undefined && /non-root|runAsNonRoot/.test(message))
		return { word, remedy: "user", says: `${what} can't be created: ${message}` };
	if (remedy !== undefined) {
		const says = `${what} can't be ${remedy === "config" ? "created" : "started"}: ${message ?? "no reason given"}`;
		return { word, remedy, says, lacks: remedy === "config" ? namedIn(message, referencesOf(pod)) : undefined };
	}
	return crash(status, what, isInit, failedProbe(pod, view));
};

/** Reasons of containers that did not run at all, and so have no log. */
const NEVER_STARTED: readonly string[] = ["StartError", "ContainerCannotRun"];

/** The signals by which the kubelet ends a container. */
const KILLED: readonly number[] = [137, 143];

const crash = (
	status: ContainerStatus,
	what: string,
	isInit: boolean,
	probe: FailedProbe | undefined,
): PodTrouble | undefined => {
	const { state, lastState, restartCount } = status;
	const word = state?.waiting?.reason;
	const ended = state?.terminated ?? (word === "CrashLoopBackOff" ? lastState?.terminated : undefined);
	const exitCode = ended?.exitCode ?? 1;
	if (word !== "CrashLoopBackOff" && (ended === undefined || (isInit && exitCode === 0))) return undefined;
	const times = restartCount > 0 ? `, restarted ${restartCount === 1 ? "once" : `${restartCount} times`}` : "";
	const logs = state?.terminated === undefined ? "previous" : "current";
	if (ended?.reason === "OOMKilled") {
		const says = `${what} exceeded its memory limit, and was killed${times}`;
		return { word: ended.reason, says, logs, remedy: "resources" };
	}
	if (ended?.reason !== undefined && NEVER_STARTED.includes(ended.reason)) {
		const detail = ended.message ? `: ${redactedText(ended.message)}` : "";
		return { word: ended.reason, says: `${what} can't be started${times}${detail}`, remedy: "start" };
	}
	if (ended !== undefined && KILLED.includes(exitCode) && probe !== undefined && probe.kind !== "readiness")
		return {
			word: word ?? ended.reason ?? "Error",
			says: `${what} fails its ${probe.kind} probe, and is killed${times}: ${probe.detail}`,
			logs,
			remedy: "probe",
		};
	// Redact before the cut: a single line does not show that it is a part of a credential.
	const lastLine = ended?.message && redactedText(ended.message).trim().split("\n").at(-1);
	return {
		word: word ?? ended?.reason ?? "Error",
		says: `${what} ${ended === undefined ? "exits repeatedly" : endText(exitCode)}${times}${lastLine ? `: ${lastLine}` : ""}`,
		logs,
		remedy: "logs",
	};
};

const END_TEXTS: Readonly<Record<number, string>> = {
	0: "exits with code 0",
	126: "exits with code 126: its command can't be run",
	127: "exits with code 127: its command is not in the image",
	134: "exits with code 134 (SIGABRT)",
	137: "exits with code 137 (SIGKILL)",
	139: "exits with code 139 (SIGSEGV)",
	143: "exits with code 143 (SIGTERM)",
};

const endText = (code: number): string => END_TEXTS[code] ?? `exits with code ${code}`;

/** The error of the registry from the kubelet's last event, which the status does not always have. */
const pullFailure = (pod: Pod, view: ClusterView): string | undefined => {
	const failed = view.eventsOn(pod).find(({ reason }) => reason === "Failed")?.message;
	// The event has no more information than the status.
	if (Object.keys(REMEDIES).some((word) => failed === `Error: ${word}`)) return undefined;
	// "Failed to pull image "x": rpc error: code = NotFound desc = ..." has the same prefix up to three times.
	return failed?.replace(/^Failed to pull image "[^"]*": /, "").replace(/^(rpc error: code = \w+ desc = )+/, "");
};
