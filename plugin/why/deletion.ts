import { conditionOf } from "../../kube/conditions.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { listed } from "../../schemas/messages/words.ts";
import { namespaceOf, syncError } from "../cluster/cluster-view.ts";
import { healthOf, STUCK_AFTER } from "../cluster/health.ts";
import { availableOf, controllerOf, rowOfKind } from "../cluster/installation.ts";
import { placementsOf } from "../cluster/placements.ts";
import { findingOf } from "../text/findings.ts";
import { type Advice, below, detail, type Explanation, type Known, named, reported, shownBy } from "./diagnosis.ts";
import { describe, kubectl, prism, release, remedy, typed, why } from "./next-commands.ts";

// An object that is being deleted: its finalizers show what it waits for.

const OURS = /^metacontroller\.(?:io|k8s\.io)\//;
const FOREGROUND = "foregroundDeletion";

/** Whether only finalizers of other controllers remain: then its status is outdated. */
export const hasOnlyForeignFinalizers = ({ metadata: { finalizers = [] } }: KubeObject): boolean =>
	finalizers.length > 0 && !finalizers.some((name) => OURS.test(name));

/** What a deletion waits for, if no reason of the operator reports it. */
export const deletion = (known: Known, object: KubeObject): Explanation => {
	const { finalizers = [], deletionTimestamp } = object.metadata;
	const state = stateOf(known, object);
	const foreign = finalizers.filter((name) => !OURS.test(name) && name !== FOREGROUND && name !== "orphan");
	const ours = finalizers.find((name) => OURS.test(name));
	const base = { since: deletionTimestamp, state } as const;
	if (ours !== undefined) return waitsForMetacontroller(known, object, ours, base);
	if (finalizers.includes(FOREGROUND)) return waitsForChildren(known, object, base);
	return shownBy(object, "Finalizers", {
		...base,
		cause:
			foreign.length === 0
				? "it is being deleted, and has no finalizer left: the API server removes it now"
				: `it is being deleted, and waits for ${foreign.length === 1 ? "the finalizer" : "the finalizers"} ${listed(foreign)}, which the operator does not own: the controller that set ${foreign.length === 1 ? "it" : "them"} must remove ${foreign.length === 1 ? "it" : "them"}`,
		next: [
			describe(known, object),
			...foreign.map((name) => ({
				say: `last resort, if the controller of ${name} no longer exists: its cleanup is then skipped`,
				...withFinalizers(
					known,
					object,
					finalizers.filter((other) => other !== name),
				),
			})),
		],
	});
};

/** The command that sets these finalizers; null: none. */
const withFinalizers = (known: Known, object: KubeObject, finalizers: readonly string[] | null): Advice =>
	kubectl(
		known,
		["patch", ...typed(object)],
		object,
		"--type=merge",
		"-p",
		JSON.stringify({ metadata: { finalizers } }),
	);

type Base = Pick<Explanation, "since" | "state">;

/** The finalizer of Metacontroller: the finalize webhook has not completed, or is not called any more. */
const waitsForMetacontroller = (known: Known, object: KubeObject, finalizer: string, base: Base): Explanation => {
	const { machinery } = known.extra;
	if (machinery === undefined)
		return shownBy(object, "Finalizers", {
			...base,
			cause: `it is being deleted, and waits for the finalizer ${finalizer}`,
			needs: [{ need: "machinery" }],
		});
	const row = rowOfKind(object.kind);
	const controller = row && controllerOf(machinery, row);
	const gone = !machinery.kindsInstalled || (machinery.controllers !== undefined && controller === undefined);
	const running = machinery.metacontrollers.some((workload) => availableOf(workload) > 0);
	const unread = machinery.unread.includes("workloads");
	const patch = {
		say: "last resort: namespaces on proxies are then not revoked",
		...withFinalizers(known, object, null),
	};
	if (gone || !(running || unread))
		return shownBy(object, "Finalizers", {
			...base,
			cause: gone
				? `it waits for the finalizer ${finalizer}, and nothing removes it: the controller "${row?.name ?? ""}" was uninstalled before the object was deleted`
				: `it waits for the finalizer ${finalizer}, which Metacontroller removes, but Metacontroller does not run`,
			state: "broken",
			next: [{ say: "install it again, so that it can clean up: docs/install.md", ...prism(known, ["doctor"]) }, patch],
		});
	const error = syncError(known.view, object);
	return shownBy(object, "Finalizers", {
		...base,
		cause:
			error === undefined
				? `it waits for the finalizer ${finalizer}: the finalize webhook has not completed yet`
				: `the finalize webhook fails: ${error.message}`,
		next: [
			describe(known, object),
			{ say: "or force the deletion, without cleanup", ...release(known, object) },
			...(base.state === "broken" ? [patch] : []),
		],
	});
};

const waitsForChildren = (known: Known, object: KubeObject, base: Base): Explanation => {
	const left = known.view.owned(object);
	const [first] = left;
	return shownBy(first ?? object, "foregroundDeletion", {
		...base,
		cause: `foreground deletion: it waits until its children are deleted${left.length === 0 ? "" : `: ${listed(left.map(({ kind, metadata }) => `${kind} ${metadata.name}`))}`}`,
		next: first === undefined ? [describe(known, object)] : [describe(known, first)],
	});
};

/** A stack or shard that is being deleted, and waits for its namespaces. */
export const waitsForNamespaces = (known: Known, object: KubeObject): Explanation => {
	const word = conditionOf(object, "Ready")?.reason ?? "Terminating";
	const since = object.metadata.deletionTimestamp;
	const rosters = known.view.owned(object).filter(({ kind }) => kind === "PrismRoster");
	const left = known.view
		.all("PrismNamespace")
		.filter((other) =>
			placementsOf(other).some(({ roster, namespace }) =>
				rosters.some(({ metadata }) => metadata.name === roster && (metadata.namespace ?? "") === namespace),
			),
		);
	const stuck = left.find(({ metadata }) => metadata.deletionTimestamp !== undefined) ?? left[0];
	const scaleUp = word === "NamespacesUnknown" ? scaledUp(known, object) : undefined;
	const consequence = ": its namespaces are provisioned on another shard, and are not revoked on its volumes";
	const forceDeletion = { say: `or force the deletion${scaleUp ? consequence : ""}`, ...release(known, object) };
	const finding = stuck?.metadata.deletionTimestamp === undefined ? undefined : known.explain(stuck);
	if (finding !== undefined)
		return below({ object, word, since }, { ...finding, next: [...finding.next, forceDeletion] });
	const healths = left.map(
		(other) => `${namespaceOf(other)}/${other.metadata.name}: ${healthOf(other, known.view).word}`,
	);
	return shownBy(stuck ?? object, word, {
		cause: reported(object).cause,
		since,
		evidence: named(object),
		details: detail("Remaining namespaces", healths),
		next: [...(scaleUp ?? [stuck === undefined ? describe(known, object) : why(known, stuck)]), forceDeletion],
		state: stateOf(known, object),
	});
};

/** A deletion that takes too long needs a user. */
const stateOf = ({ view: { now } }: Known, { metadata }: KubeObject): Explanation["state"] =>
	secondsBetween(metadata.deletionTimestamp ?? now, now) > STUCK_AFTER ? "broken" : "waiting";

/** The command that starts a pod of a shard without pods, so that it reports the remaining namespaces; undefined: it has pods. */
const scaledUp = (known: Known, shard: KubeObject): Advice[] | undefined => {
	const finding = findingOf(known.view, shard);
	if (finding?.reason !== "NamespacesUnknown" || finding.about !== "noPods") return undefined;
	return [
		{
			say: "start a pod, which reports the namespaces on its volume; they move, and then the shard is deleted",
			...remedy(known, finding.remedy, shard),
		},
	];
};
