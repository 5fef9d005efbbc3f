import { compact, isWorkload } from "../../kube/object.ts";
import { seenOf } from "../../kube/seen.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { lackingIn } from "../../schemas/findings/namespace.ts";
import { PrismNamespace } from "../../schemas/prismnamespace.ts";
import { PrismShard } from "../../schemas/prismshard.ts";
import { listed } from "../../schemas/rendering/words.ts";
import { identifierOf, placementsOf } from "../cluster/placements.ts";
import { podTrouble } from "../cluster/pods.ts";
import { namespaceOf, ownerOf } from "../cluster/view.ts";
import { describe, edit, kubectl, logs, release, typed, why } from "./advice.ts";
import {
	type Advice,
	below,
	type Detail,
	detail,
	type Explanation,
	type Known,
	named,
	shownBy,
	stepOf,
	told,
} from "./diagnosis.ts";
import { elsewhere } from "./placing.ts";
import { podFinding, podsOf } from "./workloads.ts";

// Why a tenant's namespace is not served: from its place to the instances, and to their pods.

// ── A place, and trouble there ──────────────────────────────────────────────────────────────────────────────────────

/** The places that it does not leave. */
const placesOf = (object: KubeObject) => placementsOf(object).filter(({ state }) => state !== "Revoking");

const says = (object: KubeObject): Detail[] =>
	detail(
		"What each instance says",
		placementsOf(object).flatMap(({ instances }) =>
			instances.map(
				({ name, state = "not told yet", message }) =>
					`${name}: ${state}${message === undefined ? "" : `, ${message}`}`,
			),
		),
	);

export const instancesNotReady = (known: Known, object: KubeObject): Explanation => {
	const places = placesOf(object);
	const [roster] = places.flatMap(
		({ roster: name, namespace }) => known.view.get("PrismRoster", namespace, name) ?? [],
	);
	const host = roster && ownerOf(known.view, roster);
	return shownBy(roster ?? object, "InstancesNotReady", {
		...told(object),
		next: [host === undefined ? kubectl(known, ["get", "prismrosters"], object) : why(known, host)],
		needs: places.flatMap(({ namespace }) => elsewhere(known, namespace)),
	});
};

/** Some instance does not have it: its pod may say why, or else what it said itself. */
export const instancesInTrouble = (known: Known, object: KubeObject): Explanation => {
	const places = placesOf(object);
	const late = places.flatMap(({ namespace, instances }) =>
		instances
			.filter(({ state }) => state === "Waiting" || state === "Refused")
			.map((instance) => ({ ...instance, pod: known.view.get("Pod", namespace, instance.name) })),
	);
	const step = stepOf(object);
	for (const { pod } of late) {
		const trouble = pod && podTrouble(pod, known.view);
		if (trouble) return below(step, podFinding(known, pod, trouble, undefined));
	}
	const [first] = late;
	const pod = first?.pod;
	const found = shownBy(pod ?? object, first?.state ?? "Waiting", {
		...told(object),
		evidence: first === undefined ? named(object) : `instance ${first.name}, as it told the hooks`,
		details: says(object),
		next: [
			...(pod === undefined ? [] : [logs(known, pod)]),
			...(step.word === "ProvisioningRefused"
				? [edit(known, object, "spec", "change what it refuses")]
				: adminAdvice(known, [first && lackingIn(first).cause])),
		],
		state: step.word === "Progressing" ? "waiting" : "broken",
		needs: places.flatMap(({ namespace }) => elsewhere(known, namespace)),
	});
	return pod === undefined ? found : { ...found, steps: [step, { object: pod, word: first?.state ?? "Waiting" }] };
};

/** Somebody is there, and its admin API does not answer as it should. */
const UNANSWERED: readonly unknown[] = ["NoAnswer", "BadAnswer"];

/** By what the hooks found out about proxies that did not answer as they should. */
const adminAdvice = (known: Known, causes: readonly unknown[]): Advice[] => {
	if (causes.includes("Unauthenticated"))
		return [
			{
				say: "its token is looked up by its namespace: admin.tokensSecret of the operator's chart (docs/admin-api.md)",
			},
		];
	if (causes.some((cause) => UNANSWERED.includes(cause)))
		return [
			{
				say: "the pod runs and its admin API does not answer: does a NetworkPolicy let the operator through to the admin port (8981)?",
				...kubectl(known, ["get", "networkpolicy", "-A"]),
			},
		];
	if (causes.includes("Unavailable"))
		return [
			{
				say: "it answers that it can't serve now; a control plane of several replicas needs a majority of them: are its pods ready?",
				...kubectl(known, ["get", "pods", "-A", "-l", "component=admin"]),
			},
		];
	if (causes.includes("Unimplemented"))
		return [{ say: "its image is too old for this call: see docs/admin-api.md for what the operator needs" }];
	return [];
};

export const identifierTaken = (known: Known, object: KubeObject): Explanation => {
	const id = identifierOf(object);
	const rival = known.view.all("PrismNamespace").find((other) => other !== object && identifierOf(other) === id);
	const { cause, since } = told(object);
	return shownBy(rival ?? object, "NamespaceIdTaken", {
		cause: rival ? `the identifier "${id}" is that of ${named(rival)}: two objects can't have one namespace` : cause,
		since,
		details: says(object),
		next: [
			rival
				? why(known, rival)
				: { say: "look for it in other namespaces", command: `${known.speech.program} where ${id} -A` },
			{ say: "make a PrismNamespace with another spec.namespaceId: it can't be changed in this one" },
		],
	});
};

export const expired = (known: Known, object: KubeObject): Explanation => {
	const { cause, since } = told(object);
	return shownBy(object, "Expired", {
		cause,
		since: seenOf(PrismNamespace, object).status.expiresAt ?? since,
		next: [
			edit(known, object, "spec.ttl", "to have it back, raise"),
			{ say: "or let it go", ...kubectl(known, ["delete", ...typed(object)], object) },
		],
	});
};

/** A namespace that is being deleted, and that instances still have to let go of. */
export const revoking = (known: Known, object: KubeObject): Explanation => {
	const places = placementsOf(object);
	const since = object.metadata.deletionTimestamp;
	const letGo = { say: "or let it go without that: the record may stay on the proxy", ...release(known, object) };
	for (const { roster, namespace } of places) {
		const host = known.view.get("PrismRoster", namespace, roster);
		const owner = host && ownerOf(known.view, host);
		const set = owner && known.view.owned(owner).find(isWorkload);
		for (const pod of set ? podsOf(known, set) : []) {
			const trouble = podTrouble(pod, known.view);
			if (trouble === undefined) continue;
			const finding = podFinding(known, pod, trouble, set);
			return below({ object, word: "Revoking", since }, { ...finding, next: [...finding.next, letGo] });
		}
	}
	return shownBy(object, "Revoking", {
		cause: told(object).cause,
		since,
		details: says(object),
		next: [describe(known, object), letGo],
		state: "waiting",
		needs: places.flatMap(({ namespace }) => elsewhere(known, namespace)),
	});
};

/** Instances of a shard that don't answer, or don't agree. */
export const shardInDoubt = (known: Known, shard: KubeObject): Explanation => {
	const { doubtfulInstances: doubtful = [], doubtfulSince } = seenOf(PrismShard, shard).status;
	const set = known.view.owned(shard).find(({ kind }) => kind === "StatefulSet");
	const pods = set === undefined ? [] : podsOf(known, set);
	const concerned = pods.filter(({ metadata }) => doubtful.some(({ name }) => name === metadata.name));
	const step = stepOf(shard);
	for (const pod of concerned) {
		const trouble = podTrouble(pod, known.view);
		if (trouble !== undefined) return below(step, podFinding(known, pod, trouble, set));
	}
	const [first] = concerned;
	const differ = step.word === "NamespacesDiffer";
	const finding = shownBy(first ?? shard, step.word, {
		cause: told(shard).cause,
		since: doubtfulSince ?? step.since,
		details:
			concerned.length < 2 ? [] : detail("Pods concerned", [listed(concerned.map(({ metadata }) => metadata.name))]),
		next: compact([
			first && logs(known, first),
			...(differ
				? [
						{
							say: "namespaces that are not Ready say what their instances answer",
							command: `${known.speech.program} status -n ${namespaceOf(shard)}`,
						},
					]
				: adminAdvice(
						known,
						doubtful.map(({ cause }) => cause),
					)),
		]),
		state: differ ? "waiting" : "broken",
	});
	return first === undefined ? finding : below(step, finding);
};
