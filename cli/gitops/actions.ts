import { PAUSED_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../schemas/vocabulary.ts";

// What a person may do to an object of ours from Argo CD, as Lua that changes annotations.

/** One of Argo CD's actions on a kind. */
interface Action {
	readonly name: string;
	readonly icon: string;
	/** Lua: whether it makes no sense at present. */
	readonly disabled: string;
	/** Lua that changes `annotations`. */
	readonly change: string;
}

const PAUSE: Action = {
	name: "pause",
	icon: "fa fa-fw fa-pause",
	disabled: "paused",
	change: `annotations["${PAUSED_ANNOTATION}"] = "true"`,
};

/**
 * "false" instead of nothing: Argo CD takes an empty table for "as it was", and whoever has no other annotation would
 * never go on.
 */
const RESUME: Action = {
	name: "resume",
	icon: "fa fa-fw fa-play",
	disabled: "not paused",
	change: `annotations["${PAUSED_ANNOTATION}"] = "false"`,
};

/** Not while the object is paused: nothing would happen, and then everything at once when it goes on. */
const RESTART: Action = {
	name: "restart",
	icon: "fa fa-fw fa-sync",
	disabled: "paused",
	change: `annotations["${RESTARTED_AT_ANNOTATION}"] = require("os").date("!%Y-%m-%dT%XZ")`,
};

/** Kinds with pods of their own. */
const RESTARTABLE: readonly string[] = ["PrismStack", "PatternRunner", "PrismShard"];

/** The actions on a kind, in the form in which argocd-cm has them. */
export const actionsOf = (kind: string) => {
	const actions = [PAUSE, RESUME, ...(RESTARTABLE.includes(kind) ? [RESTART] : [])];
	return {
		"discovery.lua": discovery(actions),
		definitions: actions.map(({ name, change }) => ({ name, "action.lua": action(change) })),
	};
};

const discovery = (actions: readonly Action[]): string => `local annotations = obj.metadata.annotations or {}
local paused = annotations["${PAUSED_ANNOTATION}"] == "true"
local actions = {}
${actions.map(({ name, icon, disabled }) => `actions["${name}"] = { ["disabled"] = ${disabled}, ["iconClass"] = "${icon}" }\n`).join("")}return actions
`;

const action = (change: string): string => `local annotations = obj.metadata.annotations or {}
${change}
obj.metadata.annotations = annotations
return obj
`;
