import { firstFound, type StatusCheck } from "../../kube/check-list.ts";
import { childrenOutdated, rolloutIncomplete } from "../../kube/checks.ts";
import type { Verdict } from "../../kube/conditions.ts";
import { heldBy, heldVerdict } from "../../kube/foreign-fields.ts";
import { observedOf } from "../../kube/object.ts";
import { refusedVerdict } from "../../kube/response.ts";
import { rolloutOf } from "../../kube/rollout.ts";
import { isRefusal } from "../../kube/spec-refusal.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { Command } from "../../schemas/findings/command.ts";
import type { Standing } from "../../schemas/findings/prismplugin.ts";
import type { PluginRollout, RolloutPart } from "../../schemas/pluginrollout.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { PluginInput, PluginPlan } from "./plan.ts";
import { firstFailed, whereOf } from "./rollout.ts";
import { isInFlight, isSettled, plight } from "./rollout-part.ts";
import { type Findings, isRemote, unsettled } from "./status-fields.ts";

/** The first finding of the ordered checks, or that the plugin is Ready. */
export const verdictOf = (findings: Findings): Verdict => {
	const { plan } = findings;
	if (isRefusal(plan)) return stillInUse(findings) ?? refusedVerdict(plan);
	return firstFound(STATUS_CHECKS, { ...findings, plan }) ?? ready(findings, plan);
};

/** Input of the checks. */
interface StatusInput extends Findings {
	readonly plan: PluginPlan;
}

const stillInUse: StatusCheck<Findings> = ({ object, surroundings: { uses } }) =>
	object.metadata.deletionTimestamp === undefined || uses.length === 0
		? undefined
		: {
				ready: "False",
				phase: "Deleting",
				finding: { reason: "PluginInUse", shards: uses.map(({ name }) => name) },
				stalled: true,
			};

const notFollowed: StatusCheck<Findings> = ({ surroundings }) =>
	surroundings.places.length > 0
		? undefined
		: { ready: "True", phase: "Idle", finding: { reason: "NotFollowed", pinned: pinnedNames(surroundings) } };

const rolloutStalled: StatusCheck<Findings> = (findings) => {
	const { rollout } = findings.state;
	if (rollout?.phase !== "Stalled") return undefined;
	return {
		ready: "False",
		phase: "Failed",
		finding: { reason: "RolloutStalled", ...failureOf(findings, rollout), remedy: commandFor(findings) },
		stalled: true,
	};
};

const rolloutRolledBack: StatusCheck<Findings> = (findings) => {
	const { rollout } = findings.state;
	if (rollout?.phase !== "RolledBack") return undefined;
	return {
		ready: "False",
		phase: "RolledBack",
		finding: { reason: "RolledBack", ...failureOf(findings, rollout) },
		stalled: true,
	};
};

/** Seconds for which pods of an older revision that are not ready may just be about to be replaced. */
const KEPT_SECONDS = 45;

/** A shard, or the Deployment, whose pods are not updated: by no fault of the version. */
const rolloutHeld: StatusCheck<Findings> = ({ object, state, surroundings: { places }, now }) => {
	const [first] = state.parts.flatMap(({ name, heldSince }) => {
		const hold = places.find((place) => place.name === name)?.observed?.hold;
		if (heldSince === undefined || hold === undefined) return [];
		if (hold.by === "pods" && secondsBetween(heldSince, now) < KEPT_SECONDS) return [];
		const { workload, ...how } = hold;
		const kind = isRemote(name) ? "Deployment" : "StatefulSet";
		return [heldBy(how, { kind, name: workload }, object.metadata.namespace)];
	});
	return first && heldVerdict(first);
};

const rollbackFailed: StatusCheck<StatusInput> = (findings) => {
	const { rollout, parts } = findings.state;
	const { deadlineSeconds: seconds } = findings.plan.spec.rollout;
	const late = parts.find(
		({ state, since }) => state === "RollingBack" && secondsBetween(since, findings.now) >= seconds,
	);
	if (rollout?.phase !== "RollingBack" || late === undefined) return undefined;
	return {
		ready: "False",
		phase: "Failed",
		finding: {
			reason: "RollbackFailed",
			...failureOf(findings, rollout),
			late: { place: whereOf(late.name), version: late.version, seconds },
			remedy: commandFor(findings),
		},
		stalled: true,
	};
};

const failureOf = (findings: Findings, { version, failure }: PluginRollout) => ({
	version,
	failure,
	...standingOf(findings),
});

/** The command that shows more of the first place that did not do well. */
const commandFor = ({ state: { parts }, surroundings: { remote } }: Findings): Command => {
	const part = firstFailed(parts);
	if (part === undefined || isRemote(part.name)) return { verb: "describe", kind: "deployment", name: remote };
	return { verb: "describe", kind: "prismshard", name: part.name };
};

const rolloutUnderWay: StatusCheck<Findings> = (findings) => {
	const { rollout } = findings.state;
	if (rollout?.phase === "Complete") return undefined;
	if (rollout?.phase === "RollingBack")
		return {
			ready: "False",
			phase: "RollingBack",
			finding: { reason: "RollingBack", ...failureOf(findings, rollout) },
		};
	const first = waitsFor(findings);
	return {
		ready: "False",
		phase: "RollingOut",
		finding: {
			reason: "Progressing",
			about: "rollout",
			version: rollout?.version,
			...standingOf(findings),
			...(first && { first }),
		},
	};
};

/** What the first shard that is under way still lacks. */
const waitsFor = ({ surroundings: { places }, state: { parts } }: Findings) => {
	const part = parts.find((other) => {
		const observed = places.find(({ name }) => name === other.name)?.observed;
		return (isInFlight(other) || other.unreadySince !== undefined) && !isSettled(observed, other.image);
	});
	const observed = places.find(({ name }) => name === part?.name)?.observed;
	return part && { place: whereOf(part.name), plight: plight(observed, part.image) };
};

/** In the order in which they are reported. */
const STANDINGS: readonly RolloutPart["state"][] = [
	"Updated",
	"Baking",
	"Updating",
	"Failed",
	"RollingBack",
	"RolledBack",
	"Pending",
];

/** Shards by version: those that differ from the others are named. */
const standingOf = ({ surroundings: { places }, state: { parts } }: Findings) => {
	const standings = STANDINGS.flatMap((state) => {
		const those = parts.filter((part) => part.state === state);
		const versions = [...new Set(those.map(({ version }) => version))].toSorted();
		return versions.map((version): Standing => {
			const there = those.filter((part) => part.version === version);
			return { state, version, places: there.map(({ name }) => name) };
		});
	});
	const waiting = places.filter(({ name }) => !parts.some((part) => part.name === name)).map(({ name }) => name);
	return { standings, waiting };
};

const deploymentIncomplete: StatusCheck<Findings> = ({ attachments, observed }) => {
	const wanted = attachments.find(({ kind }) => kind === "Deployment");
	if (wanted === undefined) return undefined;
	return rolloutIncomplete(
		wanted.metadata.name,
		rolloutOf(wanted, observedOf(observed, wanted), DESIRED_HASH_ANNOTATION),
	);
};

/** Every place got the version, and one does not run it, or no longer well. */
const shardsUnsettled: StatusCheck<Findings> = ({ surroundings, state }) => {
	const late = unsettled(surroundings, state);
	const [first] = late;
	const image = state.rollout?.image;
	if (first === undefined || image === undefined) return undefined;
	const found = {
		about: "place",
		place: whereOf(first.name),
		plight: plight(first.observed, image),
		others: late.length - 1,
	} as const;
	return first.observed?.image === image
		? { ready: "False", phase: "Degraded", finding: { reason: "ReplicasUnavailable", ...found } }
		: { ready: "False", phase: "Pending", finding: { reason: "Progressing", ...found } };
};

const outdated: StatusCheck<Findings> = ({ attachments, observed }) =>
	childrenOutdated(attachments, observed, DESIRED_HASH_ANNOTATION);

const STATUS_CHECKS: readonly StatusCheck<StatusInput>[] = [
	stillInUse,
	notFollowed,
	rolloutStalled,
	rolloutRolledBack,
	rolloutHeld,
	rollbackFailed,
	rolloutUnderWay,
	outdated,
	deploymentIncomplete,
	shardsUnsettled,
];

const ready = ({ surroundings }: Findings, { wanted: { version } }: PluginPlan): Verdict => ({
	ready: "True",
	phase: "Running",
	finding: {
		reason: "PluginReady",
		version,
		shards: surroundings.followers.length,
		pinned: pinnedNames(surroundings),
	},
});

const pinnedNames = ({ pinned }: PluginInput): string[] => pinned.map(({ name }) => name);
