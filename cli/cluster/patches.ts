import type { KubeObject } from "../../schemas/common.ts";
import type { Session } from "./context.ts";
import { isOurs, UsageError, wantedOf } from "./kinds.ts";
import { notFound } from "./not-found.ts";
import { readView } from "./read.ts";
import { placeOf } from "./speech.ts";
import { type ClusterView, matching } from "./view.ts";

// Writing: the few annotations and fields that these commands set, by kubectl, with the rights of whoever calls.

export interface Chosen {
	readonly view: ClusterView;
	readonly objects: readonly KubeObject[];
}

/** The objects of ours that are meant; each must be there before any is written. */
export const chosen = async (session: Session, words: readonly string[]): Promise<Chosen> => {
	const view = await readView(session.kubectl, session.scope, {});
	const objects = wantedOf(words).flatMap((wanted) => {
		const found = matching(view, wanted);
		if (found.length === 0) throw new UsageError(notFound(wanted, view));
		const [first] = found;
		if (first !== undefined && (!isOurs(first) || first.kind === "PrismRoster"))
			throw new UsageError(
				`${first.kind} ${first.metadata.name} is made by the hooks: name the object of a Prism kind that it belongs to`,
			);
		if (found.length > 1)
			throw new UsageError(
				`"${wanted.name}" is ${found.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`).join(" and ")}: say which one`,
			);
		return found;
	});
	return { view, objects };
};

/** `null` takes the annotation away. */
export const annotate = async (
	{ kubectl }: Session,
	object: KubeObject,
	name: string,
	value: string | null,
): Promise<void> => {
	const change = value === null ? `${name}-` : `${name}=${value}`;
	await kubectl.run(["annotate", resourceOf(object), object.metadata.name, ...placeOf(object), change, "--overwrite"]);
};

export const patch = async ({ kubectl }: Session, object: KubeObject, change: unknown): Promise<void> => {
	await kubectl.run([
		"patch",
		resourceOf(object),
		object.metadata.name,
		...placeOf(object),
		"--type=merge",
		"--patch",
		JSON.stringify(change),
	]);
};

const resourceOf = ({ apiVersion, kind }: KubeObject): string => {
	const [group = "", version = ""] = apiVersion.split("/");
	return `${kind.toLowerCase()}.${version}.${group}`;
};
