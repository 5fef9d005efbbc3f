import { countOf } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { slashName } from "../cluster/command-lines.ts";
import { ANSWERED_WITHIN, changedAt, OUTDATED, type UNANSWERED } from "../cluster/health.ts";
import { availableOf, controllerOf, hookService, hookUrl, type Machinery, rowOfKind } from "../cluster/machinery.ts";
import { podTrouble } from "../cluster/pod-trouble.ts";
import { isPodReady } from "../cluster/pods.ts";
import { eventTime, namespaceOf, syncError } from "../cluster/view.ts";
import { INSTALL_BOTH, INSTALL_METACONTROLLER, METACONTROLLER_VALUES } from "../text/installing.ts";
import { describe, edit, kubectl, logs, prism } from "./advice.ts";
import { type Advice, detail, type Explanation, type Known, named, shownBy } from "./diagnosis.ts";
import { TO_INSTALL } from "./permissions.ts";
import { rejectionIn } from "./rejections.ts";

// The operator has not reconciled an object, or not since its last change. Checks in order: is Metacontroller installed, does
// it have the controller, does the operator run, and did calls fail?

export const unanswered = (
	known: Known,
	object: KubeObject,
	word: typeof UNANSWERED | typeof OUTDATED,
): Explanation => {
	const { view, extra } = known;
	const since = word === OUTDATED ? changedAt(object) : (object.metadata.creationTimestamp ?? undefined);
	const age = secondsBetween(since ?? view.now, view.now);
	const { machinery } = extra;
	const what =
		word === OUTDATED
			? `the spec is at generation ${object.metadata.generation}, and the operator has reconciled ${countOf(object["status"], "observedGeneration") ?? "an older one"}`
			: "the operator has not reconciled it yet";
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
				? `${what}, and the cause is unknown: ${machinery.notes.length === 0 ? "Metacontroller runs, and has the controller" : "you may not read all that could show it"}`
				: `${what}: it ${word === OUTDATED ? "was changed" : "was created"} ${age} s ago`,
		since,
		state: age > ANSWERED_WITHIN ? "broken" : "waiting",
		next: [
			...machinery.metacontrollers.map((workload) => ({
				say: "log of Metacontroller",
				...logs(known, workload),
			})),
			...machinery.hooks.map((workload) => ({ say: "log of the operator", ...logs(known, workload) })),
			prism(known, ["doctor"]),
		],
		details: detail("Not read", machinery.notes),
	});
};

// ── A call that failed ──────────────────────────────────────────────────────────────────────────────────────────────

/** Metacontroller writes the error of a failed sync into an event on the object. */
const failedSync = (known: Known, object: KubeObject, machinery: Machinery): Explanation | undefined => {
	const event = syncError(known.view, object);
	if (event === undefined) return undefined;
	// An event before the last change is about an older spec.
	const answeredSince = changedAt(object);
	if (answeredSince !== undefined && eventTime(event) < answeredSince) return undefined;
	const { message = "" } = event;
	// oxlint-disable-next-line prism/no-message-as-meaning -- Metacontroller's event has no other field with the cause
	const [, meaning, next] = SYNC_CAUSES.find(([pattern]) => pattern.test(message)) ?? [undefined, message, hookLogs];
	const rejection = rejectionIn(message);
	if (rejection !== undefined)
		return shownBy(object, rejection.word, {
			cause: `the API server rejects a child: ${message}`,
			since: event.firstTimestamp,
			evidence: `the event SyncError on ${named(object)}`,
			next: [...rejection.next(known, object), edit(known, object, "spec", "or change what it rejects")],
		});
	return shownBy(object, "SyncError", {
		cause: `Metacontroller fails to sync it: ${meaning}`,
		since: event.firstTimestamp,
		evidence: `the event SyncError on ${named(object)}`,
		details: [{ title: "Full error", lines: [message] }],
		next: [...next(known, machinery), prism(known, ["doctor"])],
	});
};

type NextOf = (known: Known, machinery: Machinery) => Advice[];

const NO_HOOKS: Advice = { say: "there is no Deployment of the operator: install the chart (docs/install.md)" };

const hookPods = (known: Known, { hooks }: Machinery): Advice[] =>
	hooks.length === 0
		? [NO_HOOKS]
		: hooks.map((workload) => ({
				say: "does the operator run?",
				...kubectl(known, ["get", "pods"], workload, "-l", "app.kubernetes.io/component=hooks"),
			}));

const hookLogs = (known: Known, { hooks }: Machinery): Advice[] => hooks.map((workload) => logs(known, workload));

const restarted = (known: Known, { metacontrollers }: Machinery): Advice[] =>
	metacontrollers.map((workload) => ({
		say: "Metacontroller loads the CA at startup, and when the spec of a controller changes",
		...kubectl(known, ["rollout", "restart", slashName(workload)], workload),
	}));

const LET_IN = "allow the namespace of Metacontroller: networkPolicy.metacontroller.namespaceSelector of the chart";

/** Errors of Go's HTTP client and of our webhook server, with cause and remedy. */
const SYNC_CAUSES: readonly (readonly [pattern: RegExp, meaning: string, next: NextOf])[] = [
	[/connection refused/, "the webhook server refuses the connection", hookPods],
	[/no such host/, "the Service in the URL of the controller does not exist", hookPods],
	[
		/context deadline exceeded|Client\.Timeout|i\/o timeout/,
		"the webhook server does not respond in time, or a NetworkPolicy blocks Metacontroller",
		(...about) => [...hookPods(...about), { say: LET_IN }],
	],
	[
		/\b401\b|[Uu]nauthori[sz]ed/,
		"the webhook server does not accept its token",
		() => [{ say: "rotate the token, so that both have the same: docs/install.md, Tokens" }],
	],
	[/x509|certificate/, "it does not trust the certificate of the webhook server", restarted],
	[
		/\b500\b|Internal Server Error/,
		"the webhook failed because of a bug of the operator; its log has the cause",
		hookLogs,
	],
	[
		/no matches for kind|not found in discovery|resource .{1,200} not found/,
		"a CRD that the controller names is not installed",
		() => [],
	],
];

// ── A link that is missing ──────────────────────────────────────────────────────────────────────────────────────────

const missingLink = (known: Known, object: KubeObject, machinery: Machinery): Explanation | undefined => {
	const row = rowOfKind(object.kind);
	if (row === undefined) return undefined;
	const controller = controllerOf(machinery, row);
	const doctor = prism(known, ["doctor"]);
	const install = {
		say: "install both: docs/install.md",
		command: INSTALL_BOTH,
		permissions: TO_INSTALL,
	};
	if (!machinery.kindsInstalled)
		return shownBy(object, "NoMetacontroller", {
			cause: "Metacontroller is not installed in this cluster (its CRDs are missing): nothing calls the operator",
			evidence: "the CRDs of the cluster",
			next: [install, doctor],
		});
	if (machinery.controllers !== undefined && controller === undefined)
		return shownBy(object, "NoController", {
			cause: `Metacontroller does not watch ${row.parent.plural}: there is no controller "${row.name}"`,
			evidence: "the CompositeControllers and DecoratorControllers of the cluster",
			next: [
				{
					say: "apply it, with the URL of your webhook server",
					command: "kubectl apply --server-side -k config/default",
					permissions: TO_INSTALL,
				},
				doctor,
			],
		});
	return (
		metacontrollerDown(known, object, machinery) ??
		(controller === undefined ? undefined : hooksDown(known, controller, machinery))
	);
};

/**
 * The same for an object that was reconciled before. A Metacontroller outside the cluster, as with `make run`, is not visible,
 * so only components that exist and do not work count.
 */
export const brokenLink = (known: Known, object: KubeObject): Explanation | undefined => {
	const { machinery } = known.extra;
	if (machinery === undefined || !machinery.kindsInstalled) return undefined;
	const row = rowOfKind(object.kind);
	const hasController = row !== undefined && controllerOf(machinery, row) !== undefined;
	return hasController && machinery.metacontrollers.length === 0 ? undefined : missingLink(known, object, machinery);
};

const metacontrollerDown = (
	known: Known,
	object: KubeObject,
	{ metacontrollers, unread }: Machinery,
): Explanation | undefined => {
	const up = metacontrollers.filter((workload) => availableOf(workload) > 0);
	const [down] = metacontrollers;
	if (up.length > 0 || unread.includes("workloads")) return undefined;
	if (down === undefined)
		return shownBy(object, "NoMetacontroller", {
			cause: "no Deployment or StatefulSet of the cluster runs Metacontroller: nothing calls the operator",
			evidence: "the workloads of all namespaces",
			next: [
				{
					say: `start it: ${METACONTROLLER_VALUES}`,
					command: INSTALL_METACONTROLLER,
					permissions: TO_INSTALL,
				},
				prism(known, ["doctor"]),
			],
		});
	return shownBy(down, `${availableOf(down)} available`, {
		cause: `Metacontroller does not run: ${down.kind} ${down.metadata.name} has no available pod`,
		next: [describe(known, down), { say: "its pods", ...kubectl(known, ["get", "pods"], down) }, logs(known, down)],
	});
};

/** The Service in the webhook URL of the controller, and its pods. */
const hooksDown = (known: Known, controller: KubeObject, machinery: Machinery): Explanation | undefined => {
	const url = hookUrl(controller);
	const called = hookService(machinery, url);
	// A URL outside the cluster, such as that of a developer's machine, can't be checked.
	if (url === undefined || called === undefined || machinery.unread.includes("operator")) return undefined;
	const { name: service, namespace, service: found } = called;
	if (found === undefined)
		return shownBy(controller, "NoService", {
			cause: `the controller calls ${url.host}, and this Service of the operator does not exist`,
			next: [
				{ say: "does it exist?", ...kubectl(known, ["get", "service", service, "-n", namespace]) },
				{ say: "install the operator: docs/install.md" },
			],
		});
	const pods = machinery.pods.filter((pod) => namespaceOf(pod) === namespace);
	if (pods.some(isPodReady)) return undefined;
	const [pod] = pods;
	const trouble = pod && podTrouble(pod, known.view);
	return shownBy(pod ?? found, trouble?.word ?? "NoPods", {
		cause: `no pod of the operator is ready${trouble === undefined ? "" : `: ${trouble.says}`}`,
		since: trouble?.since,
		next: pod === undefined ? hookPods(known, machinery) : [describe(known, pod), logs(known, pod)],
	});
};

/** A recent sync error on an object that was reconciled otherwise. */
export const recentSyncError = ({ view }: Known, object: KubeObject): string | undefined => {
	const event = syncError(view, object);
	if (event === undefined || secondsBetween(eventTime(event), view.now) > RECENT_SECONDS) return undefined;
	const { count = 1, message } = event;
	return `Metacontroller failed to sync it ${count === 1 ? "once" : `${count} times`} recently: ${message}`;
};

const RECENT_SECONDS = 600;
