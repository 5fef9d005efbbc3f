import { redactedText } from "../../kube/redaction.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { ContainerStatus, Pod } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { type ClusterView, eventTime } from "./view.ts";

// Finds the problem of a pod from its status and events, as an experienced user does with `kubectl describe pod`. Reasons and
// fields decide; messages are only quoted.

export interface PodTrouble {
	/** The word that Kubernetes uses: ImagePullBackOff, CrashLoopBackOff, Unschedulable, ... */
	readonly word: string;
	/** A sentence without the pod's name. */
	readonly says: string;
	/** Start of the problem, if known. */
	readonly since?: string | undefined;
	/** The container that shows it. */
	readonly container?: string | undefined;
	/** Which log has more: of the previous container, or of the current one. */
	readonly logs?: "previous" | "current" | undefined;
	/** Kind of remedy. */
	readonly remedy: Remedy;
	/** The missing Secret or ConfigMap. */
	readonly lacks?: PodReference | undefined;
	/** The claim for which the pod waits, and its problem, as the provisioner reports it: "has no volume: ...". */
	readonly claim?: { readonly name: string; readonly word: string; readonly says: string } | undefined;
}

export type Remedy =
	| "image"
	| "logs"
	| "start"
	| "user"
	| "config"
	| "resources"
	| "scheduling"
	| "volume"
	| "claim"
	| "node"
	| "gate"
	| "probe"
	| "wait";

/** A Secret or ConfigMap that a pod refers to, optionally with the key. */
export interface PodReference {
	readonly kind: "Secret" | "ConfigMap";
	readonly name: string;
	readonly key?: string | undefined;
}

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

/** The API server rejects a pod without these fields. */
export const isPod = (object: KubeObject): object is Pod => object.kind === "Pod";

export const isPodReady = (object: KubeObject): boolean =>
	isPod(object) && conditionOfPod(object, "Ready")?.status === "True";

/** Conditions of pods lack fields that ours always have. */
const conditionOfPod = ({ status }: Pod, wanted: string) => status?.conditions?.find(({ type }) => type === wanted);

/** Last transition of its Ready condition. */
export const readySince = (object: KubeObject): string | undefined =>
	isPod(object) ? conditionOfPod(object, "Ready")?.lastTransitionTime : undefined;

/** Last transition of its Ready condition, otherwise its creation. */
const sinceOf = (pod: Pod): string | undefined => readySince(pod) ?? pod.metadata.creationTimestamp ?? undefined;

// ── The pod as a whole ──────────────────────────────────────────────────────────────────────────────────────────────

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

/** Whether it has ended: its workload creates another pod, and keeps this one for inspection. */
export const isOver = (object: KubeObject): boolean => isPod(object) && object.status?.phase === "Failed";

const unschedulable = (pod: Pod, view: ClusterView): PodTrouble | undefined => {
	const condition = conditionOfPod(pod, "PodScheduled");
	const claim = claimFailure(pod, view);
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

export const claimsOf = ({ spec }: Pod): string[] =>
	(spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => (claim === undefined ? [] : [claim.claimName]));

const CLAIM_FAILURES = ["ProvisioningFailed", "FailedBinding"];
/** The volume controller requested the volume from an external provisioner: a failure only after some time. */
const ASKED = "ExternalProvisioning";
/** Seconds within which a provisioner makes a volume. */
const PROVISIONED_SECONDS = 60;

/** The claim for which a pod waits, by the events of its claims, or by the message of the scheduler. */
const claimFailure = (pod: Pod, { events, now }: ClusterView): PodTrouble["claim"] => {
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

// ── Containers ──────────────────────────────────────────────────────────────────────────────────────────────────────

const containerTrouble = (pod: Pod, view: ClusterView): PodTrouble | undefined => {
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

interface FailedProbe {
	/** readiness, liveness or startup. */
	readonly kind: string;
	readonly detail: string;
	readonly since: string | undefined;
}

/** The probe that failed last; only the message of the event names it. */
const failedProbe = (pod: Pod, view: ClusterView): FailedProbe | undefined => {
	const event = view.eventsOn(pod).find(({ reason }) => reason === "Unhealthy");
	const { message = "", firstTimestamp } = event ?? {};
	if (event === undefined) return undefined;
	// oxlint-disable-next-line prism/no-message-as-meaning -- the event has no other field with the probe
	const [prefix = "", kind = "Readiness"] = /^(Readiness|Liveness|Startup) probe failed:\s*/.exec(message) ?? [];
	const detail = message.slice(prefix.length);
	return { kind: kind.toLowerCase(), detail, since: firstTimestamp ?? undefined };
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

// ── Not ready without a container's fault ───────────────────────────────────────────────────────────────────────────

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

// ── What it refers to ───────────────────────────────────────────────────────────────────────────────────────────────

interface MountedReference extends PodReference {
	/** The volume that has it. */
	readonly volume?: string;
}

/** The Secrets and ConfigMaps that a pod needs to start. */
const referencesOf = ({ spec }: Pod): MountedReference[] => {
	const found: (Omit<MountedReference, "name"> & { readonly name: string | undefined })[] = [];
	for (const { env = [], envFrom = [] } of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) {
		for (const { valueFrom: { secretKeyRef, configMapKeyRef } = {} } of env) {
			if (secretKeyRef) found.push({ kind: "Secret", name: secretKeyRef.name, key: secretKeyRef.key });
			if (configMapKeyRef) found.push({ kind: "ConfigMap", name: configMapKeyRef.name, key: configMapKeyRef.key });
		}
		for (const { secretRef, configMapRef } of envFrom) {
			if (secretRef) found.push({ kind: "Secret", name: secretRef.name });
			if (configMapRef) found.push({ kind: "ConfigMap", name: configMapRef.name });
		}
	}
	for (const { name: volume, secret, configMap, projected } of spec?.volumes ?? []) {
		for (const source of [{ secret, configMap }, ...(projected?.sources ?? [])]) {
			const named = source.secret ?? source.configMap;
			if (named === undefined) continue;
			const kind = source.secret === undefined ? "ConfigMap" : "Secret";
			const name = "secretName" in named ? named.secretName : "name" in named ? named.name : undefined;
			found.push({ kind, name, volume });
			for (const { key } of named.items ?? []) found.push({ kind, name, key, volume });
		}
	}
	return found.flatMap(({ name, ...rest }) => (name === undefined ? [] : [{ ...rest, name }]));
};

const pullSecretsOf = ({ spec }: Pod): PodReference[] =>
	(spec?.imagePullSecrets ?? []).flatMap(({ name }) => (name === undefined ? [] : [{ kind: "Secret", name }]));

/** The reference that the kubelet's message names, with its key if the message names that too. Of a volume, it may name the key only. */
const namedIn = (words: string | undefined, references: readonly MountedReference[]): PodReference | undefined => {
	const names = new Set(words?.split(/[\s"'/,:;()]+/));
	const byName = references.filter(
		({ name, volume, key }) => names.has(name) && (volume === undefined || key === undefined),
	);
	const named =
		byName.length > 0 ? byName : references.filter(({ volume = "", key = "" }) => names.has(volume) && names.has(key));
	const found = named.find(({ key }) => key !== undefined && names.has(key)) ?? named[0];
	if (found === undefined) return undefined;
	const { kind, name, key } = found;
	return { kind, name, ...(key !== undefined && names.has(key) && { key }) };
};
