import { ON_WORDS } from "../../kube/boolean-annotations.ts";
import { RESTARTABLE } from "../../plugin/cluster/kinds.ts";
import { PAUSED_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../schemas/vocabulary.ts";

// What a person may do to an object of ours from Argo CD, as Lua that changes annotations.

/** One of Argo CD's actions on a kind; in Lua, whether it has no effect at present, and the annotation that it sets. */
const action = (name: string, icon: string, disabled: string, annotation: string, value: string) => ({
	name,
	icon: `fa fa-fw fa-${icon}`,
	disabled,
	change: `annotations["${annotation}"] = ${value}`,
});

const PAUSE = action("pause", "pause", "paused", PAUSED_ANNOTATION, '"true"');

/**
 * "false" instead of nothing: Argo CD takes an empty table for "as it was", and an object without another annotation would
 * never go on.
 */
const RESUME = action("resume", "play", "not paused", PAUSED_ANNOTATION, '"false"');

/** Not while the object is paused: nothing would happen, and then everything at once when it goes on. */
const NOW = 'require("os").date("!%Y-%m-%dT%XZ")';
const RESTART = action("restart", "sync", "paused", RESTARTED_AT_ANNOTATION, NOW);

/** The actions on a kind, in the form in which argocd-cm has them. */
export const actionsOf = (kind: string) => {
	const actions = [PAUSE, RESUME, ...(RESTARTABLE.includes(kind) ? [RESTART] : [])];
	return {
		"discovery.lua": discovery(actions),
		definitions: actions.map(({ name, change }) => ({ name, "action.lua": actionLua(change) })),
	};
};

/** Argo CD's Lua has no library that could change the case. */
const ON_SPELLINGS = [
	...new Set(ON_WORDS.flatMap((word) => [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()])),
];

const discovery = (
	actions: readonly ReturnType<typeof action>[],
): string => `local annotations = obj.metadata.annotations or {}
local on = { ${ON_SPELLINGS.map((word) => `["${word}"] = true`).join(", ")} }
local paused = on[annotations["${PAUSED_ANNOTATION}"] or ""] == true
local actions = {}
${actions.map(({ name, icon, disabled }) => `actions["${name}"] = { ["disabled"] = ${disabled}, ["iconClass"] = "${icon}" }\n`).join("")}return actions
`;

const actionLua = (change: string): string => `local annotations = obj.metadata.annotations or {}
${change}
obj.metadata.annotations = annotations
return obj
`;
