import { countOf } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { eventTime, namespaceOf, syncError } from "../cluster/cluster-view.ts";
import { slashName } from "../cluster/command-lines.ts";
import { ANSWERED_WITHIN, changedAt, OUTDATED, type UNANSWERED } from "../cluster/health.ts";
import { controllerOf, type Machinery, rowOfKind } from "../cluster/installation.ts";
import { UPGRADE_OPERATOR } from "../text/installing.ts";
import { type Advice, detail, type Explanation, type Known, named, shownBy } from "./diagnosis.ts";
import { hookPods, hooksDown, metacontrollerDown, missingLink } from "./missing-link.ts";
import { edit, kubectl, logs, prism } from "./next-commands.ts";
import { TO_INSTALL } from "./permissions.ts";
import { rejectionIn } from "./rejections.ts";
import { UPGRADE } from "./repairs.ts";

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
	// An old event does not show that Metacontroller has stopped since; one outside the cluster is not visible.
	const down = machinery.metacontrollers.length === 0 ? undefined : metacontrollerDown(known, object, machinery);
	const found = down ?? failedSync(known, object, machinery) ?? missingLink(known, object, machinery);
	if (found !== undefined && found.cause !== "") return { ...found, since: found.since ?? since };
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
		needs: found?.needs ?? [],
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
	const rejection = rejectionIn(message);
	if (rejection !== undefined)
		return shownBy(object, rejection.word, {
			cause: `the API server rejects a child: ${message}`,
			since: event.firstTimestamp,
			evidence: `the event SyncError on ${named(object)}`,
			next: [...rejection.next(known, object), edit(known, object, "spec", "or change what it rejects")],
		});
	// oxlint-disable-next-line prism/no-message-as-meaning -- Metacontroller's event has no other field with the cause
	const found = SYNC_CAUSES.find(({ pattern }) => pattern.test(message));
	const details = [{ title: "Full error", lines: [message] }];
	const row = rowOfKind(object.kind);
	const controller = row && controllerOf(machinery, row);
	const link = controller && found?.isReached !== true ? hooksDown(known, controller, machinery) : undefined;
	if (link !== undefined) return { ...link, details: [...link.details, ...details] };
	return shownBy(object, "SyncError", {
		cause: `Metacontroller fails to sync it: ${found?.meaning ?? message}`,
		since: event.firstTimestamp,
		evidence: `the event SyncError on ${named(object)}`,
		details,
		next: [...(found?.next ?? hookLogs)(known, machinery), prism(known, ["doctor"])],
	});
};

type NextOf = (known: Known, machinery: Machinery) => Advice[];

const hookLogs = (known: Known, { hooks }: Machinery): Advice[] => hooks.map((workload) => logs(known, workload));

const restarted = (known: Known, { metacontrollers }: Machinery): Advice[] =>
	metacontrollers.map((workload) => ({
		say: "Metacontroller loads the CA at startup, and when the spec of a controller changes",
		...kubectl(known, ["rollout", "restart", slashName(workload)], workload),
	}));

/** The NetworkPolicies of the operator's namespaces. */
const policies = (known: Known, { hooks }: Machinery): Advice[] =>
	hooks.map((workload) => ({
		say: "which NetworkPolicies select the operator's pods? To allow the namespace of Metacontroller: networkPolicy.metacontroller.namespaceSelector of the chart",
		...kubectl(known, ["get", "networkpolicies", "-n", namespaceOf(workload)]),
	}));

const renewed = (known: Known, { hooks }: Machinery): Advice[] => [
	{
		say: "generate another certificate: raise tls.generation by one (the default is 1)",
		command: `${UPGRADE_OPERATOR} --set tls.generation=2`,
		permissions: TO_INSTALL,
	},
	...hooks.map((workload) => ({
		say: "with cert-manager: why is it not renewed?",
		...kubectl(known, ["describe", "certificates", "-n", namespaceOf(workload)]),
	})),
];

interface SyncCause {
	readonly pattern: RegExp;
	readonly meaning: string;
	readonly next: NextOf;
	/** The call reaches a server: otherwise the Service or the pods of the operator may have the cause. */
	readonly isReached?: true;
}

/** Errors of Go's HTTP client and of our webhook server, with cause and remedy. */
const SYNC_CAUSES: readonly SyncCause[] = [
	{
		pattern: /connection refused/,
		meaning: "the webhook server refuses the connection",
		next: hookPods,
	},
	{
		pattern: /no such host/,
		meaning: "the Service in the URL of the controller does not exist",
		next: hookPods,
	},
	{
		pattern: /context deadline exceeded|Client\.Timeout|i\/o timeout|no route to host/,
		meaning: "the webhook server does not respond in time, or a NetworkPolicy blocks Metacontroller",
		next: (...about) => [...hookPods(...about), ...policies(...about)],
	},
	{
		pattern: /\b401\b|[Uu]nauthori[sz]ed/,
		meaning: "the webhook server does not accept its token",
		next: () => [
			{ ...UPGRADE, say: "let both have the same token again" },
			{ say: "or rotate the token: docs/install.md, Tokens" },
		],
		isReached: true,
	},
	{
		pattern: /certificate has expired/,
		meaning: "the certificate of the webhook server has expired, or a clock is wrong",
		next: renewed,
		isReached: true,
	},
	{
		pattern: /certificate is (?:valid for|not valid for any names)/,
		meaning: "the certificate of the webhook server is for another name than the controller calls",
		next: () => [{ ...UPGRADE, say: "make the URL and the certificate fit" }],
		isReached: true,
	},
	{
		pattern: /x509|certificate/,
		meaning: "it does not trust the certificate of the webhook server",
		next: restarted,
		isReached: true,
	},
	{
		pattern: /\b500\b|Internal Server Error/,
		meaning: "the webhook failed because of a bug of the operator; its log has the cause",
		next: hookLogs,
		isReached: true,
	},
	{
		pattern: /no matches for kind|not found in discovery|resource .{1,200} not found/,
		meaning: "a CRD that the controller names is not installed",
		next: () => [{ ...UPGRADE, say: "install the CRDs of this release" }],
		isReached: true,
	},
];

/** A recent sync error on an object that was reconciled otherwise. */
export const recentSyncError = ({ view }: Known, object: KubeObject): string | undefined => {
	const event = syncError(view, object);
	if (event === undefined || secondsBetween(eventTime(event), view.now) > RECENT_SECONDS) return undefined;
	const { count = 1, message } = event;
	return `Metacontroller failed to sync it ${count === 1 ? "once" : `${count} times`} recently: ${message}`;
};

const RECENT_SECONDS = 600;
