import { type Command, Option } from "commander";
import { complain, print, printDocument } from "../text/print.ts";
import type { DashboardOptions } from "./dashboard.ts";
import type { RecordOptions } from "./record.ts";

// The commands for recorded calls and the dashboard.

/** Exit code of a replay whose response differs. */
const DIFFERENT = 2;

export const addRecordCommands = (program: Command): void => {
	program
		.command("record")
		.summary("save the last webhook call of an object as a golden case")
		.description("save the last webhook call of an object as a golden case, without credentials")
		.argument("<kind>", "kind of the object: PrismStack, pstack, ...")
		.argument("<object>", "[namespace/]name")
		.option("--from <url>", "URL of the dashboard", "http://127.0.0.1:8090")
		.option("--file <file>", "read a call that was copied from the dashboard, or - for standard input")
		.option("--call <number>", "an older call, by the number in its address (default: the last one)")
		.option("-o, --output <path>", "path of the case without its ending (default: <kind>-<name>)")
		.action(async (kind: string, object: string, flags: RecordOptions) => {
			const { record } = await import("./record.ts");
			print((await record(kind, object, flags)).map((path) => `written ${path}`));
		});

	program
		.command("replay")
		.summary("replay a recorded call, offline")
		.description("replay a recorded call without a cluster, and compare the response. Exit code 2 if it differs")
		.argument("<case>", "path of a recorded golden case, a file with a recorded call, or - for standard input")
		.addOption(new Option("-o, --output <format>", "print the whole response").choices(["yaml"]))
		.action(async (place: string, { output }: { output?: string }) => {
			const { describeReplay, printAnswer, readRecorded, replay } = await import("./replay.ts");
			const replayed = replay(readRecorded(place));
			if (output === "yaml") printDocument(printAnswer(replayed));
			const lines = describeReplay(replayed, process.stdout.isTTY && process.stdout.hasColors());
			if (output === "yaml") complain(...lines);
			else print(lines);
			process.exitCode = (replayed.changes?.length ?? 0) > 0 ? DIFFERENT : 0;
		});

	program
		.command("dashboard")
		.summary("forward a port to the operator's dashboard")
		.description("forward a port to the dashboard of an operator in a cluster, with kubectl")
		.option("-n, --namespace <namespace>", "namespace of the operator", "prism-system")
		.option("--context <context>", "context of the kubeconfig")
		.option("--port <port>", "port on this machine", "8090")
		.action(async (flags: Omit<DashboardOptions, "say">) => {
			const { dashboard } = await import("./dashboard.ts");
			process.exitCode = await dashboard({ ...flags, say: (line) => print([line]) });
		});
};
