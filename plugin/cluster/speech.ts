import type { KubeObject } from "../../schemas/common.ts";
import { quoted } from "../../schemas/rendering/words.ts";

// The commands that are shown to somebody: with the flags that lead to the same cluster, ready to be copied.

export interface Speech {
	/** "kubectl prism", or what else these commands were called as. */
	readonly program: string;
	/** Flags that were given to reach the cluster. */
	readonly flags: readonly string[];
}

export const prismCommand = ({ program, flags }: Speech, ...words: readonly string[]): string =>
	[program, ...words.map(quoted), ...flags.map(quoted)].join(" ");

export const kubectlCommand = ({ flags }: Speech, ...words: readonly string[]): string =>
	["kubectl", ...words.map(quoted), ...flags.map(quoted)].join(" ");

/** "-n team", as the last words of a command about an object. */
export const placeOf = ({ metadata: { namespace } }: KubeObject): string[] =>
	namespace === undefined ? [] : ["-n", namespace];

/** "prismstack/shop". */
export const slashName = ({ kind, metadata: { name } }: KubeObject): string => `${kind.toLowerCase()}/${name}`;
