import { execFile } from "node:child_process";

// `make audit`: reports known vulnerabilities of the production dependencies. If the registry does not answer, the command fails with a
// separate exit code, so that a missing answer does not pass for "none".

const CLEAN = 0;
const VULNERABLE = 1;
const UNANSWERED = 2;

interface Output {
	readonly stdout: string;
	readonly stderr: string;
}

const npmAudit = (): Promise<Output> =>
	new Promise((resolve) => {
		execFile("npm", ["audit", "--omit=dev", "--json"], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
			resolve({ stdout, stderr: stderr || (error?.message ?? "") }),
		);
	});

type Json = Readonly<Record<string, unknown>>;
const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

const parsed = (text: string): Json => {
	try {
		const value: unknown = JSON.parse(text);
		return isJson(value) ? value : {};
	} catch {
		return {};
	}
};

const isNumber = (value: unknown): value is number => typeof value === "number";

/** The text to print, and the exit code. */
const verdict = ({ stdout, stderr }: Output): { readonly code: number; readonly text: string } => {
	const report = parsed(stdout);
	const metadata = isJson(report["metadata"]) ? report["metadata"] : undefined;
	if (metadata === undefined || !isJson(report["vulnerabilities"])) {
		const cause = typeof report["message"] === "string" ? report["message"] : lastLine(stderr);
		return {
			code: UNANSWERED,
			text: `cannot audit: the registry did not answer: ${cause}. Nothing is known either way`,
		};
	}
	const found = Object.entries(report["vulnerabilities"]);
	if (found.length === 0) {
		const { prod } = isJson(metadata["dependencies"]) ? metadata["dependencies"] : {};
		return { code: CLEAN, text: `no known vulnerabilities in ${isNumber(prod) ? prod : "the"} production packages` };
	}
	const lines = found.map(([name, entry]) => {
		const { severity = "unknown", range = "*" } = isJson(entry) ? entry : {};
		return `  ${name} ${String(range)}: ${String(severity)}`;
	});
	const text = [`known vulnerabilities in ${found.length} packages:`, ...lines, "npm audit --omit=dev says more"];
	return { code: VULNERABLE, text: text.join("\n") };
};

const lastLine = (text: string): string => text.trim().split("\n").at(-1) || "npm said nothing";

const { code, text } = verdict(await npmAudit());
if (code === CLEAN) console.log(text);
else console.error(text);
process.exitCode = code;
