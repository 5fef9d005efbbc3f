import { CREATION_SECONDS, conditionOf, knownMissing, syncErrors as syncErrorsCommand } from "../../kube/conditions.ts";
import { leftOver } from "../../kube/namesakes.ts";
import { compact, isWorkload, recordsAt, valueAt } from "../../kube/object.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Named } from "../../schemas/findings/command.ts";
import { fieldOf, remedyOf } from "../../schemas/findings/fields.ts";
import type { Finding } from "../../schemas/findings/finding.ts";
import { unfinishedPart } from "../../schemas/messages/excerpts.ts";
import { type ClusterView, eventTime, namespaceOf, syncErrors } from "../cluster/cluster-view.ts";
import { findingOf } from "../text/findings.ts";
import { deletion } from "./deletion.ts";
import {
	below,
	type Explanation,
	type Known,
	keyOf,
	type Need,
	named,
	reported,
	shownBy,
	stepOf,
} from "./diagnosis.ts";
import { describe, edit, kubectl, logs, prism, remedy, resume, showYaml, typed } from "./next-commands.ts";
import { rejectionIn } from "./rejections.ts";
import { whose } from "./whose.ts";
import { workloadFinding } from "./workloads.ts";

// Problems with the spec, or with objects of other owners.

/** A rejected spec: the message has the field and the remedy. */
export const refusedSpec = (known: Known, object: KubeObject): Explanation => {
	const finding = findingOf(known.view, object);
	const field = (finding && fieldOf(finding)) ?? "spec";
	const copy = finding && remedyOf(finding);
	return shownBy(object, stepOf(object).word, {
		...reported(object),
		details: [
			{ title: "Meanwhile", lines: ["the children and their pods stay unchanged: a rejected spec has no effect"] },
		],
		next: compact([
			copy && { say: "copy it", ...remedy(known, copy, object) },
			edit(known, object, field, "fix the field"),
		]),
	});
};

/** A user paused it; a pod that fails has a cause of its own. */
export const pausedWork = (known: Known, object: KubeObject): Explanation => {
	const broken = known.view
		.owned(object)
		.filter(isWorkload)
		.map((workload) => workloadFinding(known, workload))
		.find((finding) => finding?.state === "broken");
	const resumed = { say: "it is paused: changes of its spec are applied after", ...resume(known, object) };
	if (broken !== undefined)
		return below({ ...stepOf(object), word: "Paused" }, { ...broken, next: [...broken.next, resumed] });
	const paused = conditionOf(object, "Paused");
	const ready = conditionOf(object, "Ready");
	return shownBy(object, "Paused", {
		cause: `${object.kind} ${object.metadata.name} is paused, and was not ready at that time${ready === undefined ? "" : `: ${unfinishedPart(ready.message)}`}`,
		since: paused?.lastTransitionTime ?? ready?.lastTransitionTime,
		next: [resume(known, object)],
		state: "paused",
	});
};

/** The name of a child is in use by an object of another owner, which shows the cause. */
export const nameTaken = (known: Known, object: KubeObject): Explanation => {
	const entry = missingIn(object, known.view.now);
	const { kind = "object", name = "", since = reported(object).since } = entry ?? {};
	const found = namesake(known, object, { kind, name, since });
	if (found !== undefined) return found;
	const events = `involvedObject.name=${object.metadata.name}`;
	return shownBy(object, "NameTaken", {
		cause: `${kind} ${name} does not exist, and its name is not in use: Metacontroller fails to create it`,
		since,
		next: [
			{ say: "events of Metacontroller", ...kubectl(known, ["get", "events"], object, "--field-selector", events) },
			{ say: "does Metacontroller have the permission to create it?", ...prism(known, ["doctor"]) },
		],
	});
};

/** The object that has the name of a missing child; undefined: there is none. */
const namesake = (
	known: Known,
	object: KubeObject,
	{ kind, name, since }: Named & Pick<Explanation, "since">,
): Explanation | undefined => {
	const need: Need = { need: "object", resource: kind.toLowerCase(), namespace: namespaceOf(object), name };
	const { objects } = known.extra;
	const theirs = objects.get(keyOf(need));
	if (theirs !== undefined) return taken(known, object, theirs, since);
	if (objects.has(keyOf(need))) return undefined;
	const cause = `${kind} ${name} was not created: the name seems to be in use`;
	return shownBy(object, "NameTaken", { cause, since, needs: [need] });
};

const missingIn = (object: KubeObject, now: string) => {
	const missing = knownMissing(object);
	return missing.find(({ since }) => secondsBetween(since, now) >= CREATION_SECONDS) ?? missing[0];
};

const taken = (known: Known, object: KubeObject, theirs: KubeObject, since: string | undefined): Explanation => {
	const name = `${theirs.kind} ${theirs.metadata.name}`;
	if (theirs.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid) === true)
		return shownBy(theirs, "Present", {
			cause: `${name} exists now: the next reconciliation will report it`,
			since,
			state: "waiting",
		});
	const ours = `${object.kind} ${object.metadata.name}`;
	const takeOver = leftOver(object, theirs, [theirs]);
	if (takeOver !== undefined)
		return shownBy(theirs, "LeftOver", {
			cause: `${name} has no owner: it comes from a restored backup, or from a deletion with --cascade=orphan`,
			since,
			next: [
				{ say: `${ours} adopts it; no pod is replaced`, ...remedy(known, takeOver, object) },
				{
					say: `if its pods are not needed, delete it: the operator then creates another one for ${ours}`,
					...kubectl(known, ["delete", ...typed(theirs)], theirs),
				},
			],
		});
	return shownBy(theirs, "Foreign", {
		cause: `${name} already exists, and ${whose(theirs)}. The operator never changes an object of another owner`,
		since,
		next: [
			{ say: "show it", ...showYaml(known, theirs) },
			{
				say: `if it is not needed, delete it: the operator then creates another one for ${ours}`,
				...kubectl(known, ["delete", ...typed(theirs)], theirs),
			},
			{ say: `otherwise give ${ours} another name: its children are named after it` },
		],
	});
};

/** The API server rejects a change: the events of Metacontroller have its error. */
export const childRefused = (known: Known, object: KubeObject): Explanation => {
	const finding = findingOf(known.view, object);
	const [late] = lateChildren(object);
	const child = finding?.reason === "ChildRefused" ? finding.child : late;
	if (child === undefined) return shownBy(object, "ChildRefused", reported(object));
	const isChild = ({ kind, name }: Named) => kind === child.kind && name === child.name;
	const { since = "" } = lateChildren(object).find(isChild) ?? {};
	const found = rejectedChild(known, object, { ...child, since });
	if (found !== undefined) return found;
	// Where names are not watched, the status doesn't know whether the name is in use.
	const missing = knownMissing(object).find(isChild);
	const theirs = missing && namesake(known, object, missing);
	const rejected = unheard(known, object, child);
	if (theirs === undefined) return rejected;
	return theirs.needs.length === 0 ? theirs : { ...rejected, needs: [...rejected.needs, ...theirs.needs] };
};

/** A child that the API server rejects, before the operator reports ChildRefused. */
export const rejectedLately = (known: Known, object: KubeObject): Explanation | undefined => {
	for (const late of lateChildren(object)) {
		const found = rejectedChild(known, object, late);
		if (found !== undefined) return found;
	}
	return undefined;
};

interface LateChild {
	readonly kind: string;
	readonly name: string;
	readonly since: string;
}

/** Missing and outdated children, from the status. */
const lateChildren = (object: KubeObject): LateChild[] =>
	["missing", "delayed"].flatMap((list) =>
		recordsAt(object, "status", list).map(({ kind, name, since }) => ({
			kind: String(kind),
			name: String(name),
			since: String(since),
		})),
	);

/** Metacontroller does not write an event for each failure: an event counts only if it is newer than the problem. */
const rejectedChild = ({ view, ...known }: Known, object: KubeObject, late: LateChild): Explanation | undefined => {
	const { kind, name, since } = late;
	const words = rejectionOf(view, object, late);
	if (words === undefined) return undefined;
	const child = childIn(view, object, late);
	const rejection = rejectionIn(words);
	const all = { ...known, view };
	const found = shownBy(child, rejection?.word ?? "Rejected", {
		cause: `the API server rejects ${kind} ${name}: ${withoutPrefix(words)}`,
		since,
		evidence: `the event SyncError on ${named(object)}`,
		next: [
			...(rejection?.next(all, child) ?? [
				{ say: "the full error of the API server", ...remedy(all, syncErrorsCommand(object), object) },
			]),
			edit(all, object, "spec", "or change what it rejects"),
		],
	});
	return below(stepOf(object), found);
};

/** A call of the operator that failed: the API server was not asked. */
const NOT_ASKED = /hook failed|http error|unsupported status code/;

/** How the API server names the object that it rejects. */
const REJECTED = / "([^"]+)" is (?:forbidden|invalid)/;

const names = (said: string, child: Pick<Named, "name">): boolean => said.includes(child.name);

/** An error of a webhook, or of the role of Metacontroller, does not name the child. */
const rejectionOf = (view: ClusterView, object: KubeObject, { name, since }: LateChild): string | undefined => {
	// The event of Metacontroller has no other field with the child and the error.
	const words = syncErrors(view, object)
		.filter((event) => eventTime(event) >= since)
		.map(({ message = "" }) => message)
		.filter((said) => !NOT_ASKED.test(said));
	const others = lateChildren(object).filter((other) => other.name !== name);
	return (
		words.find((said) => names(said, { name })) ??
		words.find(
			(said) => rejectionIn(said) !== undefined && !REJECTED.test(said) && !others.some((other) => names(said, other)),
		)
	);
};

/** Removes the prefix that names the parent, which the output already has. */
const withoutPrefix = (words: string): string =>
	// oxlint-disable-next-line prism/no-message-as-meaning -- only removes a repetition from the output
	words.replace(/^Sync error: (?:can't reconcile children for [^:]+: )?/, "");

/** The child, or only its kind and name if it was not read. */
const childIn = (view: ClusterView, object: KubeObject, { kind, name }: Named): KubeObject =>
	view.get(kind, namespaceOf(object), name) ?? {
		apiVersion: "",
		kind,
		metadata: { name, namespace: namespaceOf(object) },
	};

/** Only the log of Metacontroller has the error of the API server. */
const unheard = (known: Known, object: KubeObject, child: Named): Explanation => {
	const { machinery } = known.extra;
	return below(
		stepOf(object),
		shownBy(childIn(known.view, object, child), "Rejected", {
			...reported(object),
			next: [
				...(machinery?.metacontrollers ?? []).map((workload) => ({
					say: "no event has the cause: see the log of Metacontroller",
					...logs(known, workload),
				})),
				edit(known, object, "spec", "or change what is rejected"),
			],
			needs: machinery === undefined ? [{ need: "machinery" }] : [],
		}),
	);
};

/** A problem with a child, a workload or a Service, which shows the cause. */
export const ofSubject = (known: Known, object: KubeObject): Explanation => {
	const finding = findingOf(known.view, object);
	const { reason } = finding ?? {};
	const command = finding && remedyOf(finding);
	const subject = finding === undefined ? withoutAddress(known, object) : subjectOf(finding);
	const shows = subject === undefined ? object : childIn(known.view, object, subject);
	const { cause, since } = reported(object);
	const found = shownBy(shows, reason ?? stepOf(object).word, {
		cause,
		since,
		next: [command === undefined ? describe(known, shows) : remedy(known, command, object)],
		state: conditionOf(object, "Stalled")?.status === "True" ? "broken" : "waiting",
	});
	return subject === undefined ? found : below(stepOf(object), found);
};

/** A Service of type LoadBalancer without an address. */
const withoutAddress = ({ view }: Known, object: KubeObject): Named | undefined => {
	const service = view
		.owned(object)
		.find(
			({ kind, spec, status }) =>
				kind === "Service" &&
				valueAt(spec, "type") === "LoadBalancer" &&
				recordsAt(status, "loadBalancer", "ingress").length === 0,
		);
	return service && { kind: service.kind, name: service.metadata.name };
};

const subjectOf = (finding: Finding): Named | undefined => {
	if ("child" in finding) return finding.child;
	if ("workload" in finding) return finding.workload;
	return "service" in finding ? { kind: "Service", name: finding.service } : undefined;
};

/** A child that is being deleted: its finalizers show what it waits for. */
export const childTerminating = (known: Known, object: KubeObject): Explanation => {
	const finding = findingOf(known.view, object);
	const going = known.view.owned(object).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
	const found = finding?.reason === "ChildTerminating" ? finding.child : undefined;
	const child = going.find(({ kind, metadata }) => kind === found?.kind && metadata.name === found.name) ?? going[0];
	return child === undefined ? ofSubject(known, object) : below(stepOf(object), deletion(known, child));
};
