import { readFileSync } from "node:fs";
import { isRecord } from "../../kube/object.ts";
import { at } from "./helm.ts";

// What somebody did, by the API server's audit log, and what a rendered role lets him do.

export interface Used {
	readonly group: string;
	readonly resource: string;
	readonly verb: string;
	readonly allowed: boolean;
	readonly what: string;
}

export interface Granted {
	readonly group: string;
	readonly resource: string;
	readonly verb: string;
	/** Why it is granted though it may never be used. */
	readonly reason: string | undefined;
}

export const keyOf = ({ group, resource, verb }: Pick<Used, "group" | "resource" | "verb">) =>
	`${verb} ${resource}.${group}`;

/** What a user asked of the API server; discovery is everybody's. */
export const usedBy = (auditLog: string, user: string): Used[] =>
	readFileSync(auditLog, "utf8")
		.split("\n")
		.filter((line) => line.includes(user))
		.map((line): unknown => JSON.parse(line))
		.filter((event) => at(event, "user", "username") === user && isRecord(at(event, "objectRef")))
		.map((event) => {
			const {
				apiGroup = "",
				resource,
				subresource,
				namespace,
				name,
			} = at(event, "objectRef") as Record<string, string>;
			return {
				group: apiGroup,
				resource: subresource === undefined ? String(resource) : `${resource}/${subresource}`,
				verb: String(at(event, "verb")),
				allowed: at(event, "annotations", "authorization.k8s.io/decision") === "allow",
				what: `${String(at(event, "verb"))} ${resource} ${namespace ?? ""}/${name ?? ""}`,
			};
		});

/** The rendered role with its comments: "# unused get, list: why" before a rule is the reason of those verbs. */
export const grantedBy = (role: string): Granted[] => {
	const everywhere = /^# unused ([a-z]+) everywhere: (.+)$/m.exec(role);
	const chunks = role.slice(role.indexOf("\nrules:\n")).split(/\n(?=- apiGroups:)/);
	return chunks.slice(1).flatMap((text, index) => {
		// The comments before a rule are the last lines of what is before it.
		const before = /(?:\n#[^\n]*)*$/.exec(chunks[index] ?? "")?.[0] ?? "";
		const comments = [...before.matchAll(/^# unused ([a-z, ]+?)(?: of ([a-z/, ]+?))?: (.+)$/gm)];
		const yaml =
			text
				.split("\n")
				.filter((line) => !line.startsWith("#"))
				.join("\n")
				.split("\n---")[0] ?? "";
		const words = (field: string) => {
			const inline = new RegExp(`${field}: \\[([^\\]]*)\\]`).exec(yaml)?.[1]?.split(",");
			const block = new RegExp(`${field}:\\n((?: +- .*(?:\\n|$))+)`).exec(yaml)?.[1]?.split("\n").filter(Boolean);
			return (inline ?? block ?? []).map((word) => word.replace(/^ *- /, "").trim().replaceAll(/["']/g, ""));
		};
		return words("apiGroups").flatMap((group) =>
			words("resources").flatMap((resource) =>
				words("verbs").map((verb) => ({
					group,
					resource,
					verb,
					reason:
						comments.find(
							([, verbs = "", resources]) =>
								verbs.split(", ").includes(verb) && (resources?.split(", ").includes(resource) ?? true),
						)?.[3] ?? (everywhere?.[1] === verb ? everywhere[2] : undefined),
				})),
			),
		);
	});
};
