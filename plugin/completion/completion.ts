import type { Command, Option } from "commander";
import { commandFirst } from "../commands.ts";

// Completions of a command line of `kubectl prism`, in the protocol of kubectl. Pure, except for names in the cluster, which
// the caller looks up.

/** Names that only the cluster has. */
export type Lookup = "objects" | "plugins" | "tenants" | "namespaces" | "contexts";

export interface Completions {
	/** "status\twhat is healthy": the word and its description. */
	readonly words: readonly string[];
	readonly lookup?: Lookup;
	/** Whether a file name is accepted. */
	readonly files: boolean;
}

const NOTHING: Completions = { words: [], files: false };

/** `words` are the arguments after "kubectl prism"; the last one is incomplete, and can be empty. */
export const completionsOf = (program: Command, words: readonly string[]): Completions => {
	const current = words.at(-1) ?? "";
	const before = commandFirst(words.slice(0, -1));
	const [name] = before.filter((word, index) => index === 0 && !word.startsWith("-"));
	const command = program.commands.find((one) => one.name() === name);
	if (command === undefined && name !== undefined) return NOTHING;
	if (command === undefined)
		return matching(
			program.commands.map((one) => `${one.name()}\t${one.summary() || one.description()}`),
			current,
		);
	const [, named, value] = /^(--[\w-]+)=(.*)$/.exec(current) ?? [];
	const option = optionOf(command, named ?? before.at(-1));
	if (option !== undefined && takesValue(option)) {
		const found = valuesOf(option, value ?? current);
		return named === undefined ? found : { ...found, words: found.words.map((word) => `${named}=${word}`) };
	}
	if (current.startsWith("-"))
		return matching(command.options.filter(({ hidden }) => !hidden).flatMap(flagsOf), current);
	return argumentsOf(command);
};

const optionOf = (command: Command, flag: string | undefined): Option | undefined =>
	command.options.find(({ short, long }) => flag !== undefined && (flag === short || flag === long));

const takesValue = ({ required, optional }: Option): boolean => required || optional;

const flagsOf = ({ short, long, description }: Option): string[] =>
	[short, long].flatMap((flag) => (typeof flag === "string" ? [`${flag}\t${description}`] : []));

const matching = (all: readonly string[], current: string): Completions => ({
	words: all.filter((word) => word.startsWith(current)),
	files: false,
});

const LOOKUPS: Readonly<Record<string, Lookup>> = { "--namespace": "namespaces", "--context": "contexts" };
const FILES: readonly string[] = [
	"--filename",
	"--kubeconfig",
	"--to",
	"--from",
	"--observed",
	"--related",
	"--answers",
];

const valuesOf = ({ long = "", argChoices }: Option, current: string): Completions => {
	if (argChoices !== undefined) return matching(argChoices, current);
	const lookup = LOOKUPS[long];
	if (lookup !== undefined) return { words: [], lookup, files: false };
	return { words: [], files: FILES.includes(long) };
};

/** What completes an argument, by its name. */
const ARGUMENTS: Readonly<Record<string, Lookup>> = { object: "objects", plugin: "plugins", namespaceId: "tenants" };

const argumentsOf = ({ registeredArguments: [argument] }: Command): Completions => {
	const lookup = ARGUMENTS[argument?.name() ?? ""];
	return lookup === undefined ? NOTHING : { ...NOTHING, lookup };
};

/** The format of kubectl: one word per line, then a directive for the shell. */
export const completionText = (words: readonly string[], files: boolean): string =>
	`${[...words, `:${files ? DEFAULT : NO_FILES}`].join("\n")}\n`;

const DEFAULT = 0;
const NO_FILES = 4;
