import { inspect } from "node:util";
import { CommanderError } from "commander";
import { ConfigError } from "../server/settings.ts";
import { ManifestError } from "../yaml/manifests.ts";
import { UsageError } from "./cluster/kinds.ts";
import { KubectlError } from "./cluster/kubectl.ts";
import { complain } from "./text/print.ts";

/**
 * Prints the error and returns the exit code. Errors of the user or the cluster have no stack trace. Commander has
 * already printed its own errors.
 */
export const failureCode = (error: unknown): number => {
	if (error instanceof CommanderError) return error.exitCode;
	const expected = [ConfigError, ManifestError, KubectlError, UsageError].some((kind) => error instanceof kind);
	if (expected && error instanceof Error) complain(`error: ${error.message}`);
	else complain(inspect(error));
	return 1;
};
