import { type GivenFlags, sessionOf } from "./cluster/context.ts";
import { UsageError, wantedOf } from "./cluster/kinds.ts";
import { notFound } from "./cluster/not-found.ts";
import { readView } from "./cluster/read.ts";
import { matching } from "./cluster/view.ts";
import { collectWhy } from "./why/collect.ts";
import { whyData, whyLines } from "./why/text.ts";

// `why`: reads, explains, reads what the explanation asks for, prints.

export const why = async (words: readonly string[], flags: GivenFlags, program: string): Promise<number> => {
	const session = sessionOf(flags, program);
	const { kubectl, paint, speech } = session;
	const view = await readView(kubectl, session.scope, { made: true, events: true });
	const objects = wantedOf(words).flatMap((wanted) => {
		const found = matching(view, wanted);
		if (found.length === 0) throw new UsageError(notFound(wanted, view));
		return found;
	});
	let code = 0;
	const data: unknown[] = [];
	for (const [index, object] of objects.entries()) {
		const { diagnosis, view: read } = await collectWhy(kubectl, view, speech, object);
		if (diagnosis.finding !== undefined) code = 2;
		data.push(whyData(diagnosis));
		if (flags.output !== "json")
			session.print([...(index > 0 ? [""] : []), ...whyLines(diagnosis, paint, read.now, read.notes)]);
	}
	if (flags.output === "json") session.print([JSON.stringify(data.length === 1 ? data[0] : data, undefined, 2)]);
	return code;
};
