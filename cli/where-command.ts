import { type GivenFlags, sessionOf } from "./cluster/context.ts";
import { UsageError } from "./cluster/kinds.ts";
import { type Kubectl, KubectlError } from "./cluster/kubectl.ts";
import { readView, type Scope } from "./cluster/read.ts";
import type { ClusterView } from "./cluster/view.ts";
import { identifierOf, tenantsOf, whereaboutsOf, whereData, whereLines } from "./where.ts";

// `where`: a tenant is looked for in all Kubernetes namespaces, unless one is named or only one may be read.

export const where = async (words: readonly string[], flags: GivenFlags, program: string): Promise<number> => {
	const session = sessionOf(flags, program);
	const view = await widest(session.kubectl, session.scope);
	let code = 0;
	const data: unknown[] = [];
	for (const [index, id] of words.entries()) {
		const found = tenantsOf(view, id);
		if (found.length === 0) throw new UsageError(unknown(id, view));
		for (const object of found) {
			const whereabouts = whereaboutsOf(view, object);
			if (!whereabouts.ready) code = 2;
			data.push(whereData(whereabouts));
			if (flags.output !== "json")
				session.print([
					...(index > 0 || data.length > 1 ? [""] : []),
					...whereLines(whereabouts, session.paint, view.now, session.speech),
				]);
		}
	}
	if (flags.output === "json") session.print([JSON.stringify(data, undefined, 2)]);
	else if (view.notes.length > 0) session.print(["", ...view.notes.map((note) => `! ${note}`)]);
	return code;
};

const widest = async (kubectl: Kubectl, scope: Scope): Promise<ClusterView> => {
	if (scope.namespace !== undefined) return readView(kubectl, scope, { made: true });
	try {
		return await readView(kubectl, { allNamespaces: true }, { made: true });
	} catch (error) {
		if (!(error instanceof KubectlError) || error.trouble !== "forbidden") throw error;
		return readView(kubectl, {}, { made: true });
	}
};

const unknown = (id: string, view: ClusterView): string => {
	const ids = view.all("PrismNamespace").map(identifierOf);
	const near = [...new Set(ids.filter((other) => other.includes(id) || id.includes(other)))].toSorted().slice(0, 5);
	const there =
		ids.length === 0
			? "there are no PrismNamespaces"
			: near.length > 0
				? `there is ${near.join(", ")}`
				: `${ids.length} others are there`;
	return `no PrismNamespace has the identifier "${id}": ${there}`;
};
