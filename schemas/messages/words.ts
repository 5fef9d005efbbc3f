import type { Command, Named } from "../findings/command.ts";

// Parts of sentences.

const LISTED = 5;

/** "A a, B b and 3 more". Sorted, so that the text does not depend on the order of discovery. */
export const listed = (names: readonly string[]): string => {
	const sorted = names.toSorted();
	const more = sorted.length - LISTED;
	return more <= 0 ? sorted.join(", ") : `${sorted.slice(0, LISTED).join(", ")} and ${more} more`;
};

/** "1 pattern", "2 patterns". */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** For the beginning of a message. */
export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** For the middle of a sentence. */
export const uncapitalized = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** A word with quotes for a shell. */
export const quoted = (word: string): string =>
	/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** A command for a shell. */
export const commandText = (command: Command): string => {
	const { kind, name, namespace } = command;
	if (command.verb === "copy") {
		const { to } = command;
		return `kubectl get ${kind} ${name} -n ${namespace} -o yaml | sed 's/namespace: ${namespace}/namespace: ${to}/' | kubectl create -f -`;
	}
	const { verb, others = [], flags = [] } = command;
	return [
		"kubectl",
		verb,
		...(verb === "logs" ? [`${kind}/${name}`] : [kind, ...(name === undefined ? [] : [name, ...others])]),
		...(namespace === undefined ? [] : ["-n", namespace]),
		...flags.map(quoted),
	].join(" ");
};

export const title = ({ kind, name }: Named): string => `${kind} ${name}`;

export const finalizersPart = (finalizers: readonly string[]): string =>
	finalizers.length === 0 ? "" : `, finalizers: ${listed(finalizers)}`;
