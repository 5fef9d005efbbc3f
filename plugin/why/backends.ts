import { compact, valueAt } from "../../kube/object.ts";
import { seenOf } from "../../kube/partial-object.ts";
import { BackendConfig } from "../../schemas/backendconfig.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PatternRunner } from "../../schemas/patternrunner.ts";
import { namespaceOf } from "../cluster/cluster-view.ts";
import { podTrouble } from "../cluster/pod-trouble.ts";
import { isPodReady } from "../cluster/pods.ts";
import {
	below,
	detail,
	type Explanation,
	type Known,
	keyOf,
	logOf,
	named,
	reported,
	shownBy,
	stepOf,
	unread,
} from "./diagnosis.ts";
import { edit, kubectl, logs } from "./next-commands.ts";
import { podsOf, workloadFinding } from "./workloads.ts";

// Backends: the log of the probe has the error of the backend.

export const backendUnhealthy = (known: Known, backend: KubeObject): Explanation => {
	const probe = known.view.owned(backend).find(({ kind }) => kind === "Deployment");
	if (probe === undefined) return shownBy(backend, "BackendUnhealthy", reported(backend));
	const step = { ...stepOf(backend), word: "BackendUnhealthy" };
	const pods = podsOf(known, probe);
	// If the probe can't run, it reports nothing about the backend.
	const stuck = pods.find((pod) => {
		const trouble = podTrouble(pod, known.view);
		return trouble !== undefined && trouble.word !== "NotReady";
	});
	const unrunnable = stuck && workloadFinding(known, probe);
	if (unrunnable !== undefined) return below(step, unrunnable);
	const pod = pods.find((other) => !isPodReady(other)) ?? pods[0];
	const need = pod && logOf(pod);
	const log = need && known.extra.logs.get(keyOf(need));
	const messages = messagesIn(log);
	const reason = reasonIn(log) ?? "NotReady";
	const { provider = "the backend", secret } = seenOf(BackendConfig, backend).status.binding ?? {};
	return below(
		step,
		shownBy(probe, reason, {
			cause: `the probe of ${provider} fails${messages[0] === undefined ? "" : `: ${messages[0]}`}`,
			since: step.since,
			evidence: `${named(probe)}, which connects to the backend as runners do`,
			details: messages.length < 2 ? [] : detail("Log of the probe", messages),
			next: compact([logs(known, probe), ...remediesOf(known, backend, reason, secret?.name)]),
			needs: unread(known, need),
		}),
	);
};

/** Remedies, by the result of the probe. */
const remediesOf = (known: Known, backend: KubeObject, reason: string, secret: string | undefined) => {
	const address = edit(known, backend, "spec.connection", "is the address correct?");
	const policies = {
		say: "does a NetworkPolicy allow pods of this namespace to connect?",
		...kubectl(known, ["get", "networkpolicy"], backend),
	};
	const credentials = [
		secret !== undefined && {
			say: "are the credentials current? Keys only, no values",
			...kubectl(known, ["describe", "secret", secret], backend),
		},
		edit(known, backend, "spec.connection.secretRef", "does it name the right Secret?"),
	];
	if (/^(?:Authentication|Credentials)/.test(reason)) return credentials;
	if (/^(?:Handshake|Certificate|Tls)/.test(reason))
		return [edit(known, backend, "spec.tls", "do the TLS settings match the backend?")];
	return reason === "NotReady" ? [address, ...credentials.slice(0, 1), policies] : [address, policies];
};

/** The reason of the last failed check, from the probe's log. */
const reasonIn = (log: string | undefined): string | undefined => {
	for (const line of (log ?? "").split("\n").toReversed()) {
		const reason = fieldIn(line, "reason");
		if (reason !== undefined) return reason;
	}
	return undefined;
};

const fieldIn = (line: string, field: string): string | undefined => {
	try {
		const found = valueAt(JSON.parse(line), field);
		return typeof found === "string" ? found : undefined;
	} catch {
		return undefined;
	}
};

/** The last log messages of a probe, newest first; each line is a JSON object. */
const messagesIn = (text: string | undefined): string[] => {
	const lines = (text ?? "").split("\n").filter((line) => line.trim() !== "");
	return [...new Set(lines.toReversed().map(messageIn))].slice(0, 3);
};

const messageIn = (line: string): string => {
	try {
		const value: unknown = JSON.parse(line);
		const parts = ["msg", "message", "error", "reason"].flatMap((field) => {
			const part = valueAt(value, field);
			return typeof part === "string" ? [part] : [];
		});
		return parts.length === 0 ? line : parts.join(": ");
	} catch {
		return line;
	}
};

/** The BackendConfig does not exist: the existing names help to find a typo. */
export const backendConfigNotFound = (known: Known, runner: KubeObject): Explanation => {
	const { name = "" } = seenOf(PatternRunner, runner).spec.backendConfig ?? {};
	const namespace = namespaceOf(runner);
	const there = known.view.get("BackendConfig", namespace, name);
	const others = known.view.all("BackendConfig", namespace).map(({ metadata }) => metadata.name);
	if (there !== undefined)
		return shownBy(there, "Present", {
			cause: `BackendConfig ${name} exists now: the runner uses it after its next sync`,
			since: there.metadata.creationTimestamp ?? undefined,
			state: "waiting",
		});
	return shownBy(runner, "BackendConfigNotFound", {
		cause: `there is no BackendConfig ${name} in namespace ${namespace}${others.length === 0 ? ", nor any other" : ""}`,
		since: reported(runner).since,
		details: detail("Existing BackendConfigs", others.toSorted()),
		next: [
			edit(known, runner, "spec.backendConfig.name", "if the name is misspelled"),
			{
				say: "or create it",
				...kubectl(known, ["apply"], runner, "-f", EXAMPLE),
				permissions: [{ verb: "create", resource: "backendconfigs", namespace }],
			},
		],
	});
};

const EXAMPLE = "samples/documents/memo-036-backendconfig-nats-production.yaml";
