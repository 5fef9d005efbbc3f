import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { ROSTER_LABELS, servesLabel } from "../../schemas/vocabulary.ts";
import { textAt } from "../cluster/fields.ts";
import { kubectlCommand } from "../cluster/speech.ts";
import { namespaceOf, ownerOf } from "../cluster/view.ts";
import { edit, why } from "./advice.ts";
import { type Finding, type Known, type Need, shownBy } from "./diagnosis.ts";

// Why a namespace has no place: what it asks for, and in which respects nobody is that.

export const messageOf = (object: KubeObject): string => conditionOf(object, "Ready")?.message ?? "";
export const sinceOf = (object: KubeObject): string | undefined => conditionOf(object, "Ready")?.lastTransitionTime;

/** Objects of another namespace, read when they are asked for. */
export const elsewhere = ({ extra, view }: Known, namespace: string): Need[] =>
	extra.namespaces.has(namespace) || view.all("PrismRoster", namespace).length > 0
		? []
		: [{ need: "namespace", namespace }];

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
