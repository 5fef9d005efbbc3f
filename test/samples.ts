import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../kube/object.ts";
import type { KubeObject } from "../schemas/common.ts";
import { readManifests } from "../yaml/manifests.ts";

// The project's own samples, and what their comments say: what each shows, and the commands to try it with.

export const ROOT = join(import.meta.dirname, "..");

export interface Sample {
	/** Path from samples/. */
	readonly name: string;
	readonly objects: readonly KubeObject[];
	/** First sentence of the comment that it opens with. */
	readonly shows: string;
	/** The comment's command lines, in order. */
	readonly commands: readonly string[];
	/** Whether it is Ready only when a backend really answers. */
	readonly checked: boolean;
}

/** All but the documents' own, which are theirs to the letter. */
export const samples = (): Sample[] =>
	globSync("**/*.yaml", { cwd: join(ROOT, "samples") })
		.filter((name) => !name.startsWith("documents/"))
		.toSorted()
		.map((name) => {
			const path = join(ROOT, "samples", name);
			const objects = readManifests(path).map(({ object }) => object);
			const comment = commentOf(readFileSync(path, "utf8"));
			return {
				name,
				objects,
				shows: firstSentence(comment.filter((line) => !isCommand(line)).join(" ")),
				commands: comment.filter(isCommand).map((line) => line.trim()),
				checked: objects.some((object) => recordsNamed(object, "healthCheck").some(({ enabled }) => enabled === true)),
			};
		});

/** Lines of the comment that a file opens with, without their number sign. */
const commentOf = (text: string): string[] => {
	const lines = text.split("\n");
	const end = lines.findIndex((line) => !line.startsWith("#"));
	return lines.slice(0, end).map((line) => line.replace(/^# ?/, ""));
};

const isCommand = (line: string): boolean => /^ {2}\S/.test(line);

const firstSentence = (text: string): string => /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? "";

/** Every map that stands under this name, however deep. */
export const recordsNamed = (value: unknown, name: string): Record<string, unknown>[] => {
	if (Array.isArray(value)) return value.flatMap((item) => recordsNamed(item, name));
	if (!isRecord(value)) return [];
	return Object.entries(value).flatMap(([key, field]) => [
		...(key === name && isRecord(field) ? [field] : []),
		...recordsNamed(field, name),
	]);
};

/** The command that makes a Secret which a sample names: its namespace and its keys. */
export interface SecretCommand {
	readonly name: string;
	readonly namespace: string;
	readonly keys: readonly string[];
}

export const secretCommands = ({ commands }: Sample): SecretCommand[] =>
	commands.flatMap((command) => {
		const [, name] = /^kubectl create secret generic (\S+)/.exec(command) ?? [];
		if (name === undefined) return [];
		return [
			{
				name,
				namespace: / -n (\S+)/.exec(command)?.[1] ?? "default",
				keys: [...command.matchAll(/--from-(?:literal|file)=([^=\s]+)/g)].map(([, key = ""]) => key),
			},
		];
	});

/** Secrets by the names and keys that an object refers to, in one namespace, with values that nobody looks into. */
export const namedSecrets = (object: KubeObject, namespace: string): KubeObject[] =>
	recordsNamed(object, "secretRef").map(({ name, keys }) => ({
		apiVersion: "v1",
		kind: "Secret",
		metadata: { name: String(name), namespace },
		data: Object.fromEntries(
			[...DEFAULT_KEYS, ...Object.values(isRecord(keys) ? keys : {})].map((key) => [
				String(key),
				btoa("not looked into"),
			]),
		),
	}));

/** What is read of a Secret whose keys are not named. */
const DEFAULT_KEYS = ["url", "username", "password", "ca.crt", "tls.crt", "tls.key"];
