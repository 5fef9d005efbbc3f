import { Command } from "commander";
import { RELEASE } from "../server/release.ts";
import { addClusterCommands } from "./commands.ts";
import { addOfflineCommands } from "./offline-commands.ts";
import { addRecordCommands } from "./record/commands.ts";

/** `kubectl prism` with all its commands. Completion reads them too. */
export const pluginProgram = (): Command => {
	const program = new Command("kubectl prism")
		.description("What the Prism gateway does in this cluster, why it does not, and what to do about it")
		.version(`v${RELEASE}`)
		.exitOverride()
		.showHelpAfterError("(see --help)")
		.addHelpText(
			"after",
			"\nExit codes: 0 all is well, 1 an error, 2 something is not ready.\nKUBECTL names another kubectl; NO_COLOR and FORCE_COLOR are honored.",
		);
	addClusterCommands(program, "kubectl prism");
	addOfflineCommands(program);
	addRecordCommands(program);
	return program;
};
