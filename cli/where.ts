import { recordsAt, valueAt } from "../kube/object.ts";
import { secondsBetween } from "../kube/time.ts";
import type { KubeObject } from "../schemas/common.ts";
import { textAt } from "./cluster/fields.ts";
import { type Health, healthOf, isReady, MARK_COLOURS, MARKS, type Mark } from "./cluster/health.ts";
import { placeOf, prismCommand, type Speech, slashName } from "./cluster/speech.ts";
import { type ClusterView, namespaceOf, ownerOf } from "./cluster/view.ts";
import { ageText, columnLines, fitted, type Paint } from "./text/paint.ts";

// `where`: which shard and which instances serve a tenant, and what each of them says.

export interface Instance {
	readonly name: string;
	/** Applied, Accepted, Waiting, Refused, Taken; "Missing" for a ready proxy that the namespace does not know of. */
	readonly state: string;
	readonly message: string | undefined;
	/** Readiness as the roster has it; undefined: the roster does not list it. */
	readonly ready: boolean | undefined;
	readonly pod: Health | undefined;
}

export interface Place {
	readonly roster: string;
	readonly namespace: string;
	readonly state: string;
	readonly since: string | undefined;
	/** The shard or stack; undefined: it could not be read, or is gone. */
	readonly host: KubeObject | undefined;
	readonly hostHealth: Health | undefined;
	readonly flags: readonly string[];
	readonly controlPlane: boolean;
	readonly instances: readonly Instance[];
}

export interface Whereabouts {
	readonly object: KubeObject;
	readonly id: string;
	readonly health: Health;
	readonly ready: boolean;
	readonly places: readonly Place[];
}

export const identifierOf = (object: KubeObject): string =>
	textAt(object, "status", "namespaceId") ?? textAt(object, "spec", "namespaceId") ?? object.metadata.name;

/** PrismNamespaces of an identifier; by their own name only if nobody has it as an identifier. */
export const tenantsOf = (view: ClusterView, id: string): readonly KubeObject[] => {
	const all = view.all("PrismNamespace");
	const byIdentifier = all.filter((object) => identifierOf(object) === id);
	return byIdentifier.length > 0 ? byIdentifier : all.filter(({ metadata }) => metadata.name === id);
};

export const whereaboutsOf = (view: ClusterView, object: KubeObject): Whereabouts => ({
	object,
	id: identifierOf(object),
	health: healthOf(object, view),
	ready: isReady(object),
	places: recordsAt(object, "status", "placements").map((placement) => placeIn(view, object, placement)),
});

const placeIn = (view: ClusterView, object: KubeObject, placement: Record<string, unknown>): Place => {
	const name = String(placement["roster"]);
	const namespace = textAt(placement, "namespace") ?? namespaceOf(object);
	const roster = view.get("PrismRoster", namespace, name);
	const host = roster && ownerOf(view, roster);
	const controlPlane = placement["controlPlane"] === true;
	const listed = recordsAt(roster, "spec", "instances");
	const known = recordsAt(placement, "instances").map((instance) => instanceIn(view, namespace, instance, listed));
	const unknown = controlPlane
		? []
		: listed
				.filter((one) => !known.some((instance) => instance.name === one["name"]))
				.map((one) => instanceIn(view, namespace, { name: one["name"], state: "Missing" }, listed));
	const said = ["draining", "deleting"].filter((flag) => valueAt(roster, "spec", flag) === true);
	return {
		roster: name,
		namespace,
		state: String(placement["state"]),
		since: textAt(placement, "since"),
		host,
		hostHealth: host && healthOf(host, view),
		flags: [...said, ...(roster === undefined ? ["its roster is gone, or can't be read"] : [])],
		controlPlane,
		instances: [...known, ...unknown],
	};
};

const instanceIn = (
	view: ClusterView,
	namespace: string,
	instance: Record<string, unknown>,
	listed: readonly Record<string, unknown>[],
): Instance => {
	const name = String(instance["name"]);
	const pod = view.get("Pod", namespace, name);
	const entry = listed.find((one) => one["name"] === name);
	return {
		name,
		// Without a state it was chosen, and not told yet.
		state: textAt(instance, "state") ?? "Missing",
		message: textAt(instance, "message"),
		ready: entry === undefined ? undefined : entry["ready"] === true,
		pod: pod && healthOf(pod, view),
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
};

const WORDS: Readonly<Record<string, string>> = {
	Applied: "has it, as it reports itself",
	Accepted: "accepted it, and can't be asked",
	Waiting: "does not have it yet",
	Missing: "has not been told of it yet",
	Refused: "refuses it",
	Taken: "has somebody else's of that name",
};

export const whereLines = (
	{ object, id, health, ready, places }: Whereabouts,
	paint: Paint,
	now: string,
	speech: Speech,
): string[] => [
	`${paint.colour(MARK_COLOURS[health.mark], MARKS[health.mark])} ${paint.colour("bold", id)}: PrismNamespace ${namespaceOf(object)}/${object.metadata.name}, ${health.word}`,
	...(ready ? [] : [fitted(`  ${health.message}`, paint.columns)]),
	...places.flatMap((place) => ["", ...placeLines(place, paint, now)]),
	...(places.length === 0 ? ["", "It is nowhere: no shard and no proxies have been chosen for it."] : []),
	...figures(object, now),
	...(ready
		? []
		: ["", `Next: ${paint.colour("bold", prismCommand(speech, "why", slashName(object), ...placeOf(object)))}`]),
];

const placeLines = (
	{ roster, namespace, state, since, host, hostHealth, flags, controlPlane, instances }: Place,
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
	const said = flags.length === 0 ? "" : `; ${flags.join(", ")}`;
	return [
		fitted(`${state}${age} on ${what}${condition}${said}`, paint.columns),
		...(controlPlane ? ["  provisioned by the stack's admin control plane"] : []),
		...columnLines(
			instances.map((instance) => {
				const mark = STATE_MARKS[instance.state] ?? "plain";
				const words = [WORDS[instance.state] ?? instance.state, instance.message].filter((text) => text !== undefined);
				return [
					`  ${paint.colour(MARK_COLOURS[mark], MARKS[mark])} ${instance.name}`,
					instance.ready === undefined
						? controlPlane
							? "control plane"
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
	const facts = [
		["provisioned", "provisionedAt"],
		["last pushed", "lastSyncedAt"],
		["expires", "expiresAt"],
	].flatMap(([label, field]) => {
		const time = textAt(object, "status", field ?? "");
		if (time === undefined) return [];
		const seconds = secondsBetween(time, now);
		return [`${label} ${seconds < 0 ? `in ${ageText(-seconds)}` : `${ageText(seconds)} ago`}`];
	});
	const rate = valueAt(object, "status", "metrics", "requestRate");
	const latency = textAt(object, "status", "metrics", "p99Latency");
	const load = [
		...(typeof rate === "number" ? [`${rate} requests/s`] : []),
		...(latency === undefined ? [] : [`p99 ${latency}`]),
	];
	const all = [...facts, ...load];
	return all.length === 0 ? [] : ["", all.join(", ")];
};

/** For scripts. */
export const whereData = ({ object, id, health, ready, places }: Whereabouts) => ({
	namespaceId: id,
	namespace: object.metadata.namespace,
	name: object.metadata.name,
	ready,
	reason: health.word,
	message: health.message,
	places: places.map(({ host, hostHealth, instances, ...place }) => ({
		...place,
		...(host !== undefined && { host: { kind: host.kind, name: host.metadata.name, reason: hostHealth?.word } }),
		instances: instances.map(({ pod, ...instance }) => ({ ...instance, ...(pod !== undefined && { pod: pod.word }) })),
	})),
});
