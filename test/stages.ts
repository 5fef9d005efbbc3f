import type { Prepared } from "../kube/hook.ts";
import type { AdminCall, Answer, Outside, Question } from "../schemas/admin.ts";
import type { Context } from "../schemas/installation.ts";

// The stages of a hook one by one, for tests that drive them by hand or exchange one of them.

export interface Stages<Request, Response> {
	readonly ask: (request: Request, context: Context) => readonly Question[];
	readonly decide: (request: Request, context: Context, answers: readonly Answer[]) => readonly AdminCall[];
	readonly sync: (request: Request, context: Context, outside?: Outside) => Response;
	readonly finalize: (request: Request, context: Context, outside?: Outside) => Response;
}

export interface Hooks<Request, Response> {
	readonly prepare?: (request: Request, context: Context) => Prepared<Response>;
	readonly sync: Stages<Request, Response>["sync"];
	readonly finalize?: Stages<Request, Response>["finalize"];
}

/** Each prepares for itself. */
export const stagesOf = <Request, Response>({
	prepare,
	sync,
	finalize = sync,
}: Hooks<Request, Response>): Stages<Request, Response> => ({
	ask: (request, context) => prepare?.(request, context).questions ?? [],
	decide: (request, context, answers) => prepare?.(request, context).decide?.(answers) ?? [],
	sync,
	finalize,
});

/** Hooks of a row, of stages that are each given the request. */
export const staged = <Request, Response>({ ask, decide, sync, finalize }: Stages<Request, Response>) => ({
	prepare: (request: Request, context: Context): Prepared<Response> => ({
		questions: ask(request, context),
		decide: (answers) => decide(request, context, answers),
		sync: (outside) => sync(request, context, outside),
		finalize: (outside) => finalize(request, context, outside),
	}),
	sync,
	finalize,
});

/** Hooks of a row with other stages; one that asks nobody goes on asking nobody. */
export const changed = <Request, Response>(
	row: Hooks<Request, Response>,
	change: Partial<Stages<Request, Response>>,
): Hooks<Request, Response> => {
	const isAsking = row.prepare !== undefined || change.ask !== undefined;
	if (isAsking) return staged({ ...stagesOf(row), ...change });
	const { sync = row.sync, finalize = row.finalize } = change;
	return { sync, ...(finalize && { finalize }) };
};
