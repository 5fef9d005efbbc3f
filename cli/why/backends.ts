import { conditionOf } from "../../kube/conditions.ts";
import { valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { textAt } from "../cluster/fields.ts";
import { isPodReady, podTrouble } from "../cluster/pods.ts";
import { kubectlCommand, placeOf } from "../cluster/speech.ts";
import { namespaceOf } from "../cluster/view.ts";
import { edit, logs } from "./advice.ts";
import { below, type Finding, type Known, keyOf, type Need, named, shownBy } from "./diagnosis.ts";
import { podsOf, workloadFinding } from "./workloads.ts";

// Backends: whether one answers is known to its probe, whose log says what the backend said.

export const backendUnhealthy = (known: Known, backend: KubeObject): Finding => {
	const ready = conditionOf(backend, "Ready");
	const probe = known.view.owned(backend).find(({ kind }) => kind === "Deployment");
	const step = { object: backend, word: "BackendUnhealthy", since: ready?.lastTransitionTime };
	if (probe === undefined)
		return shownBy(backend, "BackendUnhealthy", {
			cause: ready?.message ?? "the backend does not answer",
			since: ready?.lastTransitionTime,
		});
	const pods = podsOf(known, probe);
	// A probe that can't even run says nothing about the backend.
	const stuck = pods.find((pod) => {
		const trouble = podTrouble(pod, known.view);
		return trouble !== undefined && trouble.word !== "NotReady";
	});
	const unrunnable = stuck && workloadFinding(known, probe);
	if (unrunnable !== undefined) return below(step, unrunnable);
	const pod = pods.find((other) => !isPodReady(other)) ?? pods[0];
	const need: Need | undefined = pod && {
		need: "logs",
		namespace: namespaceOf(pod),
		pod: pod.metadata.name,
		container: undefined,
		previous: false,
	};
	const said = need === undefined ? [] : verdicts(known.extra.logs.get(keyOf(need)));
	const provider = textAt(backend, "status", "binding", "provider") ?? "the backend";
	const secret = valueAt(backend, "status", "binding", "secret", "name");
	return below(
		step,
		shownBy(probe, "NotReady", {
			cause: `${provider} does not answer the probe as it should${said[0] === undefined ? "" : `: ${said[0]}`}`,
			since: ready?.lastTransitionTime,
			evidence: `${named(probe)}, which connects as the backend's users do`,
			details: said.length < 2 ? [] : [{ title: "What the probe logs", lines: said }],
			next: [
				logs(known, probe),
				edit(known, backend, "spec.connection", "is the address right?"),
				...(typeof secret === "string"
					? [
							{
								say: "are the credentials current? Keys only, no values",
								command: kubectlCommand(known.speech, "describe", "secret", secret, ...placeOf(backend)),
							},
						]
					: []),
				{
					say: "does a NetworkPolicy let pods of this namespace through?",
					command: kubectlCommand(known.speech, "get", "networkpolicy", ...placeOf(backend)),
				},
			],
			needs: need === undefined || known.extra.logs.has(keyOf(need)) ? [] : [need],
		}),
	);
};

/** What a probe logged last, newest first; it writes one JSON object a line. */
const verdicts = (text: string | undefined): string[] => {
	const lines = (text ?? "").split("\n").filter((line) => line.trim() !== "");
	return [...new Set(lines.toReversed().map(messageIn))].slice(0, 3);
};

const messageIn = (line: string): string => {
	try {
		const value: unknown = JSON.parse(line);
		const told = [
			valueAt(value, "msg"),
			valueAt(value, "message"),
			valueAt(value, "error"),
			valueAt(value, "reason"),
		].filter((part) => typeof part === "string");
		return told.length === 0 ? line : told.join(": ");
	} catch {
		return line;
	}
};

/** A name that nobody has: the names that there are often show the slip. */
export const backendConfigNotFound = (known: Known, runner: KubeObject): Finding => {
	const ready = conditionOf(runner, "Ready");
	const name = textAt(runner, "spec", "backendConfig", "name") ?? "";
	const namespace = namespaceOf(runner);
	const there = known.view.get("BackendConfig", namespace, name);
	const others = known.view.all("BackendConfig", namespace).map(({ metadata }) => metadata.name);
	if (there !== undefined)
		return shownBy(there, "Present", {
			cause: `BackendConfig ${name} is there by now: the runner takes it up with its next sync`,
			since: there.metadata.creationTimestamp ?? undefined,
			state: "waiting",
		});
	return shownBy(runner, "BackendConfigNotFound", {
		cause: `there is no BackendConfig ${name} in namespace ${namespace}${others.length === 0 ? ", nor any other" : ""}`,
		since: ready?.lastTransitionTime,
		details: others.length === 0 ? [] : [{ title: "Those that there are", lines: others.toSorted() }],
		next: [
			edit(known, runner, "spec.backendConfig.name", "if it is a slip"),
			{
				say: "or make it",
				command: kubectlCommand(
					known.speech,
					"apply",
					...placeOf(runner),
					"-f",
					"samples/documents/memo-036-backendconfig-nats-production.yaml",
				),
			},
		],
	});
};
