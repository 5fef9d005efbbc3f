import type { KubeObject } from "../schemas/common.ts";
import { type GivenFlags, type Session, sessionOf, whereOf } from "./cluster/context.ts";
import { isOurs, resourceName, USER_KINDS, UsageError, wantedOf } from "./cluster/kinds.ts";
import { notFound } from "./cluster/not-found.ts";
import { readView, scopeFlags } from "./cluster/read.ts";
import { type ClusterView, descendants, matching } from "./cluster/view.ts";
import { type Status, statusCode, statusData, statusLines, statusOf } from "./status.ts";

// `status`: reads, judges, prints.

interface StatusFlags extends GivenFlags {
	readonly watch?: true;
}

export const status = async (words: readonly string[], flags: StatusFlags, program: string): Promise<number> => {
	const session = sessionOf(flags, program);
	const where = await whereOf(session);
	for (;;) {
		const found = await statusNow(words, session, where);
		const paint = flags.output === "wide" ? { ...session.paint, columns: undefined } : session.paint;
		if (flags.watch === true && process.stdout.isTTY) process.stdout.write("\u001b[2J\u001b[H");
		session.print(
			flags.output === "json"
				? [JSON.stringify(statusData(found), undefined, 2)]
				: statusLines(found, paint, session.speech),
		);
		if (flags.watch !== true) return statusCode(found);
		await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
	}
};

const WATCH_MS = 2000;

const statusNow = async (words: readonly string[], session: Session, where: string): Promise<Status> => {
	const view = await readView(session.kubectl, session.scope, {});
	const objects = await selected(words, session, view);
	return statusOf(view, objects, { where, allNamespaces: session.scope.allNamespaces === true });
};

/** All objects, those that are named with what belongs to them, or those that a selector picks. */
const selected = async (
	words: readonly string[],
	session: Session,
	view: ClusterView,
): Promise<readonly KubeObject[]> => {
	const { selector } = session.scope;
	const labelled = selector === undefined ? view.objects : await labelledBy(session, selector, view);
	if (words.length === 0) return labelled;
	const named = wantedOf(words).flatMap((wanted) => {
		const found = matching(view, wanted).filter((object) => labelled.includes(object));
		if (found.length === 0) throw new UsageError(notFound(wanted, view));
		return found;
	});
	return [...new Set(named.flatMap((object) => [object, ...descendants(view, object).filter(isOurs)]))];
};

/** What a label selector means is the API server's to say. */
const labelledBy = async ({ kubectl, scope }: Session, selector: string, view: ClusterView): Promise<KubeObject[]> => {
	const kinds = USER_KINDS.map(resourceName).join(",");
	const found = await kubectl.objects(["get", kinds, ...scopeFlags(scope), "--selector", selector]);
	const uids = new Set(found.map(({ metadata }) => metadata.uid));
	return view.objects.filter(({ metadata }) => uids.has(metadata.uid));
};
