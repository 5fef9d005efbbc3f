import { listed } from "../../kube/checks.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { FORCE_DELETE_ANNOTATION, ROSTER_LABELS, servesLabel } from "../../schemas/vocabulary.ts";
import { textAt } from "../cluster/fields.ts";
import { podTrouble } from "../cluster/pods.ts";
import { kubectlCommand, placeOf } from "../cluster/speech.ts";
import { namespaceOf, ownerOf } from "../cluster/view.ts";
import { placementsOf } from "../topology.ts";
import { annotate, describe, edit, logs, why } from "./advice.ts";
import { below, type Detail, type Finding, type Known, type Need, named, shownBy } from "./diagnosis.ts";
import { podFinding, podsOf } from "./workloads.ts";

// Why a tenant's namespace is not served: from its place to the instances, and to their pods.

const messageOf = (object: KubeObject): string => conditionOf(object, "Ready")?.message ?? "";
const sinceOf = (object: KubeObject): string | undefined => conditionOf(object, "Ready")?.lastTransitionTime;

/** Objects of another namespace, read when they are asked for. */
const elsewhere = ({ extra, view }: Known, namespace: string): Need[] =>
	extra.namespaces.has(namespace) || view.all("PrismRoster", namespace).length > 0
		? []
		: [{ need: "namespace", namespace }];

// ── No place ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const noMatchingShard = (known: Known, object: KubeObject): Finding => {
	const home = namespaceOf(object);
	const namespace = textAt(object, "spec", "shard", "namespace") ?? home;
	const shards = known.view.all("PrismRoster", namespace).filter(isShards);
	const lines = shards.map((roster) => `${shardName(roster)}: ${mismatch(object, roster).join("; ") || "matches"}`);
	return shownBy(object, "NoMatchingShard", {
		cause:
			shards.length === 0
				? `there is no PrismShard in namespace ${namespace} that one could be assigned to`
				: messageOf(object),
		since: sinceOf(object),
		details: lines.length === 0 ? [] : [{ title: `Shards in namespace ${namespace}`, lines }],
		next: [
			edit(known, object, "spec.shard", "ask for what there is"),
			{
				say: "or change a shard",
				command: kubectlCommand(known.speech, "get", "prismshards", "-n", namespace, "-o", "wide"),
			},
		],
		needs: elsewhere(known, namespace),
	});
};

const isShards = (roster: KubeObject): boolean =>
	!roster.metadata.name.endsWith("-proxy") ||
	recordsAt(roster, "metadata", "ownerReferences").some(({ kind }) => kind === "PrismShard");

const shardName = (roster: KubeObject): string =>
	roster.metadata.ownerReferences?.find(({ controller }) => controller === true)?.name ??
	roster.metadata.name.replace(/^prism-/, "");

/** In which respects a shard is not what a namespace asks for. */
const mismatch = (object: KubeObject, roster: KubeObject): string[] => {
	const labels = roster.metadata.labels ?? {};
	const backend = textAt(object, "spec", "backend");
	const fields = (["product", "feature", "slaTier"] as const).flatMap((field) => {
		const wanted = textAt(object, "spec", "shard", field);
		const has = labels[ROSTER_LABELS[field]];
		return wanted === undefined || wanted === has ? [] : [`${field} is ${has ?? "not set"}, not ${wanted}`];
	});
	const serves = valueAt(roster, "spec", "backends");
	return [
		...(backend === undefined || labels[servesLabel(backend)] === "true"
			? []
			: [
					`does not serve ${backend}${Array.isArray(serves) && serves.length > 0 ? `, only ${serves.join(", ")}` : ""}`,
				]),
		...fields,
		...(allows(roster, namespaceOf(object))
			? []
			: [`takes no namespaces from ${namespaceOf(object)} (spec.allowedNamespaces)`]),
	];
};

const allows = (roster: KubeObject, home: string): boolean => {
	const from = valueAt(roster, "spec", "allowedNamespaces", "from");
	const names = valueAt(roster, "spec", "allowedNamespaces", "names");
	if (home === namespaceOf(roster) || from === "All") return true;
	return Array.isArray(names) && names.includes(home);
};

export const noMatchingProxy = (known: Known, object: KubeObject): Finding => {
	const home = namespaceOf(object);
	const name = textAt(object, "spec", "proxyRef", "name") ?? "";
	const namespace = textAt(object, "spec", "proxyRef", "namespace") ?? home;
	const roster = known.view.get("PrismRoster", namespace, name);
	const stack =
		known.view.get("PrismStack", namespace, name) ??
		known.view.get("PrismStack", namespace, name.replace(/-proxy$/, ""));
	const proxies = known.view
		.all("PrismRoster", namespace)
		.map(({ metadata }) => metadata.name)
		.filter((other) => other.endsWith("-proxy"));
	const cause =
		roster !== undefined && !allows(roster, home)
			? `PrismStack ${shardName(roster)} takes no namespaces from ${home}: its spec.allowedNamespaces does not say so`
			: stack !== undefined && stack.metadata.name === name
				? `spec.proxyRef names ${name}, which is the stack: its proxies are ${name}-proxy`
				: stack !== undefined
					? `PrismStack ${stack.metadata.name} is there, and its proxies are not yet`
					: `there are no proxies ${name} in namespace ${namespace}`;
	const fix =
		roster !== undefined && stack !== undefined
			? edit(known, stack, "spec.allowedNamespaces", `let ${home} in`)
			: edit(known, object, "spec.proxyRef", "name proxies that there are");
	const finding = shownBy(object, "NoMatchingProxy", {
		cause,
		since: sinceOf(object),
		details: proxies.length === 0 ? [] : [{ title: `Proxies in namespace ${namespace}`, lines: proxies.toSorted() }],
		next: [fix, ...(stack !== undefined && roster === undefined ? [why(known, stack)] : [])],
		needs: elsewhere(known, namespace),
	});
	return finding;
};

export const notAccepting = (known: Known, object: KubeObject): Finding => {
	const namespace =
		textAt(object, "spec", "shard", "namespace") ??
		textAt(object, "spec", "proxyRef", "namespace") ??
		namespaceOf(object);
	const proxies = textAt(object, "spec", "proxyRef", "name");
	const rosters = known.view
		.all("PrismRoster", namespace)
		.filter((roster) =>
			proxies === undefined
				? isShards(roster) && mismatch(object, roster).length === 0
				: roster.metadata.name === proxies,
		);
	const lines = rosters.map((roster) => `${shardName(roster)}: ${closedBecause(known, roster)}`);
	return shownBy(object, "NotAccepting", {
		cause: messageOf(object),
		since: sinceOf(object),
		details: lines.length === 0 ? [] : [{ title: "Those that match", lines }],
		next: [
			{
				say: "raise capacity.maxNamespaces, set accepting, or end the draining of one of them",
				command: kubectlCommand(
					known.speech,
					"get",
					proxies === undefined ? "prismshards" : "prismstacks",
					"-n",
					namespace,
				),
			},
			{ say: "or add another one" },
		],
		needs: elsewhere(known, namespace),
	});
};

const closedBecause = ({ view }: Known, roster: KubeObject): string => {
	const shard = ownerOf(view, roster);
	const spec = (field: string) => valueAt(roster, "spec", field);
	if (spec("deleting") === true) return "is being deleted";
	if (spec("draining") === true) return "is draining";
	if (valueAt(shard, "status", "full") === true) {
		const most = textAt(shard, "spec", "capacity", "maxNamespaces") ?? "?";
		return `is full: ${textAt(shard, "status", "namespaces") ?? "?"} of ${most} namespaces`;
	}
	if (spec("weight") === 0) return "has weight 0";
	return spec("accepting") === false ? "is set to accept no new namespaces" : "takes new namespaces";
};

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
