import { UPGRADE_OPERATOR } from "../text/installing.ts";
import type { Advice, Known } from "./diagnosis.ts";
import { kubectl } from "./next-commands.ts";
import { TO_INSTALL } from "./permissions.ts";

// Repairs of the installation: its objects, and the permissions of Metacontroller.

export const UPGRADE: Advice = {
	say: "restore what the chart installs",
	command: UPGRADE_OPERATOR,
	permissions: TO_INSTALL,
};

/** How to grant a permission that the ServiceAccount of Metacontroller lacks, and to check it. */
export const lackingRights = (
	known: Known,
	account: string | undefined,
	right: string,
	namespace?: string,
): Advice[] => {
	const grant = {
		...UPGRADE,
		say: "restore the role that the chart installs; for another Metacontroller: docs/install.md, With an existing Metacontroller",
	};
	if (account === undefined) return [grant];
	const place = namespace === undefined ? ["--all-namespaces"] : ["-n", namespace];
	const check = kubectl(known, ["auth", "can-i", ...right.split(" ")], undefined, `--as=${account}`, ...place);
	return [grant, { say: "then this prints yes", ...check }];
};
