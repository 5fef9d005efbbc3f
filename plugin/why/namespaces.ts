import type { Reference } from "../../hooks/first-cause.ts";
import { compact, isWorkload, valueAt } from "../../kube/object.ts";
import { seenOf } from "../../kube/partial-object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { lackingIn } from "../../schemas/findings/prismnamespace.ts";
import { listed } from "../../schemas/messages/words.ts";
import { PrismNamespace } from "../../schemas/prismnamespace.ts";
import { PrismShard } from "../../schemas/prismshard.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { ownerOf } from "../cluster/cluster-view.ts";
import { slashName } from "../cluster/command-lines.ts";
import { identifierOf, placementsOf } from "../cluster/placements.ts";
import { podTrouble } from "../cluster/pod-trouble.ts";
import {
	type Advice,
	below,
	type Detail,
	detail,
	type Explanation,
	type Known,
	named,
	reported,
	shownBy,
	stepOf,
} from "./diagnosis.ts";
import { hostIn } from "./first-causes.ts";
import { describe, edit, kubectl, logs, prism, release, typed, why } from "./next-commands.ts";
import { namespaceNeed } from "./placement.ts";
import { podFinding, podsOf } from "./workloads.ts";

// Why a tenant's namespace is not served: from its placement to the instances and their pods.

// ── A place, and trouble there ──────────────────────────────────────────────────────────────────────────────────────

/** The placements that are not being revoked. */
const activePlacements = (object: KubeObject) => placementsOf(object).filter(({ state }) => state !== "Revoking");

const instanceStates = (object: KubeObject): Detail[] =>
	detail(
		"State of each instance",
		placementsOf(object).flatMap(({ instances }) =>
			instances.map(
				({ name, state = "not called yet", message }) =>
					`${name}: ${state}${message === undefined ? "" : `, ${message}`}`,
			),
		),
	);

export const instancesNotReady = (known: Known, object: KubeObject): Explanation => {
	const placements = activePlacements(object);
	const [placement] = placements;
	const host = placement && hostIn(known.view, { name: placement.roster, namespace: placement.namespace });
	const found = host && known.view.get(host.kind, host.namespace, host.name);
	const resting = found && scaledToZero(known, found);
	if (resting !== undefined) return below(stepOf(object), resting);
	return shownBy(object, "InstancesNotReady", {
		...reported(object),
		next: host === undefined ? [] : [why(known, unreadObject(host))],
		needs: placements.flatMap(({ namespace }) => namespaceNeed(known, namespace)),
	});
};

/** A shard or stack whose proxies a user scaled to 0 is Ready, and serves no namespace. */
const scaledToZero = (known: Known, host: KubeObject): Explanation | undefined => {
	const field = host.kind === "PrismShard" ? "replicas" : "proxy.replicas";
	if (valueAt(host["spec"], ...field.split(".")) !== 0) return undefined;
	const scale =
		host.kind === "PrismShard"
			? kubectl(known, ["scale", slashName(host)], host, "--replicas=1")
			: edit(known, host, `spec.${field}`, "start its proxies");
	return shownBy(host, "ScaledToZero", {
		cause: `${host.kind} ${host.metadata.name} is scaled to 0: spec.${field} is 0, and no proxy serves the namespace`,
		next: [{ ...scale, field: `spec.${field}` }],
	});
};

/** For commands about an object that was not read. */
const unreadObject = ({ kind, namespace, name }: Reference): KubeObject => ({
	apiVersion: API_VERSION,
	kind,
	metadata: { name, namespace },
});

/** An instance does not have the namespace: its pod shows the cause, otherwise its own state. */
export const instancesFailing = (known: Known, object: KubeObject): Explanation => {
	const placements = activePlacements(object);
	const late = placements.flatMap(({ namespace, instances }) =>
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
		...reported(object),
		evidence: first === undefined ? named(object) : `instance ${first.name}, as the operator observes it`,
		details: instanceStates(object),
		next: [
			...(pod === undefined ? [] : [logs(known, pod)]),
			...(step.word === "ProvisioningRefused"
				? [edit(known, object, "spec", "change what the instance rejects")]
				: adminAdvice(known, [first && lackingIn(first).cause])),
		],
		state: step.word === "Progressing" ? "waiting" : "broken",
		needs: placements.flatMap(({ namespace }) => namespaceNeed(known, namespace)),
	});
	return pod === undefined ? found : { ...found, steps: [step, { object: pod, word: first?.state ?? "Waiting" }] };
};

/** The instance runs, and its admin API does not answer, or returns an invalid response. */
const UNANSWERED: readonly unknown[] = ["NoAnswer", "BadAnswer"];

/** Remedies, by the cause that the operator reports for a proxy. */
const adminAdvice = (known: Known, causes: readonly unknown[]): Advice[] => {
	if (causes.includes("Unauthenticated"))
		return [
			{
				say: "set the token of its Kubernetes namespace in the Secret admin.tokensSecret of the chart (docs/admin-api.md)",
			},
		];
	if (causes.some((cause) => UNANSWERED.includes(cause)))
		return [
			{
				say: "the pod runs, but its admin API does not answer: does a NetworkPolicy allow the operator to reach the admin port (8981)?",
				...kubectl(known, ["get", "networkpolicy", "-A"]),
			},
		];
	if (causes.includes("Unavailable"))
		return [
			{
				say: "it reports that it is unavailable; a control plane with several replicas needs a majority of them: are its pods ready?",
				...kubectl(known, ["get", "pods", "-A", "-l", "component=admin"]),
			},
		];
	if (causes.includes("Unimplemented"))
		return [{ say: "its image does not support this call: docs/admin-api.md has the requirements" }];
	return [];
};

export const identifierTaken = (known: Known, object: KubeObject): Explanation => {
	const id = identifierOf(object);
	const rival = known.view.all("PrismNamespace").find((other) => other !== object && identifierOf(other) === id);
	const { cause, since } = reported(object);
	return shownBy(rival ?? object, "NamespaceIdTaken", {
		cause: rival ? `the identifier "${id}" belongs to ${named(rival)}: an identifier is unique on a proxy` : cause,
		since,
		details: instanceStates(object),
		next: [
			rival ? why(known, rival) : { say: "search all namespaces", ...prism(known, ["where", id, "-A"]) },
			{ say: "create a PrismNamespace with another spec.namespaceId, which is immutable" },
		],
	});
};

export const expired = (known: Known, object: KubeObject): Explanation => {
	const { cause, since } = reported(object);
	return shownBy(object, "Expired", {
		cause,
		since: seenOf(PrismNamespace, object).status.expiresAt ?? since,
		next: [
			edit(known, object, "spec.ttl", "to provision it again, raise"),
			{ say: "or delete it", ...kubectl(known, ["delete", ...typed(object)], object) },
		],
	});
};

/** A namespace that is being deleted, and that instances must still revoke. */
export const revoking = (known: Known, object: KubeObject): Explanation => {
	const placements = placementsOf(object);
	const since = object.metadata.deletionTimestamp;
	const forceDeletion = { say: "or force the deletion: the record may stay on the proxy", ...release(known, object) };
	for (const { roster, namespace } of placements) {
		const host = known.view.get("PrismRoster", namespace, roster);
		const owner = host && ownerOf(known.view, host);
		const set = owner && known.view.owned(owner).find(isWorkload);
		for (const pod of set ? podsOf(known, set) : []) {
			const trouble = podTrouble(pod, known.view);
			if (trouble === undefined) continue;
			const finding = podFinding(known, pod, trouble, set);
			return below({ object, word: "Revoking", since }, { ...finding, next: [...finding.next, forceDeletion] });
		}
	}
	return shownBy(object, "Revoking", {
		cause: reported(object).cause,
		since,
		details: instanceStates(object),
		next: [describe(known, object), forceDeletion],
		state: "waiting",
		needs: placements.flatMap(({ namespace }) => namespaceNeed(known, namespace)),
	});
};

/** Instances of a shard that do not answer, or have different namespaces. */
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
		cause: reported(shard).cause,
		since: doubtfulSince ?? step.since,
		details:
			concerned.length < 2 ? [] : detail("Affected pods", [listed(concerned.map(({ metadata }) => metadata.name))]),
		next: compact([
			first && logs(known, first),
			...(differ
				? [
						{
							say: "namespaces that are not Ready show what their instances report",
							...prism(known, ["status"], shard),
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
