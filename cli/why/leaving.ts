import { listed } from "../../kube/checks.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { valueAt } from "../../kube/object.ts";
import { countOf } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { FORCE_DELETE_ANNOTATION } from "../../schemas/vocabulary.ts";
import { healthOf, STUCK_AFTER } from "../cluster/health.ts";
import { availableOf, controllerOf, rowOfKind } from "../cluster/machinery.ts";
import { kubectlCommand, placeOf, prismCommand } from "../cluster/speech.ts";
import { namespaceOf } from "../cluster/view.ts";
import { placementsOf } from "../topology.ts";
import { annotate, describe, why } from "./advice.ts";
import { type Advice, below, type Finding, type Known, named, shownBy } from "./diagnosis.ts";

// An object that is being deleted, and is still there: its finalizers tell who has not let go.

const OURS = /^metacontroller\.(?:io|k8s\.io)\//;
const FOREGROUND = "foregroundDeletion";

/** Whether only others still hold an object that is being deleted: then the last words of its status are old. */
export const isLetGo = ({ metadata: { finalizers = [] } }: KubeObject): boolean =>
	finalizers.length > 0 && !finalizers.some((name) => OURS.test(name));

/** What a deletion waits for that no reason of ours tells. */
export const deletion = (known: Known, object: KubeObject): Finding => {
	const { finalizers = [], deletionTimestamp } = object.metadata;
	const age = secondsBetween(deletionTimestamp ?? known.view.now, known.view.now);
	const state = age > STUCK_AFTER ? "broken" : "waiting";
	const foreign = finalizers.filter((name) => !OURS.test(name) && name !== FOREGROUND && name !== "orphan");
	const ours = finalizers.find((name) => OURS.test(name));
	const base = { since: deletionTimestamp, state } as const;
	if (ours !== undefined) return heldByUs(known, object, ours, base);
	if (finalizers.includes(FOREGROUND)) return heldByChildren(known, object, base);
	return shownBy(object, "Finalizers", {
		...base,
		cause:
			foreign.length === 0
				? "it is being deleted, and nothing holds it any more: it is gone at once"
				: `it is being deleted, and waits for ${listed(foreign)}, which ${foreign.length === 1 ? "is" : "are"} not the operator's: whoever put ${foreign.length === 1 ? "it" : "them"} there must let go`,
		next: [
			describe(known, object),
			...foreign.map((name) => ({
				say: `last resort, if nobody is left who would remove ${name}: what it was to clean up then stays`,
				command: withFinalizers(
					known,
					object,
					finalizers.filter((other) => other !== name),
				),
			})),
		],
	});
};

/** The command that leaves an object with these finalizers; null: with none. */
const withFinalizers = ({ speech }: Known, object: KubeObject, finalizers: readonly string[] | null) =>
	kubectlCommand(
		speech,
		"patch",
		object.kind.toLowerCase(),
		object.metadata.name,
		...placeOf(object),
		"--type=merge",
		"-p",
		JSON.stringify({ metadata: { finalizers } }),
	);

type Base = Pick<Finding, "since" | "state">;

/** The finalizer of Metacontroller: the finalize hook has not said yet that all is done, or is not called any more. */
const heldByUs = (known: Known, object: KubeObject, finalizer: string, base: Base): Finding => {
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
	const unread = machinery.notes.some((note) => note.startsWith("workloads"));
	const patch = {
		say: "last resort: namespaces on proxies that should be revoked then stay there",
		command: withFinalizers(known, object, null),
	};
	if (gone || !(running || unread))
		return shownBy(object, "Finalizers", {
			...base,
			cause: gone
				? `it waits for the finalizer ${finalizer}, and nobody is left who would remove it: the controller "${row?.name ?? ""}" was uninstalled before the object`
				: `it waits for the finalizer ${finalizer}, and Metacontroller, which would remove it, does not run`,
			state: "broken",
			next: [
				{
					say: "bring it back, so that it can clean up: docs/install.md",
					command: prismCommand(known.speech, "doctor"),
				},
				patch,
			],
		});
	const error = known.view.eventsOn(object).find(({ reason }) => reason === "SyncError");
	return shownBy(object, "Finalizers", {
		...base,
		cause:
			error === undefined
				? `it waits for the finalizer ${finalizer}: the finalize hook has not said yet that all is done`
				: `the finalize hook fails: ${String(error["message"])}`,
		next: [
			describe(known, object),
			{ say: "or let it go without cleaning up", ...annotate(known, object, `${FORCE_DELETE_ANNOTATION}=true`) },
			...(base.state === "broken" ? [patch] : []),
		],
	});
};

const heldByChildren = (known: Known, object: KubeObject, base: Base): Finding => {
	const left = known.view.owned(object);
	const [first] = left;
	return shownBy(first ?? object, "foregroundDeletion", {
		...base,
		cause: `it is being deleted in the foreground, and waits until its children are gone${left.length === 0 ? "" : `: ${listed(left.map(({ kind, metadata }) => `${kind} ${metadata.name}`))}`}`,
		next: first === undefined ? [describe(known, object)] : [describe(known, first)],
	});
};

/** A stack or shard on its way out, which waits for its namespaces. */
export const waitsForNamespaces = (known: Known, object: KubeObject): Finding => {
	const ready = conditionOf(object, "Ready");
	const rosters = known.view.owned(object).filter(({ kind }) => kind === "PrismRoster");
	const left = known.view
		.all("PrismNamespace")
		.filter((other) =>
			placementsOf(other).some(({ roster, namespace }) =>
				rosters.some(({ metadata }) => metadata.name === roster && (metadata.namespace ?? "") === namespace),
			),
		);
	const stuck = left.find((other) => other.metadata.deletionTimestamp !== undefined) ?? left[0];
	const step = { object, word: ready?.reason ?? "Terminating", since: object.metadata.deletionTimestamp };
	const wake = ready?.reason === "NamespacesUnknown" ? scaledUp(known, object) : undefined;
	const release = {
		say:
			wake === undefined
				? "or let it go all the same"
				: "or let it go all the same: its namespaces are made anew elsewhere, and what its volumes hold of them is not revoked",
		...annotate(known, object, `${FORCE_DELETE_ANNOTATION}=true`),
	};
	const finding = stuck && stuck.metadata.deletionTimestamp !== undefined ? known.explain(stuck) : undefined;
	if (finding !== undefined) return below(step, { ...finding, next: [...finding.next, release] });
	return shownBy(stuck ?? object, ready?.reason ?? "Terminating", {
		cause:
			ready?.message.replace(/ To (?:have one say so|delete the shard all the same)\b.*$/, "") ??
			"it waits until its namespaces are gone",
		since: object.metadata.deletionTimestamp,
		evidence: named(object),
		details:
			left.length === 0
				? []
				: [
						{
							title: "Namespaces that are still there",
							lines: left.map(
								(other) => `${namespaceOf(other)}/${other.metadata.name}: ${healthOf(other, known.view).word}`,
							),
						},
					],
		next: [...(wake ?? (stuck === undefined ? [describe(known, object)] : [why(known, stuck)])), release],
		state:
			secondsBetween(object.metadata.deletionTimestamp ?? known.view.now, known.view.now) > STUCK_AFTER
				? "broken"
				: "waiting",
	});
};

/** A shard without pods has nobody who could say which namespaces are left; undefined: it has some, or is to have. */
const scaledUp = ({ speech, view }: Known, shard: KubeObject): Advice[] | undefined => {
	const set = view.owned(shard).find(({ kind }) => kind === "StatefulSet");
	if (set === undefined || countOf(set["spec"], "replicas") !== 0) return undefined;
	// An autoscaler leaves alone what has no pods, and the shard's own count has no effect beside it.
	const autoscaling = valueAt(shard["spec"], "autoscaling");
	const scaled = autoscaling === undefined || valueAt(autoscaling, "enabled") === false ? shard : set;
	return [
		{
			say: "give it a pod that says which namespaces its volume holds; they leave, and the shard goes by itself",
			command: kubectlCommand(
				speech,
				"scale",
				scaled.kind.toLowerCase(),
				scaled.metadata.name,
				...placeOf(scaled),
				"--replicas=1",
			),
		},
	];
};
