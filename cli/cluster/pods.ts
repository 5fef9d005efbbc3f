import { isRecord, recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { type ClusterView, eventTime } from "./view.ts";

// What is wrong with a pod, from its status and the events about it: what an experienced person reads out of
// `kubectl describe pod`.

export interface PodTrouble {
	/** Kubernetes' own word: ImagePullBackOff, CrashLoopBackOff, Unschedulable, ... */
	readonly word: string;
	/** A sentence without the pod's name. */
	readonly says: string;
	/** Since when, where that is known. */
	readonly since?: string | undefined;
	/** The container that shows it. */
	readonly container?: string | undefined;
	/** Its logs tell more: of the run before, or of the present one. */
	readonly logs?: "previous" | "current" | undefined;
	/** What kind of cure helps. */
	readonly cure: Cure;
}

export type Cure = "image" | "logs" | "config" | "resources" | "scheduling" | "volume" | "node" | "wait";

/** The first trouble of a pod; undefined: it is ready, or on its way without one. */
export const podTrouble = (pod: KubeObject, view: ClusterView): PodTrouble | undefined =>
	leaving(pod) ??
	evicted(pod) ??
	unschedulable(pod) ??
	containerTrouble(pod, view) ??
	unmounted(pod, view) ??
	notReady(pod, view);

export const isPodReady = (pod: KubeObject): boolean => conditionOfPod(pod, "Ready")?.["status"] === "True";

/** Conditions of pods lack fields that ours always have. */
const conditionOfPod = (pod: KubeObject, type: string): Record<string, unknown> | undefined =>
	recordsAt(pod, "status", "conditions").find((condition) => condition["type"] === type);

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

// ── The pod as a whole ──────────────────────────────────────────────────────────────────────────────────────────────

const leaving = ({ metadata: { deletionTimestamp } }: KubeObject): PodTrouble | undefined =>
	deletionTimestamp === undefined
		? undefined
		: {
				word: "Terminating",
				says: "it is being deleted, and has not ended yet",
				since: deletionTimestamp,
				cure: "node",
			};

const evicted = (pod: KubeObject): PodTrouble | undefined => {
	if (valueAt(pod, "status", "phase") !== "Failed") return undefined;
	const reason = text(valueAt(pod, "status", "reason")) ?? "Failed";
	return {
		word: reason,
		says: text(valueAt(pod, "status", "message")) ?? "it ended, and is not started again",
		since: text(conditionOfPod(pod, "Ready")?.["lastTransitionTime"]),
		cure: reason === "Evicted" ? "resources" : "logs",
		...(reason !== "Evicted" && { logs: "current" as const }),
	};
};

const unschedulable = (pod: KubeObject): PodTrouble | undefined => {
	const condition = conditionOfPod(pod, "PodScheduled");
	if (condition?.["status"] !== "False") return undefined;
	return {
		word: text(condition["reason"]) ?? "Unschedulable",
		says: `no node takes it: ${text(condition["message"]) ?? "no reason given"}`,
		since: text(condition["lastTransitionTime"]),
		cure: "scheduling",
	};
};

// ── Containers ──────────────────────────────────────────────────────────────────────────────────────────────────────

const containerTrouble = (pod: KubeObject, view: ClusterView): PodTrouble | undefined => {
	const init = recordsAt(pod, "status", "initContainerStatuses").map((status) =>
		statusTrouble(status, pod, view, true),
	);
	const main = recordsAt(pod, "status", "containerStatuses").map((status) => statusTrouble(status, pod, view, false));
	return [...init, ...main].find((trouble) => trouble !== undefined);
};

const PULLING = ["ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"];
const CONFIGURING = ["CreateContainerConfigError", "CreateContainerError"];
const STARTING = ["RunContainerError", "PostStartHookError", "StartError"];

const statusTrouble = (
	status: Record<string, unknown>,
	pod: KubeObject,
	view: ClusterView,
	init: boolean,
): PodTrouble | undefined => {
	const container = String(status["name"]);
	const what = `${init ? "init container" : "container"} ${container}`;
	const waiting = valueAt(status, "state", "waiting");
	const word = text(valueAt(waiting, "reason"));
	const message = text(valueAt(waiting, "message"));
	if (word !== undefined && PULLING.includes(word)) {
		const told = pullFailure(pod, view) ?? message?.replace(/^Back-off pulling image "[^"]*"(?:: )?/, "");
		return {
			word,
			says: `the image ${String(status["image"])} of ${what} can't be pulled${told === undefined || told === "" ? "" : `: ${told}`}`,
			since: sinceOf(pod),
			container,
			cure: "image",
		};
	}
	if (word !== undefined && CONFIGURING.includes(word))
		return {
			word,
			says: `${what} can't be made: ${message ?? "no reason given"}`,
			since: sinceOf(pod),
			container,
			cure: "config",
		};
	if (word !== undefined && STARTING.includes(word))
		return {
			word,
			says: `${what} can't be started: ${message ?? "no reason given"}`,
			since: sinceOf(pod),
			container,
			cure: "logs",
		};
	const ended = endOf(status);
	if (word === "CrashLoopBackOff" || (ended !== undefined && (!init || ended.exitCode !== 0))) {
		const restarts = Number(status["restartCount"] ?? 0);
		const times = restarts > 0 ? `, restarted ${restarts === 1 ? "once" : `${restarts} times`}` : "";
		const oom = ended?.reason === "OOMKilled";
		return {
			word: oom ? "OOMKilled" : (word ?? ended?.reason ?? "Error"),
			says: oom
				? `${what} needs more memory than its limit allows, and is killed${times}`
				: `${what} ${ended === undefined ? "ends again and again" : ended.exitCode === 0 ? "ends by itself, with code 0" : `ends with ${exitText(ended.exitCode)}`}${times}${ended?.message === undefined ? "" : `: ${ended.message}`}`,
			since: sinceOf(pod),
			container,
			logs: valueAt(status, "state", "terminated") === undefined ? "previous" : "current",
			cure: oom ? "resources" : "logs",
		};
	}
	return undefined;
};

/** How the container ended: now, or the last time if it is waiting to be started again. */
const endOf = (status: Record<string, unknown>) => {
	const now = valueAt(status, "state", "terminated");
	const waiting = text(valueAt(status, "state", "waiting", "reason")) === "CrashLoopBackOff";
	const ended = isRecord(now) ? now : waiting ? valueAt(status, "lastState", "terminated") : undefined;
	if (!isRecord(ended)) return undefined;
	return {
		exitCode: Number(ended["exitCode"] ?? 1),
		reason: text(ended["reason"]),
		message: text(ended["message"])?.trim().split("\n").slice(-1)[0],
	};
};

const SIGNALS: Readonly<Record<number, string>> = { 134: "SIGABRT", 137: "SIGKILL", 139: "SIGSEGV", 143: "SIGTERM" };

const exitText = (code: number): string => {
	if (code === 126) return "code 126: its command can't be run";
	if (code === 127) return "code 127: its command is not in the image";
	const signal = SIGNALS[code];
	return signal === undefined ? `code ${code}` : `code ${code} (${signal})`;
};

/** What the kubelet said when it last tried: the registry's own words, which the status does not always have. */
const pullFailure = (pod: KubeObject, view: ClusterView): string | undefined => {
	const failed = view.eventsOn(pod).find(({ reason, message }) => reason === "Failed" && /pull/i.test(String(message)));
	const said = text(failed?.["message"]);
	if (said === undefined || /^Error: (ErrImagePull|ImagePullBackOff)/.test(said)) return undefined;
	// "Failed to pull image "x": rpc error: code = NotFound desc = ..." tells the same thing three times.
	return said.replace(/^Failed to pull image "[^"]*": /, "").replace(/^(rpc error: code = \w+ desc = )+/, "");
};

/** Since when it is not ready, or else since when it is there. */
const sinceOf = (pod: KubeObject): string | undefined =>
	text(conditionOfPod(pod, "Ready")?.["lastTransitionTime"]) ?? text(pod.metadata.creationTimestamp);

// ── Not ready without a container's fault ───────────────────────────────────────────────────────────────────────────

const unmounted = (pod: KubeObject, view: ClusterView): PodTrouble | undefined => {
	if (valueAt(pod, "status", "phase") !== "Pending") return undefined;
	const event = view
		.eventsOn(pod)
		.find(({ reason }) => ["FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"].includes(String(reason)));
	if (event === undefined) return undefined;
	const isMount = event["reason"] !== "FailedCreatePodSandBox";
	return {
		word: String(event["reason"]),
		says: `${isMount ? "a volume can't be mounted" : "its network can't be set up"}: ${String(event["message"])}`,
		since: sinceOf(pod),
		cure: isMount ? "volume" : "node",
	};
};

const notReady = (pod: KubeObject, view: ClusterView): PodTrouble | undefined => {
	if (isPodReady(pod) || valueAt(pod, "status", "phase") === "Succeeded") return undefined;
	const late = recordsAt(pod, "status", "containerStatuses").filter((status) => status["ready"] !== true);
	const [first] = late;
	const container = text(first?.["name"]);
	const isRunning = isRecord(valueAt(first, "state", "running"));
	const event = view.eventsOn(pod).find(({ reason }) => reason === "Unhealthy");
	if (isRunning) {
		const said = text(event?.["message"])?.replace(/^(Readiness|Liveness|Startup) probe failed: /, (_, kind: string) =>
			kind === "Readiness" ? "" : `${kind.toLowerCase()} probe: `,
		);
		return {
			word: "NotReady",
			says: `container ${container} runs, and does not pass its readiness probe${said === undefined ? "" : `: ${said}`}`,
			since: text(event?.["firstTimestamp"]) ?? sinceOf(pod),
			container,
			logs: "current",
			cure: "logs",
		};
	}
	const gate = recordsAt(pod, "spec", "readinessGates").length > 0 && late.length === 0;
	const newest = view.eventsOn(pod)[0];
	return {
		word: gate ? "ReadinessGatesNotReady" : (text(valueAt(first, "state", "waiting", "reason")) ?? "Pending"),
		says: gate
			? "its containers are ready, and a readiness gate is not"
			: `it is being started${newest === undefined ? "" : `: ${text(newest["message"]) ?? ""} (${eventTime(newest)})`}`,
		since: sinceOf(pod),
		container,
		cure: "wait",
	};
};
