import type { KubeObject } from "../schemas/common.ts";
import type { Warning } from "../schemas/findings/finding.ts";
import { FORCE_DELETE_ANNOTATION, PAUSED_ANNOTATION } from "../schemas/vocabulary.ts";

// Boolean annotations that users set, in several spellings.

/** In lower case; a value is read in any case. */
export const ON_WORDS = ["true", "yes", "on", "1"] as const;
const OFF_WORDS = ["false", "no", "off", "0", ""] as const;

type Switch = "on" | "off" | "unreadable";

/** Of a manifest, which may have `true` without quotes, as well. */
const textOf = ({ metadata }: KubeObject, annotation: string): string => {
	const value: unknown = metadata.annotations?.[annotation];
	return typeof value === "boolean" ? String(value) : typeof value === "string" ? value : "";
};

const switchOf = (object: KubeObject, annotation: string): Switch => {
	const word = textOf(object, annotation).toLowerCase();
	if (ON_WORDS.some((on) => on === word)) return "on";
	return OFF_WORDS.some((off) => off === word) ? "off" : "unreadable";
};

/** Whether an annotation of the object is enabled. */
export const isAnnotated = (object: KubeObject, annotation: string): boolean => switchOf(object, annotation) === "on";

const SWITCHES = [PAUSED_ANNOTATION, FORCE_DELETE_ANNOTATION] as const;
const MOST_SHOWN = 40;

/** Values that are neither true nor false: they count as false. */
export const unreadableSwitches = (object: KubeObject): Warning[] =>
	SWITCHES.filter((annotation) => switchOf(object, annotation) === "unreadable").map((annotation) => ({
		warning: "UnreadableSwitch",
		annotation,
		value: textOf(object, annotation).slice(0, MOST_SHOWN),
	}));
