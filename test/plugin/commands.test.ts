import { Command } from "commander";
import { expect, it } from "vitest";
import { addClusterCommands, commandFirst, jsonOutput } from "../../plugin/commands.ts";

it.each([
	[
		["-n", "team", "why", "shop"],
		["why", "-n", "team", "shop"],
	],
	[
		["--context=x", "-A", "status"],
		["status", "--context=x", "-A"],
	],
	[
		["why", "-n", "team"],
		["why", "-n", "team"],
	],
	[["--help"], ["--help"]],
	[
		["-n", "team"],
		["-n", "team"],
	],
])("line %j begins with its command", (words, expected) => expect(commandFirst(words)).toEqual(expected));

it("takes the flags of the cluster with each command", () => {
	const program = new Command("kubectl prism");
	addClusterCommands(program, "kubectl prism");
	for (const command of program.commands) {
		const flags = command.options.map(({ long }) => long);
		expect(flags, command.name()).toEqual(expect.arrayContaining(["--namespace", "--context", "--kubeconfig"]));
	}
	expect(program.commands.map((command) => command.name())).toContain("why");
});

it("prints JSON, and no other form, for scripts", () => {
	const parsed = (form: string) =>
		new Command()
			.exitOverride()
			.configureOutput({ writeErr: () => {} })
			.addOption(jsonOutput())
			.parse(["-o", form], { from: "user" })
			.opts();
	expect(parsed("json")).toEqual({ output: "json" });
	expect(() => parsed("yaml")).toThrow(/yaml/);
});
