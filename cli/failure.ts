import { ConfigError } from "../server/config.ts";
import { UsageError } from "./cluster/kinds.ts";
import { KubectlError } from "./cluster/kubectl.ts";
import { ManifestError } from "./manifests.ts";

/** Prints what went wrong and returns the exit code: a fault of the user's or of the cluster's without a stack. */
export const failureCode = (error: unknown): number => {
	const expected = [ConfigError, ManifestError, KubectlError, UsageError].some((kind) => error instanceof kind);
	if (expected && error instanceof Error) console.error(`error: ${error.message}`);
	else console.error(error);
	return 1;
};
