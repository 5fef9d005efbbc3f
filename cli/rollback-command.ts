import { type GivenFlags, sessionOf } from "./cluster/context.ts";
import { UsageError } from "./cluster/kinds.ts";
import { chosen, patch } from "./cluster/patches.ts";
import { placeOf, prismCommand, slashName } from "./cluster/speech.ts";
import { rollbackLines, rollbackOf } from "./rollback.ts";
import { confirmed } from "./text/confirm.ts";

// `rollback`: shows what it would change, asks, changes it.

interface RollbackFlags extends GivenFlags {
	readonly to?: string;
	readonly yes?: true;
	readonly dryRun?: true;
}

export const rollback = async (words: readonly string[], flags: RollbackFlags, program: string): Promise<number> => {
	const session = sessionOf(flags, program);
	// Plugins alone can be rolled back: their kind need not be named.
	const named = words.map((word) => (word.includes("/") ? word : `prismplugin/${word}`));
	const { objects } = await chosen(session, named);
	for (const object of objects) {
		if (object.kind !== "PrismPlugin")
			throw new UsageError(
				`${object.kind} ${object.metadata.name} can't be rolled back: only a PrismPlugin keeps note of what was good`,
			);
		const change = rollbackOf(object, flags.to);
		if (typeof change === "string") {
			session.print([change]);
			if (change.includes("--to")) return 1;
			continue;
		}
		session.print(rollbackLines(change));
		if (flags.dryRun === true) continue;
		if (flags.yes !== true && !(await confirmed(`roll back ${object.metadata.name} to ${change.to}?`))) {
			console.error("nothing was changed: answer y, or give --yes");
			return 1;
		}
		await patch(session, object, change.patch);
		session.print([
			`rolled back: ${prismCommand(session.speech, "why", slashName(object), ...placeOf(object))} tells how far it is`,
		]);
	}
	return 0;
};
