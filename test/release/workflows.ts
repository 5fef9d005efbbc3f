import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { isRecord } from "../../kube/object.ts";

// What a workflow may do, beside what actionlint knows: each fault is a sentence.

const ROOT = join(import.meta.dirname, "../..");
const MAKEFILES = ["Makefile", "devcluster/cluster.mk"]
	.map((name) => readFileSync(join(ROOT, name), "utf8"))
	.join("\n");
const TARGETS = new Set(
	[...MAKEFILES.matchAll(/^(?<target>[a-z][a-z0-9-]*):(?!=)/gm)].map(({ groups }) => groups?.["target"]),
);
const VARIABLES = new Set(
	[...MAKEFILES.matchAll(/\$\((?:if |or |origin )?\$?\(?(?<name>[A-Z_]+)/g)].map(({ groups }) => groups?.["name"]),
);

/** Jobs that may write, and what. */
export const MAY_WRITE: Readonly<Record<string, readonly string[]>> = {
	"release.yaml images": ["packages", "id-token"],
	"release.yaml files": ["contents", "packages", "id-token"],
	"scorecard.yaml score": ["id-token"],
};

/** Events whose runs have rights for what a stranger wrote. */
const DANGEROUS = ["pull_request_target", "workflow_run", "issue_comment", "issues", "discussion"];

type Json = Record<string, unknown>;
const record = (value: unknown): Json => (isRecord(value) ? value : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** `mayWrite` is keyed by the file's name and the job's. */
export const workflowFaults = (name: string, text: string, mayWrite = MAY_WRITE): string[] => {
	const workflow = record(load(text));
	const events = isRecord(workflow["on"]) ? Object.keys(workflow["on"]) : [workflow["on"]].flat().map(String);
	const jobs = Object.entries(record(workflow["jobs"])).map(([job, value]) => ({ job, ...record(value) }));
	return [
		...events.filter((event) => DANGEROUS.includes(event)).map((event) => `runs on ${event}`),
		...(JSON.stringify(workflow["permissions"]) === '{"contents":"read"}'
			? []
			: ["its permissions are not contents: read"]),
		...secretsIn(text),
		...unpinned(text),
		...jobs.flatMap((job) =>
			jobFaults(job, mayWrite[`${name} ${job.job}`] ?? []).map((fault) => `job ${job.job}: ${fault}`),
		),
	];
};

/** The registry's and the release's own token is github.token. */
const secretsIn = (text: string): string[] =>
	[...text.matchAll(/\bsecrets(?:\.|\[|: inherit)\S*/g)].map(([found]) => `uses ${found}`);

/** An action is a commit, with its version beside it for people and for whatever updates it. */
const unpinned = (text: string): string[] =>
	[...text.matchAll(/^\s*(?:- )?uses: *(?<action>.*)$/gm)]
		.map(({ groups }) => groups?.["action"] ?? "")
		.filter((action) => !action.startsWith("./") && !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))
		.map((action) => `${action} is not a commit with its version`);

const jobFaults = (job: Json, mayWrite: readonly string[]): string[] => {
	const permissions = Object.entries(record(job["permissions"]));
	const steps = list(job["steps"]);
	return [
		...(typeof job["permissions"] === "string" ? [`its permissions are ${job["permissions"]}`] : []),
		...permissions
			.filter(([scope, right]) => right !== "read" && right !== "none" && !mayWrite.includes(scope))
			.map(([scope]) => `it may write ${scope}`),
		...(job["uses"] === undefined && job["runs-on"] !== "ubuntu-24.04" ? [`runs on ${String(job["runs-on"])}`] : []),
		...(job["uses"] === undefined && typeof job["timeout-minutes"] !== "number" ? ["it has no timeout"] : []),
		...steps
			.filter(({ uses }) => String(uses).startsWith("actions/checkout@"))
			.filter((step) => record(step["with"])["persist-credentials"] !== false)
			.map(() => "checkout leaves its token in the folder"),
		...steps.flatMap(({ run }) => (typeof run === "string" ? runFaults(run) : [])),
	];
};

const runFaults = (script: string): string[] =>
	script
		.trim()
		.split("\n")
		.flatMap((line) => {
			if (line.includes("${{")) return [`"${line}" has an expression in it: what it stands for would be run`];
			const [program = "", ...words] = line.replace(/^sudo /, "").split(/ (?=(?:[^"]*"[^"]*")*[^"]*$)/);
			if (program !== "make")
				return isScript(program) ? [] : [`"${line}" runs neither make nor a script of the repository`];
			return words.flatMap((word) => {
				const variable = /^([A-Z_]+)=/.exec(word)?.[1];
				if (variable !== undefined) return VARIABLES.has(variable) ? [] : [`make knows no ${variable}`];
				return TARGETS.has(word) ? [] : [`make has no target "${word}"`];
			});
		});

const isScript = (path: string): boolean => {
	if (!/^\.?[a-z][\w./-]*$/.test(path) || !path.includes("/")) return false;
	try {
		accessSync(join(ROOT, path), constants.X_OK);
		return true;
	} catch {
		return false;
	}
};
