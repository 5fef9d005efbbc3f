import { isRecord } from "../../kube/object.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { textAt } from "../cluster/fields.ts";
import { ANSWERED_WITHIN, changedAt, OUTDATED, type UNANSWERED } from "../cluster/health.ts";
import { availableOf, controllerOf, hookUrl, type Machinery, rowOfKind } from "../cluster/machinery.ts";
import { isPodReady, podTrouble } from "../cluster/pods.ts";
import { kubectlCommand, placeOf, prismCommand, slashName } from "../cluster/speech.ts";
import { eventTime, namespaceOf } from "../cluster/view.ts";
import { describe, logs } from "./advice.ts";
import { type Advice, type Finding, type Known, named, shownBy } from "./diagnosis.ts";

// The hooks do not answer for an object, or not since it was changed: is there a Metacontroller, was it told to call them, are
// they there, and what came of the calls? From the nearest to the farthest.

export const unanswered = (known: Known, object: KubeObject, word: typeof UNANSWERED | typeof OUTDATED): Finding => {
	const { view, extra } = known;
	const since = word === OUTDATED ? changedAt(object) : (object.metadata.creationTimestamp ?? undefined);
	const age = secondsBetween(since ?? view.now, view.now);
	const { machinery } = extra;
	const what =
		word === OUTDATED
			? `its spec is at generation ${object.metadata.generation}, and the hooks have answered for ${textAt(object, "status", "observedGeneration") ?? "an older one"}`
			: "the hooks have not answered for it yet";
	if (machinery === undefined)
		return shownBy(object, word, {
			cause: what,
			since,
			needs: [{ need: "machinery" }],
			state: age > ANSWERED_WITHIN ? "broken" : "waiting",
		});
	const found = failedSync(known, object, machinery) ?? missingLink(known, object, machinery);
	if (found !== undefined) return { ...found, since: found.since ?? since };
	return shownBy(object, word, {
		cause:
			age > ANSWERED_WITHIN
				? `${what}, and nothing says why: Metacontroller is there, and was told to call them`
				: `${what}: it ${word === OUTDATED ? "was changed" : "is new"} (${age} s), give it a moment`,
		since,
		state: age > ANSWERED_WITHIN ? "broken" : "waiting",
		next: [
			...machinery.metacontrollers.map((workload) => ({
				say: "what Metacontroller says about it",
				...logs(known, workload),
			})),
			...machinery.hooks.map((workload) => ({ say: "what the hooks say", ...logs(known, workload) })),
			{ command: prismCommand(known.speech, "doctor") },
		],
		details: machinery.notes.length === 0 ? [] : [{ title: "Not read", lines: machinery.notes }],
	});
};

// ── A call that failed ──────────────────────────────────────────────────────────────────────────────────────────────

/** Metacontroller puts the error of a failed sync on the object, as an event. */
const failedSync = (known: Known, object: KubeObject, machinery: Machinery): Finding | undefined => {
	const event = known.view.eventsOn(object).find(({ reason }) => reason === "SyncError");
	if (event === undefined) return undefined;
	// An event from before the last change is about another spec, and was overcome.
	const answeredSince = changedAt(object);
	if (answeredSince !== undefined && eventTime(event) < answeredSince) return undefined;
	const message = String(event["message"]);
	const cause = syncErrorCause(message);
	return shownBy(object, "SyncError", {
		cause: `Metacontroller fails to sync it: ${cause.says}`,
		since: typeof event["firstTimestamp"] === "string" ? event["firstTimestamp"] : undefined,
		evidence: `the event SyncError on ${named(object)}`,
		details: [{ title: "In its own words", lines: [message] }],
		next: [...cause.next(known, machinery), { command: prismCommand(known.speech, "doctor") }],
	});
};

interface SyncCause {
	readonly says: string;
	readonly next: (known: Known, machinery: Machinery) => Advice[];
}

const hookPods = (known: Known, { hooks }: Machinery): Advice[] =>
	hooks.length === 0
		? [{ say: "there is no Deployment of the hooks: install the chart (docs/install.md)" }]
		: hooks.map((workload) => ({
				say: "do the hooks run?",
				command: kubectlCommand(
					known.speech,
					"get",
					"pods",
					...placeOf(workload),
					"-l",
					"app.kubernetes.io/component=hooks",
				),
			}));

const hookLogs = (known: Known, { hooks }: Machinery): Advice[] => hooks.map((workload) => logs(known, workload));

/** What the texts of Go's HTTP client and of our own refusals mean. */
const SYNC_CAUSES: readonly (readonly [pattern: RegExp, cause: SyncCause])[] = [
	[/connection refused/, { says: "nobody listens where the hooks should answer", next: hookPods }],
	[
		/no such host/,
		{ says: "the Service of the hooks does not exist under the name that the controller has", next: hookPods },
	],
	[
		/context deadline exceeded|Client\.Timeout|i\/o timeout/,
		{
			says: "the hooks don't answer in time, or a NetworkPolicy keeps Metacontroller from them",
			next: (known, machinery) => [
				...hookPods(known, machinery),
				{
					say: "Metacontroller's namespace must be let in: networkPolicy.metacontroller.namespaceSelector of the chart",
				},
			],
		},
	],
	[
		/\b401\b|[Uu]nauthori[sz]ed/,
		{
			says: "the hooks don't accept its token",
			next: () => [{ say: "rotate the token, so that both have the same: docs/install.md, Tokens" }],
		},
	],
	[
		/x509|certificate/,
		{
			says: "it does not trust the hooks' certificate",
			next: (known, { metacontrollers }) =>
				metacontrollers.map((workload) => ({
					say: "it reads the authority when a controller's spec changes, and at its start",
					command: kubectlCommand(known.speech, "rollout", "restart", slashName(workload), ...placeOf(workload)),
				})),
		},
	],
	[
		/\b500\b|Internal Server Error/,
		{ says: "the hook itself failed: that is a fault of the operator's, and its log has it", next: hookLogs },
	],
	[
		/forbidden|cannot (?:create|update|patch|list|watch|get)/,
		{
			says: "it may not do in the cluster what the hook asks for",
			next: () => [{ say: "its role lacks a kind: take the rules of docs/install.md, Beside a Metacontroller" }],
		},
	],
	[
		/no matches for kind|not found in discovery|resource .* not found/,
		{ says: "a kind that the controller has is not installed", next: () => [] },
	],
];

const syncErrorCause = (message: string): SyncCause =>
	SYNC_CAUSES.find(([pattern]) => pattern.test(message))?.[1] ?? { says: message, next: hookLogs };

// ── A link that is missing ──────────────────────────────────────────────────────────────────────────────────────────

const missingLink = (known: Known, object: KubeObject, machinery: Machinery): Finding | undefined => {
	const row = rowOfKind(object.kind);
	if (row === undefined) return undefined;
	const controller = controllerOf(machinery, row);
	const doctor = { command: prismCommand(known.speech, "doctor") };
	const install = {
		say: "install both: docs/install.md",
		command:
			"helm install prism-operator charts/prism-operator -n prism-system --create-namespace --set metacontroller.enabled=true",
	};
	if (!machinery.kindsInstalled)
		return shownBy(object, "NoMetacontroller", {
			cause: "Metacontroller is not installed in this cluster (it has none of its kinds): nobody calls the hooks",
			evidence: "the cluster's list of kinds",
			next: [install, doctor],
		});
	if (machinery.controllers !== undefined && controller === undefined)
		return shownBy(object, "NoController", {
			cause: `Metacontroller was not told about ${row.parent.plural}: there is no controller "${row.name}"`,
			evidence: "the cluster's list of controllers",
			next: [
				{ say: "apply it, with the URL of your hooks", command: "kubectl apply --server-side -k config/default" },
				doctor,
			],
		});
	return (
		metacontrollerDown(known, object, machinery) ??
		(controller === undefined ? undefined : hooksDown(known, controller, machinery))
	);
};

/**
 * The same for an object that has been answered for: one that runs outside of the cluster, as under `make run`, is not
 * seen, so that only what is there and does not work counts.
 */
export const brokenLink = (known: Known, object: KubeObject): Finding | undefined => {
	const { machinery } = known.extra;
	if (machinery === undefined || !machinery.kindsInstalled) return undefined;
	const row = rowOfKind(object.kind);
	const isTold = row !== undefined && controllerOf(machinery, row) !== undefined;
	return isTold && machinery.metacontrollers.length === 0 ? undefined : missingLink(known, object, machinery);
};

const metacontrollerDown = (
	known: Known,
	object: KubeObject,
	{ metacontrollers, notes }: Machinery,
): Finding | undefined => {
	const up = metacontrollers.filter((workload) => availableOf(workload) > 0);
	const [down] = metacontrollers;
	if (up.length > 0 || notes.some((note) => note.startsWith("workloads"))) return undefined;
	if (down === undefined)
		return shownBy(object, "NoMetacontroller", {
			cause:
				"no Metacontroller runs in the cluster, as far as its Deployments and StatefulSets tell: nobody calls the hooks",
			evidence: "the workloads of all namespaces",
			next: [
				{
					say: "start it: docs/install.md",
					command:
						"helm install metacontroller oci://ghcr.io/metacontroller/metacontroller-helm -n metacontroller --create-namespace",
				},
				{ command: prismCommand(known.speech, "doctor") },
			],
		});
	return shownBy(down, `${availableOf(down)} available`, {
		cause: `Metacontroller does not run: ${down.kind} ${down.metadata.name} has no available pod`,
		next: [
			describe(known, down),
			{ say: "its pods", command: kubectlCommand(known.speech, "get", "pods", ...placeOf(down)) },
			logs(known, down),
		],
	});
};

/** The Service that the controller's URL names, and the pods behind it. */
const hooksDown = (known: Known, controller: KubeObject, machinery: Machinery): Finding | undefined => {
	const url = hookUrl(controller);
	const [service = "", namespace = "", suffix] = url?.hostname.split(".") ?? [];
	// A URL elsewhere, such as that of a developer's machine, can't be judged from here.
	if (url === undefined || suffix !== "svc" || machinery.notes.some((note) => note.startsWith("the hooks")))
		return undefined;
	const found = machinery.services.find(
		({ metadata }) => metadata.name === service && metadata.namespace === namespace,
	);
	if (found === undefined)
		return shownBy(controller, "NoService", {
			cause: `the controller calls ${url.host}, and there is no such Service of the hooks`,
			next: [
				{ say: "is it there?", command: kubectlCommand(known.speech, "get", "service", service, "-n", namespace) },
				{ say: "install the hooks: docs/install.md" },
			],
		});
	const pods = machinery.pods.filter((pod) => namespaceOf(pod) === namespace);
	if (pods.some(isPodReady)) return undefined;
	const [pod] = pods;
	const trouble = pod && podTrouble(pod, known.view);
	return shownBy(pod ?? found, trouble?.word ?? "NoPods", {
		cause: `none of the hooks' pods is ready${trouble === undefined ? "" : `: ${trouble.says}`}`,
		since: trouble?.since,
		next: pod === undefined ? hookPods(known, machinery) : [describe(known, pod), logs(known, pod)],
	});
};

/** A sync error on an object that is otherwise answered for: told beside the cause. */
export const recentSyncError = ({ view }: Known, object: KubeObject): string | undefined => {
	const event = view.eventsOn(object).find(({ reason }) => reason === "SyncError");
	if (event === undefined || secondsBetween(eventTime(event), view.now) > RECENT_SECONDS) return undefined;
	const count = isRecord(event) && typeof event["count"] === "number" ? event["count"] : 1;
	return `Metacontroller failed to sync it ${count === 1 ? "once" : `${count} times`} lately: ${String(event["message"])}`;
};

const RECENT_SECONDS = 600;
