import type { FindingOf, WarningOf } from "../findings/finding.ts";
import type { Plight, PluginFindings, Standing, Where } from "../findings/prismplugin.ts";
import { listed } from "./words.ts";

// Messages about a plugin, its rollout and its shards.

export const whereText = ({ kind, name }: Where): string => `${kind === "shard" ? "PrismShard" : kind} ${name}`;

export const plightText = (plight: Plight): string => {
	if (plight.about === "silence") return "its version is not reported";
	const state = plight.about === "pods" ? `${plight.ready} of ${plight.desired} pods are ready` : runsText(plight.runs);
	return plight.unready === undefined ? state : `${state}: ${plight.unready}`;
};

const runsText = (version: string | undefined): string =>
	version === undefined ? "it does not run the plugin yet" : `it still runs ${version}`;

// ── State of the rollout ─────────────────────────────────────────────────────────────────────────────────────────────

const STANDINGS = {
	Updated: "updated to",
	Baking: "baking at",
	Updating: "updating to",
	Failed: "failed at",
	RollingBack: "rolling back to",
	RolledBack: "rolled back to",
	Pending: "still at",
} as const satisfies Record<Standing["state"], string>;

interface Standings {
	readonly standings: readonly Standing[];
	readonly waiting: readonly string[];
}

/** "updated to 2.0.0: a, b; rolled back to 1.0.0: c". */
const standingText = ({ standings, waiting }: Standings): string =>
	[
		...standings.map(({ state, version, places }) => `${STANDINGS[state]} ${version}: ${listed(places)}`),
		...(waiting.length === 0 ? [] : [`waiting for a first version: ${listed(waiting)}`]),
	].join("; ");

const failureText = ({ failure }: Pick<FindingOf<"RollingBack">, "failure">): string =>
	failure ?? "a shard did not become ready";

const pinnedPart = (pinned: readonly string[]): string =>
	pinned.length === 0 ? "" : `; pinned to a version of their own: ${listed(pinned)}`;

// ── Conditions ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const inUseText = ({ shards }: FindingOf<"PluginInUse">): string =>
	`In use by shards: ${listed(shards)}. Remove the plugin from their spec.plugins first`;

export const notFollowedText = ({ pinned }: FindingOf<"NotFollowed">): string =>
	`No shard follows the plugin: there is nothing to roll out${pinnedPart(pinned)}`;

export const pluginReadyText = ({ version, shards, pinned }: FindingOf<"PluginReady">): string => {
	const where = shards === 1 ? "1 shard" : `${shards || "no"} shards`;
	return `Version ${version} is ready for ${where}${pinnedPart(pinned)}`;
};

export const stalledText = (finding: FindingOf<"RolloutStalled">): string =>
	`Version ${finding.version} failed without an earlier version: ${failureText(finding)}; ${standingText(finding)}`;

export const rolledBackText = (finding: FindingOf<"RolledBack">): string =>
	`Version ${finding.version} failed, and was rolled back: ${failureText(finding)}; ${standingText(finding)}. Set spec.version to another version`;

export const rollbackFailedText = (finding: FindingOf<"RollbackFailed">): string => {
	const { version, late } = finding;
	return `Version ${version} failed: ${failureText(finding)}; ${whereText(late.place)} did not become ready at ${late.version} either within ${late.seconds} s; ${standingText(finding)}`;
};

export const rollingBackText = (finding: FindingOf<"RollingBack">): string =>
	`Version ${finding.version} failed: ${failureText(finding)}; ${standingText(finding)}`;

export const rolloutText = (finding: Extract<PluginFindings["Progressing"], { about: "rollout" }>): string => {
	const { version, first } = finding;
	const rest = first === undefined ? "" : `. ${whereText(first.place)}: ${plightText(first.plight)}`;
	return `${version === undefined ? "A version" : `Version ${version}`} is being rolled out: ${standingText(finding)}${rest}`;
};

export const unsettledText = ({ place, plight, others }: PluginFindings["ReplicasUnavailable"]): string =>
	`${whereText(place)}: ${plightText(plight)}${others === 0 ? "" : `; and ${others} more`}`;

// ── Warnings ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const differentTagText = ({ tag, version }: WarningOf<"DifferentTag">): string =>
	`spec.source.image has the tag ${tag}, which is not spec.version ${version}: leave the tag out, or make them equal`;

export const strangeCanaryText = ({ canary }: WarningOf<"StrangeCanary">): string =>
	`spec.rollout.canary is ${canary}, which does not follow the plugin: the first by name goes first`;

export const remoteNotServedText = ({ shards }: WarningOf<"RemoteNotServed">): string =>
	`Shards use the remote form, which nothing serves unless spec.deployment.type is remote: ${listed(shards)}`;

export const tooManyFollowersText = ({ most }: WarningOf<"TooManyFollowers">): string =>
	`More than ${most} shards follow the plugin: those that come last by name are ignored`;
