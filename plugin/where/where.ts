import { isReady } from "../../kube/health.ts";
import { compact } from "../../kube/object.ts";
import { seenOf } from "../../kube/partial-object.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { counted } from "../../schemas/messages/words.ts";
import { type PlacedInstance, PrismNamespace } from "../../schemas/prismnamespace.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import { type ClusterView, namespaceOf, viewOf } from "../cluster/cluster-view.ts";
import { placeOf, prismCommand, type Speech, slashName } from "../cluster/command-lines.ts";
import { currentNamespace, type GivenFlags, type Session } from "../cluster/context.ts";
import { type Health, healthOf, MARK_COLORS, MARKS, type Mark } from "../cluster/health.ts";
import { UsageError } from "../cluster/kinds.ts";
import { type Kubectl, KubectlError } from "../cluster/kubectl.ts";
import { identifierOf, type Placement, placementsOf } from "../cluster/placements.ts";
import { readView, type Scope } from "../cluster/read-cluster.ts";
import { ageText, columnLines, fitted, type Paint } from "../text/paint.ts";
import { complain } from "../text/print.ts";
import { hostIn } from "../why/first-causes.ts";

// `where`: the shard and the instances that serve a tenant, with the state of each.

export const where = async (session: Session, words: readonly string[], { output }: GivenFlags): Promise<number> => {
	const view = await widest(session.kubectl, session.scope);
	const all: TenantPlacements[] = [];
	for (const [index, id] of words.entries()) {
		const found = tenantsOf(view, id);
		if (found.length === 0) throw new UsageError([notFound(id, view), ...view.notes].join("\n"));
		for (const object of found) {
			const tenant = tenantPlacementsOf(view, object);
			all.push(tenant);
			if (output === "json") continue;
			const lines = whereLines(tenant, session.paint, view.now, session.speech);
			session.print([...(index > 0 || all.length > 1 ? [""] : []), ...lines]);
		}
	}
	if (output === "json") session.json(all.map(whereData));
	for (const note of output === "json" ? view.notes : []) complain(`warning: ${note}`);
	if (output !== "json" && view.notes.length > 0) session.print(["", ...view.notes.map((note) => `! ${note}`)]);
	return all.every(({ ready }) => ready) ? 0 : 2;
};

/** Searches all Kubernetes namespaces, unless the user names one, or may read only one. */
const widest = async (kubectl: Kubectl, scope: Scope): Promise<ClusterView> => {
	if (scope.namespace !== undefined) return readView(kubectl, scope, { made: true });
	try {
		return await readView(kubectl, { allNamespaces: true }, { made: true });
	} catch (error) {
		if (!(error instanceof KubectlError) || error.trouble !== "forbidden") throw error;
		const view = await readView(kubectl, {}, { made: true });
		const note = `you may not read all namespaces: only ${await currentNamespace(kubectl)} was searched`;
		return viewOf({ ...view, notes: [note, ...view.notes] });
	}
};

const notFound = (id: string, view: ClusterView): string => {
	const ids = view.all("PrismNamespace").map(identifierOf);
	const near = [...new Set(ids.filter((other) => other.includes(id) || id.includes(other)))].toSorted().slice(0, 5);
	const there =
		ids.length === 0
			? "there are no PrismNamespaces"
			: near.length > 0
				? `similar ones are ${near.join(", ")}`
				: `none of ${counted(ids.length, "PrismNamespace")} has it`;
	return `cannot find a PrismNamespace with the identifier "${id}": ${there}`;
};

export interface InstanceView {
	readonly name: string;
	/** Applied, Accepted, Waiting, Refused, Taken, Kept; "Missing": status has no state of it, or does not name it. */
	readonly state: string;
	readonly message: string | undefined;
	/** Time since when it does not answer: its state is unknown. */
	readonly silentSince?: string | undefined;
	/** When it was last known to have the namespace, if it can't be asked now. */
	readonly lastKnownAt?: string | undefined;
	/** Readiness in the PrismRoster; undefined: not listed. */
	readonly ready: boolean | undefined;
	readonly pod: Health | undefined;
}

export interface Place extends Omit<Placement, "instances"> {
	/** The shard or stack; undefined: it could not be read, or does not exist. */
	readonly host: KubeObject | undefined;
	readonly hostHealth: Health | undefined;
	readonly flags: readonly string[];
	/** Without the permission to read its PrismRoster: then readiness is unknown. */
	readonly isUnread: boolean;
	readonly instances: readonly InstanceView[];
}

export type TenantPlacements = ReturnType<typeof tenantPlacementsOf>;

/** PrismNamespaces with this identifier; otherwise those with this name. */
export const tenantsOf = (view: ClusterView, id: string): readonly KubeObject[] => {
	const all = view.all("PrismNamespace");
	const byIdentifier = all.filter((object) => identifierOf(object) === id);
	return byIdentifier.length > 0 ? byIdentifier : all.filter(({ metadata }) => metadata.name === id);
};

export const tenantPlacementsOf = (view: ClusterView, object: KubeObject) => ({
	object,
	id: identifierOf(object),
	health: healthOf(object, view),
	ready: isReady(object),
	places: placementsOf(object).map((placement) => placeIn(view, placement)),
});

const placeIn = (view: ClusterView, { instances, ...placement }: Placement): Place => {
	const { roster: name, namespace, controlPlane } = placement;
	const roster = view.get("PrismRoster", namespace, name);
	const { kind, name: hostName } = hostIn(view, { name, namespace });
	const host = view.get(kind, namespace, hostName);
	const isUnread = view.unread.includes(PrismRoster.plural);
	const { instances: listed = [], draining, deleting } = roster ? seenOf(PrismRoster, roster).spec : {};
	const unknown = (controlPlane ? [] : listed)
		.map(({ name: own = "" }): PlacedInstance => ({ name: own }))
		.filter((one) => !instances.some((known) => known.name === one.name));
	return {
		...placement,
		host,
		hostHealth: host && healthOf(host, view),
		isUnread,
		flags: compact([
			draining === true && "draining",
			deleting === true && "deleting",
			roster === undefined && (isUnread ? "you may not read its PrismRoster" : "its PrismRoster is missing"),
		]),
		// Without a state: selected, and not called yet.
		instances: [...instances, ...unknown].map(
			({ name: own, state = "Missing", message, silentSince, lastKnownAt }): InstanceView => {
				const pod = view.get("Pod", namespace, own);
				const ready = listed.find((one) => one.name === own)?.ready;
				return { name: own, state, message, silentSince, lastKnownAt, ready, pod: pod && healthOf(pod, view) };
			},
		),
	};
};

// ── Text ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const STATE_MARKS: Readonly<Record<string, Mark>> = {
	Applied: "good",
	Accepted: "good",
	Waiting: "waiting",
	Missing: "waiting",
	Refused: "bad",
	Taken: "bad",
	Kept: "bad",
};

const STATE_TEXTS: Readonly<Record<string, string>> = {
	Applied: "applied, verified",
	Accepted: "accepted, can't be verified",
	Waiting: "not applied yet",
	Refused: "rejected",
	Taken: "identifier in use by another owner",
	Kept: "can't be revoked",
};

export const whereLines = (
	{ object, id, health, ready, places }: TenantPlacements,
	paint: Paint,
	now: string,
	speech: Speech,
): string[] => [
	`${paint.color(MARK_COLORS[health.mark], MARKS[health.mark])} ${paint.color("bold", id)}: PrismNamespace ${namespaceOf(object)}/${object.metadata.name}, ${health.word}`,
	...(ready ? [] : [fitted(`  ${health.message}`, paint.columns)]),
	...places.flatMap((place) => ["", ...placeLines(place, paint, now)]),
	...(places.length === 0 ? ["", "No placement: no shard or stack is assigned yet"] : []),
	...figures(object, now),
	...(ready
		? []
		: ["", `Next: ${paint.color("bold", prismCommand(speech, "why", slashName(object), ...placeOf(object)))}`]),
];

const stateText = ({ state, silentSince, lastKnownAt, ready }: InstanceView, isLeft: boolean, now: string): string => {
	if (lastKnownAt !== undefined) return `can't be asked; had it ${ageText(secondsBetween(lastKnownAt, now))} ago`;
	if (silentSince !== undefined) return `unknown for ${ageText(secondsBetween(silentSince, now))}`;
	if (state !== "Missing") return STATE_TEXTS[state] ?? state;
	// Of a placement that is left, status keeps the instances until all of them are without it.
	if (isLeft) return "revocation not confirmed";
	return ready === false ? "unknown" : "not called yet";
};

const placeLines = (
	{
		roster,
		namespace,
		state,
		since,
		unreachableSince,
		host,
		hostHealth,
		flags,
		isUnread,
		controlPlane,
		instances,
	}: Place,
	paint: Paint,
	now: string,
): string[] => {
	const what =
		host === undefined ? `roster ${namespace}/${roster}` : `${host.kind} ${namespaceOf(host)}/${host.metadata.name}`;
	const age = since === undefined ? "" : ` for ${ageText(secondsBetween(since, now))}`;
	const condition =
		hostHealth === undefined
			? ""
			: `; ${hostHealth.word === "Ready" ? "it is ready" : `it is not ready: ${hostHealth.word}`}`;
	const away =
		unreachableSince === undefined
			? []
			: [`an instance has been unreachable for ${ageText(secondsBetween(unreachableSince, now))}`];
	const notes = [...away, ...flags].map((flag) => `; ${flag}`).join("");
	return [
		fitted(`${state}${age} on ${what}${condition}${notes}`, paint.columns),
		...(controlPlane ? ["  provisioned by the stack's admin control plane"] : []),
		...columnLines(
			instances.map((instance) => {
				const mark = STATE_MARKS[instance.state] ?? "plain";
				const words = [stateText(instance, state === "Revoking", now), instance.message].filter(
					(text) => text !== undefined,
				);
				return [
					`  ${paint.color(MARK_COLORS[mark], MARKS[mark])} ${instance.name}`,
					instance.ready === undefined
						? controlPlane
							? "control plane"
							: isUnread
								? "?"
								: "not listed"
						: instance.ready
							? "ready"
							: `not ready${instance.pod === undefined || instance.pod.word === "Ready" ? "" : ` (${instance.pod.word})`}`,
					words.join(": "),
				];
			}),
			paint,
		),
	];
};

const figures = (object: KubeObject, now: string): string[] => {
	const { provisionedAt, lastSyncedAt, expiresAt, metrics = {} } = seenOf(PrismNamespace, object).status;
	const when = (label: string, time: string | undefined) => {
		if (time === undefined) return undefined;
		const seconds = secondsBetween(time, now);
		return `${label} ${seconds < 0 ? `in ${ageText(-seconds)}` : `${ageText(seconds)} ago`}`;
	};
	const all = compact([
		when("provisioned", provisionedAt),
		when("last pushed", lastSyncedAt),
		when("expires", expiresAt),
		metrics.requestRate !== undefined && `${metrics.requestRate} requests/s`,
		metrics.p99Latency !== undefined && `p99 ${metrics.p99Latency}`,
	]);
	return all.length === 0 ? [] : ["", all.join(", ")];
};

/** For scripts. */
export const whereData = ({ object, id, health, ready, places }: TenantPlacements) => ({
	namespaceId: id,
	namespace: object.metadata.namespace,
	name: object.metadata.name,
	ready,
	reason: health.word,
	message: health.message,
	places: places.map(({ host, hostHealth, isUnread: _isUnread, instances, ...place }) => ({
		...place,
		...(host !== undefined && { host: { kind: host.kind, name: host.metadata.name, reason: hostHealth?.word } }),
		instances: instances.map(({ pod, ...instance }) => ({ ...instance, ...(pod !== undefined && { pod: pod.word }) })),
	})),
});
