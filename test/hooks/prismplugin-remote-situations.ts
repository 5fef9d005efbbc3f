import { condition, deployments, LONG_AGO, object, type Situation, somebodys, without } from "./situations.ts";

// Situations of a plugin that runs by itself, once its rollout is complete.

const image = "ghcr.io/prism/plugins/it-plugin:2.0.0";
const COMPLETE = {
	lastGoodVersion: "2.0.0",
	lastGoodImage: image,
	rollout: {
		generation: 1,
		version: "2.0.0",
		image,
		phase: "Complete",
		startedAt: LONG_AGO,
		finishedAt: LONG_AGO,
	},
	remote: { name: "Deployment it-plugin", version: "2.0.0", image, state: "Updated", since: LONG_AGO },
	// Counts only where it is missing at all.
	missing: [{ kind: "Service", name: "it-plugin", since: LONG_AGO }],
};

const remotely = (
	title: string,
	phase: string,
	expected: Situation["condition"],
	observed?: Situation["observed"],
	related: Situation["related"] = [],
): Situation => ({
	title: `remote, ${title}`,
	parent: { ...object("PrismPlugin", { version: "2.0.0", deployment: { type: "remote" } }), status: COMPLETE },
	...(observed !== undefined && { observed }),
	related,
	condition: expected,
	phase,
});

export const REMOTE_PLUGIN_SITUATIONS: readonly Situation[] = [
	remotely("ready", "Running", {
		status: "True",
		reason: "PluginReady",
	}),
	remotely(
		"its Service's name taken",
		"Failed",
		{
			status: "False",
			reason: "NameTaken",
		},
		without("Service"),
		[somebodys("v1", "Service", "it-plugin")],
	),
	remotely(
		"its Service rejected",
		"Failed",
		{
			status: "False",
			reason: "ChildRefused",
		},
		without("Service"),
	),
	remotely(
		"being created",
		"Pending",
		{
			status: "False",
			reason: "Progressing",
		},
		without("Deployment"),
	),
	remotely(
		"with too few pods",
		"Degraded",
		{ status: "False", reason: "ReplicasUnavailable" },
		deployments("it-plugin", 1),
	),
	remotely(
		"pods that can't be created",
		"Failed",
		{
			status: "False",
			reason: "ReplicaFailure",
		},
		deployments("it-plugin", 0, condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota")),
	),
	remotely(
		"a Deployment that gave up",
		"Failed",
		{
			type: "Stalled",
			status: "True",
			reason: "ProgressDeadlineExceeded",
		},
		deployments("it-plugin", 0, condition("Progressing", "False", "ProgressDeadlineExceeded", "no progress")),
	),
];
