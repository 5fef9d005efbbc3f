import { type Command, Option } from "commander";

// The commands around recorded calls and the dashboard.

interface RecordFlags {
	from: string;
	file?: string;
	call?: string;
	output?: string;
}

interface DashboardFlags {
	namespace: string;
	context?: string;
	port: string;
}

/** Exit code of a replay whose answer is another one. */
const DIFFERENT = 2;

export const addRecordCommands = (program: Command): void => {
	program
		.command("record")
		.summary("save an object's last call as a golden case")
		.description("save the last call of an object's hook as a golden case, without credentials")
		.argument("<kind>", "kind of the object: PrismStack, pstack, ...")
		.argument("<object>", "[namespace/]name")
		.option("--from <url>", "where the dashboard is", "http://127.0.0.1:8090")
		.option("--file <file>", "take a call that was copied from the dashboard, or - for standard input")
		.option("--call <number>", "an older call, by the number in its address (default: the last one)")
		.option("-o, --output <path>", "path of the case without its ending (default: <kind>-<name>)")
		.action(async (kind: string, object: string, flags: RecordFlags) => {
			const { record } = await import("./record.ts");
			for (const path of await record(kind, object, flags)) console.log(`written ${path}`);
		});

	program
		.command("replay")
		.summary("make a recorded call again, offline")
		.description("make a recorded call again without a cluster, and compare the answer; exits with 2 when it differs")
		.argument("<case>", "path of a golden case that was recorded, a file with a recorded call, or - for standard input")
		.addOption(new Option("-o, --output <format>", "print the whole answer").choices(["yaml"]))
		.action(async (place: string, { output }: { output?: string }) => {
			const { describeReplay, printAnswer, readRecorded, replay } = await import("./replay.ts");
			const replayed = replay(readRecorded(place));
			if (output === "yaml") process.stdout.write(printAnswer(replayed));
			const say = output === "yaml" ? console.error : console.log;
			for (const line of describeReplay(replayed, process.stdout.isTTY && process.stdout.hasColors())) say(line);
			process.exitCode = (replayed.changes?.length ?? 0) > 0 ? DIFFERENT : 0;
		});

	program
		.command("dashboard")
		.summary("forward a port to the operator's page")
		.description("forward a port to the dashboard of an operator in a cluster, by kubectl")
		.option("-n, --namespace <namespace>", "namespace of the operator", "prism-system")
		.option("--context <context>", "context of the kubeconfig")
		.option("--port <port>", "port on this machine", "8090")
		.action(async (flags: DashboardFlags) => {
			const { dashboard } = await import("./dashboard.ts");
			process.exitCode = await dashboard({ ...flags, say: (line) => console.log(line) });
		});
};
