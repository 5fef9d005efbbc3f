import { listed } from "../../kube/checks.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { FORCE_DELETE_ANNOTATION } from "../../schemas/vocabulary.ts";
import { textAt } from "../cluster/fields.ts";
import { podTrouble } from "../cluster/pods.ts";
import { kubectlCommand, placeOf } from "../cluster/speech.ts";
import { namespaceOf, ownerOf } from "../cluster/view.ts";
import { placementsOf } from "../topology.ts";
import { annotate, describe, edit, logs, why } from "./advice.ts";
import { below, type Detail, type Finding, type Known, type Need, named, shownBy } from "./diagnosis.ts";
import { elsewhere, messageOf, sinceOf } from "./placing.ts";
import { podFinding, podsOf } from "./workloads.ts";

// Why a tenant's namespace is not served: from its place to the instances, and to their pods.

// ── A place, and trouble there ──────────────────────────────────────────────────────────────────────────────────────

/** The rosters of the places, the coming one first; with what is needed to look at those in other namespaces. */
const rostersOf = (known: Known, object: KubeObject): { rosters: KubeObject[]; needs: Need[] } => {
	const places = placementsOf(object).filter(({ state }) => state !== "Revoking");
	return {
		rosters: places.flatMap(({ roster, namespace }) => known.view.get("PrismRoster", namespace, roster) ?? []),
		needs: places.flatMap(({ namespace }) => elsewhere(known, namespace)),
	};
};

/** What each instance says, as status has it. */
export const instanceLines = (object: KubeObject, states?: readonly string[]): string[] =>
	recordsAt(object, "status", "placements").flatMap((placement) =>
		recordsAt(placement, "instances")
			.filter(({ state }) => states === undefined || states.includes(String(state)))
			.map(
				({ name, state, message }) =>
					`${String(name)}: ${typeof state === "string" ? state : "not told yet"}${typeof message === "string" ? `, ${message}` : ""}`,
			),
	);

const says = (object: KubeObject): Detail[] => {
	const lines = instanceLines(object);
	return lines.length === 0 ? [] : [{ title: "What each instance says", lines }];
};

export const instancesNotReady = (known: Known, object: KubeObject): Finding => {
	const { rosters, needs } = rostersOf(known, object);
	const [roster] = rosters;
	const host = roster && ownerOf(known.view, roster);
	const finding = host && known.explain(host);
	const step = { object, word: "InstancesNotReady", since: sinceOf(object) };
	if (finding !== undefined) return below(step, finding);
	return shownBy(roster ?? object, "InstancesNotReady", {
		cause: messageOf(object),
		since: sinceOf(object),
		evidence: named(roster ?? object),
		next:
			host === undefined
				? [{ command: kubectlCommand(known.speech, "get", "prismrosters", ...placeOf(object)) }]
				: [why(known, host)],
		needs,
	});
};

/** Some instance does not have it: its pod may say why, or else what it said itself. */
export const instancesInTrouble = (known: Known, object: KubeObject): Finding => {
	const ready = conditionOf(object, "Ready");
	const { needs } = rostersOf(known, object);
	const late = recordsAt(object, "status", "placements")
		.filter(({ state }) => state !== "Revoking")
		.flatMap((placement) =>
			recordsAt(placement, "instances")
				.filter(({ state }) => state === "Waiting" || state === "Refused")
				.map(({ name, state, message }) => ({
					name: String(name),
					state: String(state),
					message: typeof message === "string" ? message : "",
					namespace: textAt(placement, "namespace") ?? namespaceOf(object),
				})),
		);
	const step = { object, word: ready?.reason ?? "Progressing", since: ready?.lastTransitionTime };
	for (const { name, namespace } of late) {
		const pod = known.view.get("Pod", namespace, name);
		const trouble = pod && podTrouble(pod, known.view);
		if (pod !== undefined && trouble !== undefined) return below(step, podFinding(known, pod, trouble, undefined));
	}
	const [first] = late;
	const pod = first && known.view.get("Pod", first.namespace, first.name);
	const isRefusal = ready?.reason === "ProvisioningRefused";
	return {
		...shownBy(pod ?? object, first?.state ?? "Waiting", {
			cause: ready?.message ?? "",
			since: ready?.lastTransitionTime,
			evidence: first === undefined ? named(object) : `instance ${first.name}, as it told the hooks`,
			details: says(object),
			next: [
				...(pod === undefined ? [] : [logs(known, pod)]),
				...(isRefusal
					? [edit(known, object, "spec", "change what it refuses")]
					: adminAdvice(known, first?.message ?? "")),
			],
			state: ready?.reason === "Progressing" ? "waiting" : "broken",
			needs,
		}),
		...(pod !== undefined && { steps: [step, { object: pod, word: first?.state ?? "Waiting" }] }),
	};
};

/** By the words in which the hooks tell that a proxy did not answer as it should. */
const adminAdvice = ({ speech }: Known, message: string) => {
	if (/credentials/.test(message))
		return [
			{
				say: "its token is looked up by its namespace: admin.tokensSecret of the operator's chart (docs/admin-api.md)",
			},
		];
	if (/reached|answer|alone/.test(message))
		return [
			{
				say: "the pod runs and its admin API does not answer: does a NetworkPolicy let the operator through to the admin port (8981)?",
				command: kubectlCommand(speech, "get", "networkpolicy", "-A"),
			},
		];
	if (/offer/.test(message))
		return [{ say: "its image is too old for this call: see docs/admin-api.md for what the operator needs" }];
	return [];
};

export const identifierTaken = (known: Known, object: KubeObject): Finding => {
	const id = textAt(object, "status", "namespaceId") ?? textAt(object, "spec", "namespaceId") ?? object.metadata.name;
	const rival = known.view
		.all("PrismNamespace")
		.find(
			(other) =>
				other !== object &&
				(textAt(other, "status", "namespaceId") ?? textAt(other, "spec", "namespaceId") ?? other.metadata.name) === id,
		);
	const ready = conditionOf(object, "Ready");
	return shownBy(rival ?? object, "NamespaceIdTaken", {
		cause:
			rival === undefined
				? (ready?.message ?? "")
				: `the identifier "${id}" is that of ${named(rival)}: two objects can't have one namespace`,
		since: ready?.lastTransitionTime,
		details: says(object),
		next: [
			...(rival === undefined
				? [{ say: "look for it in other namespaces", command: `${known.speech.program} where ${id} -A` }]
				: [why(known, rival)]),
			{ say: "make a PrismNamespace with another spec.namespaceId: it can't be changed in this one" },
		],
	});
};

export const expired = (known: Known, object: KubeObject): Finding =>
	shownBy(object, "Expired", {
		cause: messageOf(object),
		since: textAt(object, "status", "expiresAt") ?? sinceOf(object),
		next: [
			edit(known, object, "spec.ttl", "to have it back, raise"),
			{
				say: "or let it go",
				command: kubectlCommand(known.speech, "delete", "prismnamespace", object.metadata.name, ...placeOf(object)),
			},
		],
	});

/** A namespace that is being deleted, and that instances still have to let go of. */
export const revoking = (known: Known, object: KubeObject): Finding => {
	const places = placementsOf(object);
	const needs = places.flatMap(({ namespace }) => elsewhere(known, namespace));
	const step = { object, word: "Revoking", since: object.metadata.deletionTimestamp };
	const release = {
		say: "or let it go without that: the record may stay on the proxy",
		...annotate(known, object, `${FORCE_DELETE_ANNOTATION}=true`),
	};
	for (const { roster, namespace } of places) {
		const host = known.view.get("PrismRoster", namespace, roster);
		const owner = host && ownerOf(known.view, host);
		const set = owner && known.view.owned(owner).find(({ kind }) => kind === "StatefulSet" || kind === "Deployment");
		const pod = set && podsOf(known, set).find((other) => podTrouble(other, known.view) !== undefined);
		const trouble = pod && podTrouble(pod, known.view);
		if (pod !== undefined && trouble !== undefined) {
			const finding = podFinding(known, pod, trouble, set);
			return below(step, { ...finding, next: [...finding.next, release] });
		}
	}
	return shownBy(object, "Revoking", {
		cause: messageOf(object),
		since: object.metadata.deletionTimestamp,
		details: says(object),
		next: [describe(known, object), release],
		state: "waiting",
		needs,
	});
};

/** Instances of a shard that don't answer, or don't agree. */
export const shardInDoubt = (known: Known, shard: KubeObject): Finding => {
	const ready = conditionOf(shard, "Ready");
	const set = known.view.owned(shard).find(({ kind }) => kind === "StatefulSet");
	const pods = set === undefined ? [] : podsOf(known, set);
	const concerned = pods.filter(({ metadata }) => ready?.message.includes(metadata.name));
	const step = { object: shard, word: ready?.reason ?? "", since: ready?.lastTransitionTime };
	for (const pod of concerned) {
		const trouble = podTrouble(pod, known.view);
		if (trouble !== undefined) return below(step, podFinding(known, pod, trouble, set));
	}
	const [first] = concerned;
	const differ = ready?.reason === "NamespacesDiffer";
	const finding = shownBy(first ?? shard, ready?.reason ?? "", {
		cause: ready?.message ?? "",
		since: textAt(shard, "status", "doubtfulSince") ?? ready?.lastTransitionTime,
		details:
			concerned.length < 2
				? []
				: [{ title: "Pods concerned", lines: [listed(concerned.map(({ metadata }) => metadata.name))] }],
		next: [
			...(first === undefined ? [] : [logs(known, first)]),
			...(differ
				? [
						{
							say: "namespaces that are not Ready say what their instances answer",
							command: `${known.speech.program} status -n ${namespaceOf(shard)}`,
						},
					]
				: adminAdvice(known, ready?.message ?? "")),
		],
		state: differ ? "waiting" : "broken",
	});
	return first === undefined ? finding : below(step, finding);
};
