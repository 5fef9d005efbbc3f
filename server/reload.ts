import type { Logger } from "pino";
import type { Metrics, Reloadable } from "./metrics.ts";
import { ConfigError } from "./settings.ts";
import { describeError } from "./sync-log.ts";
import { type WatchedFiles, type WatchOptions, watchFiles } from "./watched-files.ts";

// Files that are replaced while the server runs: an invalid one prevents the start; later, it is logged and ignored.

export interface ReloadOptions {
	readonly log: Logger;
	readonly metrics: Metrics;
	/** Poll interval of the files. */
	readonly everyMs: number;
}

interface Opening<Value> extends Pick<WatchOptions<Value>, "paths" | "read"> {
	readonly what: Reloadable;
	/** The variables that name the files. */
	readonly variables: string;
}

/** Throws a `ConfigError` if the files are invalid at startup. */
export async function openFiles<Value>(
	{ what, variables, paths, read }: Opening<Value>,
	options: ReloadOptions,
): Promise<WatchedFiles<Value>> {
	try {
		return await watchFiles({ paths, read, everyMs: options.everyMs, ...reports(what, options) });
	} catch (error) {
		throw new ConfigError([`${variables}: ${describeError(error).message}`]);
	}
}

export const reports = (what: Reloadable, { log, metrics }: ReloadOptions) => ({
	taken: () => {
		metrics.reloaded(what, "taken");
		log.info({ what }, "reloaded, and in use");
	},
	refused: (error: unknown) => {
		metrics.reloaded(what, "refused");
		log.error({ what, cause: describeError(error).message }, "cannot reload: the previous content stays in use");
	},
});
