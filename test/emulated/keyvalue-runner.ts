import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { load } from "js-yaml";

// A process with the manners of the keyvalue-runner of October 2025: its flags, its file, and what it dies of. It sees the files of the
// folder ROOT as a container sees its own, and writes none.

const FLAGS = ["config", "proxy-addr", "v"];

const fail = (code: number, text: string): never => {
	process.stderr.write(`${text}\n`);
	process.exit(code);
};

/** As Go's package `flag` reads them: one dash or two, and the first argument without one ends them. */
const flagsOf = (args: readonly string[]): Record<string, string> => {
	const flags: Record<string, string> = {};
	for (const arg of args) {
		const [, name = "", value = "true"] = /^--?([^=]+)(?:=(.*))?$/.exec(arg) ?? [];
		if (name === "") break;
		if (!FLAGS.includes(name)) fail(2, `flag provided but not defined: -${name}`);
		flags[name] = value;
	}
	return flags;
};

interface Backend {
	readonly address?: string;
	readonly password?: string;
	readonly db?: number;
}
interface File {
	readonly namespaces?: readonly {
		readonly name: string;
		readonly backend: string;
		readonly backend_config?: Backend;
	}[];
}

/** Commands in the order in which a client of Redis sends them, and the first that is not answered with a plus. */
const pinged = ({ address = "localhost:6379", password, db }: Backend): Promise<string | undefined> => {
	const commands = [...(password ? [`AUTH ${password}`] : []), ...(db ? [`SELECT ${db}`] : []), "PING"];
	const [host = "", port = ""] = address.split(":");
	return new Promise((resolve) => {
		const socket = connect({ host, port: Number(port) });
		const next = () => {
			const command = commands.shift();
			if (command === undefined) {
				socket.destroy();
				resolve(undefined);
				return;
			}
			socket.write(`${command}\r\n`);
		};
		socket.on("connect", next);
		socket.on("error", ({ message }) => resolve(message));
		socket.on("data", (answer) => (String(answer).startsWith("+") ? next() : resolve(String(answer).trim())));
	});
};

const { config } = flagsOf(process.argv.slice(2));
if (config === undefined) fail(1, "Usage: keyvalue-runner -config <path-to-config.yaml>");
const file = load(readFileSync(join(process.env["ROOT"] ?? "", String(config)), "utf8")) as File;
const [namespace] = file.namespaces ?? [];
if (namespace === undefined) fail(1, "No namespaces found in configuration");
const { name = "", backend = "", backend_config: settings = {} } = namespace ?? {};
if (!["memstore", "redis"].includes(backend)) fail(1, `unsupported backend: ${backend}`);
const trouble = backend === "redis" ? await pinged(settings) : undefined;
if (trouble !== undefined) fail(1, `failed to connect to Redis: ${trouble}`);
process.once("SIGTERM", () => process.exit(0));
setInterval(() => {}, 60_000);
process.stdout.write(`KeyValue is running: ${name} on ${backend}\n`);
