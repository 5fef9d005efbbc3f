import { compact, controllerOf } from "../../kube/object.ts";
import { seenOf } from "../../kube/partial-object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PrismNamespace } from "../../schemas/prismnamespace.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import { PrismShard } from "../../schemas/prismshard.ts";
import { ROSTER_LABELS, servesLabel } from "../../schemas/vocabulary.ts";
import { namespaceOf, ownerOf } from "../cluster/cluster-view.ts";
import { findingOf } from "../text/findings.ts";
import { detail, type Explanation, type Known, type Need, reported, shownBy } from "./diagnosis.ts";
import { edit, kubectl, why } from "./next-commands.ts";

// Why a namespace has no placement: its requirements, and which of them each shard does not meet.

/** Objects of another namespace, read on demand. */
export const namespaceNeed = ({ extra, view }: Known, namespace: string): Need[] =>
	extra.namespaces.has(namespace) || view.all("PrismRoster", namespace).length > 0
		? []
		: [{ need: "namespace", namespace }];

export const noMatchingShard = (known: Known, object: KubeObject): Explanation => {
	const namespace = seenOf(PrismNamespace, object).spec.shard?.namespace ?? namespaceOf(object);
	const shards = known.view.all("PrismRoster", namespace).filter(isShards);
	const { cause, since } = reported(object);
	return shownBy(object, "NoMatchingShard", {
		cause: shards.length === 0 && !isUnread(known) ? `there is no PrismShard in namespace ${namespace}` : cause,
		since,
		details: detail(
			`Shards in namespace ${namespace}`,
			isUnread(known)
				? ["not compared: you may not read prismrosters"]
				: shards.map((roster) => `${hostName(roster)}: ${mismatch(object, roster).join("; ") || "matches"}`),
		),
		next: [
			edit(known, object, "spec.shard", "select an existing shard"),
			{
				say: "or change a shard",
				...kubectl(known, ["get", "prismshards", "-n", namespace, "-o", "wide"]),
			},
		],
		needs: namespaceNeed(known, namespace),
	});
};

/** Without their rosters, nothing is known about shards and proxies. */
const isUnread = ({ view }: Known): boolean => view.unread.includes(PrismRoster.plural);

const isShards = (roster: KubeObject): boolean =>
	!roster.metadata.name.endsWith("-proxy") || controllerOf(roster)?.kind === "PrismShard";

const hostName = (roster: KubeObject): string =>
	controllerOf(roster)?.name ?? roster.metadata.name.replace(/^prism-/, "");

/** The requirements of a namespace that a shard does not meet. */
const mismatch = (object: KubeObject, roster: KubeObject): string[] => {
	const { labels = {} } = roster.metadata;
	const { backend, shard = {} } = seenOf(PrismNamespace, object).spec;
	const { backends = [] } = seenOf(PrismRoster, roster).spec;
	const only = backends.length === 0 ? "" : `, only ${backends.join(", ")}`;
	const home = namespaceOf(object);
	return compact([
		backend !== undefined && labels[servesLabel(backend)] !== "true" && `does not serve ${backend}${only}`,
		...(["product", "feature", "slaTier"] as const).map((field) => {
			const [wanted, has] = [shard[field], labels[ROSTER_LABELS[field]]];
			return wanted !== undefined && wanted !== has && `${field} is ${has ?? "not set"}, not ${wanted}`;
		}),
		!allows(roster, home) && `accepts no namespaces from ${home} (spec.allowedNamespaces)`,
	]);
};

const allows = (roster: KubeObject, home: string): boolean => {
	const { from, names = [] } = seenOf(PrismRoster, roster).spec.allowedNamespaces ?? {};
	return home === namespaceOf(roster) || from === "All" || names.includes(home);
};

export const noMatchingProxy = (known: Known, object: KubeObject): Explanation => {
	const home = namespaceOf(object);
	const { name = "", namespace = home } = seenOf(PrismNamespace, object).spec.proxyRef ?? {};
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
			? `PrismStack ${hostName(roster)} accepts no namespaces from ${home}: its spec.allowedNamespaces does not include it`
			: stack === undefined && isUnread(known)
				? reported(object).cause
				: stack === undefined
					? `there are no proxies ${name} in namespace ${namespace}`
					: stack.metadata.name === name
						? `spec.proxyRef names ${name}, which is the stack: its proxies are ${name}-proxy`
						: `PrismStack ${stack.metadata.name} exists, but its proxies do not exist yet`;
	return shownBy(object, "NoMatchingProxy", {
		cause,
		since: reported(object).since,
		details: detail(`Proxies in namespace ${namespace}`, proxies.toSorted()),
		next: compact([
			roster && stack
				? edit(known, stack, "spec.allowedNamespaces", `allow ${home}`)
				: edit(known, object, "spec.proxyRef", "name existing proxies"),
			stack && !roster && why(known, stack),
		]),
		needs: namespaceNeed(known, namespace),
	});
};

export const notAccepting = (known: Known, object: KubeObject): Explanation => {
	const finding = findingOf(known.view, object);
	if (finding?.reason === "NotAccepting" && finding.about === "unverified")
		return onlyOfItsNamespace(known, object, finding);
	const { shard, proxyRef } = seenOf(PrismNamespace, object).spec;
	const namespace = shard?.namespace ?? proxyRef?.namespace ?? namespaceOf(object);
	const rosters = known.view
		.all("PrismRoster", namespace)
		.filter((roster) =>
			proxyRef?.name === undefined
				? isShards(roster) && mismatch(object, roster).length === 0
				: roster.metadata.name === proxyRef.name,
		);
	return shownBy(object, "NotAccepting", {
		...reported(object),
		details: detail(
			"Matches",
			rosters.map((roster) => `${hostName(roster)}: ${closedBecause(known, roster)}`),
		),
		next: [
			{
				say: "raise capacity.maxNamespaces, set accepting: true, or set draining: false on one of them",
				...kubectl(known, ["get", proxyRef?.name === undefined ? "prismshards" : "prismstacks", "-n", namespace]),
			},
			{ say: "or add another one" },
		],
		needs: namespaceNeed(known, namespace),
	});
};

/** A place whose control plane can't be read back. */
const onlyOfItsNamespace = (
	known: Known,
	object: KubeObject,
	{ place, namespace }: { readonly place: string; readonly namespace: string },
): Explanation => {
	const roster = known.view.get("PrismRoster", namespace, place);
	const host = roster && ownerOf(known.view, roster);
	return shownBy(object, "NotAccepting", {
		...reported(object),
		next: [
			{ say: `create the PrismNamespace in namespace ${namespace}` },
			host === undefined
				? { say: "or ask the owner of the proxies to set spec.allowedNamespaces.unverified: true" }
				: edit(
						known,
						host,
						"spec.allowedNamespaces.unverified",
						"or set to true, to accept those of other namespaces too",
					),
		],
		needs: namespaceNeed(known, namespace),
	});
};

/** A bound of a stack or shard in another Kubernetes namespace: the user can change the object, but not the bound. */
export const notPermitted = (known: Known, object: KubeObject): Explanation => {
	const { shard, proxyRef } = seenOf(PrismNamespace, object).spec;
	const namespace = shard?.namespace ?? proxyRef?.namespace ?? namespaceOf(object);
	const kind = proxyRef === undefined ? "prismshards" : "prismstacks";
	return shownBy(object, "NotPermitted", {
		...reported(object),
		next: [
			edit(known, object, "spec", "request less"),
			{
				say: "or ask the owner of the stack or shard to change spec.allowedNamespaces",
				...kubectl(known, ["get", kind, "-n", namespace, "-o", "yaml"]),
			},
		],
	});
};

const closedBecause = ({ view }: Known, roster: KubeObject): string => {
	const { deleting, draining, weight, accepting } = seenOf(PrismRoster, roster).spec;
	if (deleting === true) return "is being deleted";
	if (draining === true) return "is draining";
	const shard = ownerOf(view, roster);
	const { spec, status } = shard ? seenOf(PrismShard, shard) : {};
	if (status?.full === true)
		return `is full: ${status.namespaces ?? "?"} of ${spec?.capacity?.maxNamespaces ?? "?"} namespaces`;
	if (weight === 0) return "has weight 0";
	return accepting === false ? "is set to accept no new namespaces" : "accepts new namespaces";
};
