import { type GivenFlags, sessionOf, whereOf } from "./cluster/context.ts";
import { UsageError, wantedOf } from "./cluster/kinds.ts";
import { notFound } from "./cluster/not-found.ts";
import { readView } from "./cluster/read.ts";
import { matching } from "./cluster/view.ts";
import { rootsOf, treeData, treeOf } from "./topology.ts";
import { dotLines, mermaidLines, treeLines } from "./topology-text.ts";

// `tree`: reads, arranges, prints.

export const tree = async (words: readonly string[], flags: GivenFlags, program: string): Promise<number> => {
	const session = sessionOf(flags, program);
	const view = await readView(session.kubectl, session.scope, { made: true });
	const roots =
		words.length === 0
			? rootsOf(view)
			: wantedOf(words).flatMap((wanted) => {
					const found = matching(view, wanted);
					if (found.length === 0) throw new UsageError(notFound(wanted, view));
					return found;
				});
	const wide = flags.output === "wide" || flags.output === "json";
	const trees = roots.map((root) => treeOf(view, root, { wide }));
	if (flags.output === "json") session.print([JSON.stringify(trees.map(treeData), undefined, 2)]);
	else if (flags.output === "dot") session.print(dotLines(trees));
	else if (flags.output === "mermaid") session.print(mermaidLines(trees));
	else {
		const paint = flags.output === "wide" ? { ...session.paint, columns: undefined } : session.paint;
		const home = session.scope.allNamespaces === true ? undefined : trees[0]?.object.metadata.namespace;
		if (trees.length === 0) session.print([`no Prism objects ${await whereOf(session)}`]);
		session.print(treeLines(trees, paint, { wide, now: view.now, home }));
		session.print(view.notes.map((note) => session.paint.colour("yellow", `! ${note}`)));
	}
	return 0;
};
