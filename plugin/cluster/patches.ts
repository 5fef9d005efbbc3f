import type { KubeObject } from "../../schemas/common.ts";
import { type ClusterView, matching } from "./cluster-view.ts";
import { placeOf, slashName } from "./command-lines.ts";
import type { Session } from "./context.ts";
import { isUserKind, UsageError, type Wanted, wantedOf } from "./kinds.ts";
import { readView } from "./read-cluster.ts";

// Selects objects by name, and writes the annotations and fields that these commands set, with the permissions of the user.

/** The custom resources with these names. Throws before any write if one of them does not exist. */
export const chosen = async (session: Session, words: readonly string[]) => {
	const view = await readView(session.kubectl, session.scope, {});
	const objects = wantedOf(words).flatMap((wanted) => {
		const found = meant(view, wanted);
		const [first] = found;
		if (first !== undefined && !isUserKind(first))
			throw new UsageError(
				`${first.kind} ${first.metadata.name} is managed by the operator: name the custom resource that owns it`,
			);
		if (found.length > 1) throw new UsageError(`"${wanted.name}" is ambiguous: ${found.map(slashName).join(" and ")}`);
		return found;
	});
	return { view, objects };
};

/** The objects with these names, each of which must be among the given ones. */
export const namedIn = (view: ClusterView, words: readonly string[], among = view.objects): KubeObject[] =>
	wantedOf(words).flatMap((wanted) => meant(view, wanted, among));

const meant = (view: ClusterView, wanted: Wanted, among = view.objects): KubeObject[] => {
	const found = matching(view, wanted).filter((object) => among.includes(object));
	if (found.length === 0) throw new UsageError(notFound(wanted, view));
	return found;
};

/** Error for an unknown name, with the existing names, in case of a typo. */
const notFound = ({ kind, name }: Wanted, view: ClusterView): string => {
	const what = kind === undefined ? `a custom resource named "${name}"` : `a ${kind} named "${name}"`;
	const near = view.objects
		.filter((object) => (kind === undefined ? isUserKind(object) : object.kind === kind))
		.map(slashName)
		.toSorted();
	const there =
		near.length === 0
			? "there is none here"
			: `there is ${near.slice(0, MOST).join(", ")}${near.length > MOST ? ", ..." : ""}`;
	return `cannot find ${what}: ${there} (-n NAMESPACE selects another namespace)`;
};

const MOST = 8;

/** `null` removes the annotation. */
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
	const what = ["patch", resourceOf(object), object.metadata.name, ...placeOf(object)];
	await kubectl.run([...what, "--type=merge", "--patch", JSON.stringify(change)]);
};

const resourceOf = ({ apiVersion, kind }: KubeObject): string => {
	const [group = "", version = ""] = apiVersion.split("/");
	return `${kind.toLowerCase()}.${version}.${group}`;
};
