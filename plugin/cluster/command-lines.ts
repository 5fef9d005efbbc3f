import type { KubeObject } from "../../schemas/common.ts";
import { quoted } from "../../schemas/messages/words.ts";

// Commands for the output, with the flags that select the same cluster, ready to copy.

export interface Speech {
	/** "kubectl prism", or the other program name. */
	readonly program: string;
	/** Flags of the user that select the cluster. */
	readonly flags: readonly string[];
}

export const prismCommand = ({ program, flags }: Speech, ...words: readonly string[]): string =>
	[program, ...words.map(quoted), ...flags.map(quoted)].join(" ");

export const kubectlCommand = ({ flags }: Speech, ...words: readonly string[]): string =>
	["kubectl", ...words.map(quoted), ...flags.map(quoted)].join(" ");

/** "-n team", the last arguments of a command about an object. */
export const placeOf = ({ metadata: { namespace } }: KubeObject): string[] =>
	namespace === undefined ? [] : ["-n", namespace];

/** "prismstack/shop". */
export const slashName = ({ kind, metadata: { name } }: KubeObject): string => `${kind.toLowerCase()}/${name}`;
