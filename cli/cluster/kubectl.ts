import { spawn } from "node:child_process";
import { isKubeObject, isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";

// The cluster through kubectl: whatever kubeconfig, context, plugin for credentials or proxy it is set up with is honoured,
// for it is kubectl itself that talks.

/** Flags that lead to a cluster, as kubectl has them. */
export interface ClusterFlags {
	readonly context?: string | undefined;
	readonly kubeconfig?: string | undefined;
	readonly cluster?: string | undefined;
	readonly user?: string | undefined;
	readonly as?: string | undefined;
	readonly requestTimeout?: string | undefined;
}

export interface Outcome {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Kubectl {
	/** Runs kubectl to its end, whatever that is. Throws only when there is no kubectl. */
	try(args: readonly string[], options?: { readonly input?: string }): Promise<Outcome>;
	/** What it prints; throws a KubectlError when it fails. */
	run(args: readonly string[], options?: { readonly input?: string }): Promise<string>;
	/** The objects that `get ... -o json` prints; a single object is a list of one. */
	objects(args: readonly string[]): Promise<KubeObject[]>;
	/** The flags that lead to the cluster, for the commands that are shown to somebody. */
	readonly flags: readonly string[];
}

/** What kubectl could not do; the message says what to do about it. */
export class KubectlError extends Error {
	override name = "KubectlError";
	readonly outcome: Outcome;
	readonly trouble: Trouble;

	constructor(trouble: Trouble, message: string, outcome: Outcome) {
		super(message);
		this.trouble = trouble;
		this.outcome = outcome;
	}
}

export type Trouble =
	| "noKubectl"
	| "noCluster"
	| "noContext"
	| "unauthorized"
	| "forbidden"
	| "noKind"
	| "notFound"
	| "other";

const FLAG_NAMES = {
	kubeconfig: "--kubeconfig",
	context: "--context",
	cluster: "--cluster",
	user: "--user",
	as: "--as",
	requestTimeout: "--request-timeout",
} as const satisfies Record<keyof ClusterFlags, string>;

export const createKubectl = (
	given: ClusterFlags,
	environment: Readonly<Record<string, string | undefined>>,
): Kubectl => {
	const program = environment["KUBECTL"] ?? "kubectl";
	const flags = (["kubeconfig", "context", "cluster", "user", "as", "requestTimeout"] as const).flatMap((name) => {
		const value = given[name];
		return value === undefined ? [] : [`${FLAG_NAMES[name]}=${value}`];
	});
	const attempt: Kubectl["try"] = (args, { input } = {}) =>
		new Promise((resolve, reject) => {
			const child = spawn(program, [...flags, ...args], { stdio: ["pipe", "pipe", "pipe"], env: { ...environment } });
			const out: Buffer[] = [];
			const err: Buffer[] = [];
			child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
			child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
			// kubectl may end before it has read what it is given: its exit code tells.
			child.stdin.on("error", () => {});
			child.stdin.end(input ?? "");
			child.once("error", (error: NodeJS.ErrnoException) => reject(missingKubectl(program, error)));
			child.once("close", (code) =>
				resolve({ code: code ?? 1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
			);
		});
	const run: Kubectl["run"] = async (args, options) => {
		const outcome = await attempt(args, options);
		if (outcome.code !== 0) throw errorOf(args, outcome);
		return outcome.stdout;
	};
	return {
		flags,
		try: attempt,
		run,
		objects: async (args) => parseObjects(await run([...args, "-o", "json"])),
	};
};

/** The objects in what kubectl prints as JSON; nothing at all is an empty list. */
export const parseObjects = (text: string): KubeObject[] => {
	if (text.trim() === "") return [];
	const value: unknown = JSON.parse(text);
	if (!isRecord(value)) return [];
	const { items } = value;
	if (Array.isArray(items)) return items.filter(isKubeObject);
	return isKubeObject(value) ? [value] : [];
};

// ── Errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const missingKubectl = (program: string, error: NodeJS.ErrnoException): KubectlError => {
	const why = error.code === "ENOENT" ? "there is no such program" : error.message;
	return new KubectlError(
		"noKubectl",
		`cannot run ${program}: ${why}. Install kubectl (https://kubernetes.io/docs/tasks/tools/), or name it: KUBECTL=/path/to/kubectl`,
		{ code: 1, stdout: "", stderr: error.message },
	);
};

interface Known {
	readonly trouble: Trouble;
	readonly pattern: RegExp;
	/** What to do, from the match. */
	readonly wayOut: (match: RegExpExecArray) => string;
}

/** What kubectl says when it fails, and the way out. The first that matches decides. */
const KNOWN: readonly Known[] = [
	{
		trouble: "noKind",
		pattern: /doesn't have a resource type "([^"]+)"|no matches for kind "([^"]+)"/,
		wayOut: ([, resource, kind]) =>
			/prism|patternrunner|backendconfig/i.test(resource ?? kind ?? "")
				? "the kinds of prism.io are not installed in this cluster: is it the right one (kubectl config current-context)? If so: kubectl apply --server-side -k config/default, or the Helm chart; kubectl prism doctor says what is missing"
				: "the cluster does not know this kind",
	},
	{
		trouble: "forbidden",
		pattern: /forbidden: User "([^"]+)" cannot (\w+) resource "([^"]+)"(?: in API group "([^"]*)")?/,
		wayOut: ([, , verb = "list", resource = "", group = ""]) =>
			`ask who administers the cluster for that right (kubectl auth can-i ${verb} ${resource}${group === "" ? "" : `.${group}`}), or name a namespace you may read: -n NAMESPACE`,
	},
	{
		trouble: "forbidden",
		pattern: /\(Forbidden\)|is forbidden/,
		wayOut: () => "ask who administers the cluster for the right to do this",
	},
	{
		trouble: "unauthorized",
		pattern: /You must be logged in|Unauthorized|provide credentials/,
		wayOut: () => "the cluster does not accept your credentials: log in again, or choose another --context",
	},
	{
		trouble: "noContext",
		pattern:
			/context was not found|context "[^"]*" does not exist|no context exists|stat .*: no such file|error loading config/i,
		wayOut: () =>
			"kubectl config get-contexts lists those that there are; KUBECONFIG or --kubeconfig names another file",
	},
	{
		trouble: "noCluster",
		pattern:
			/connection to the server .* was refused|no such host|i\/o timeout|Unable to connect|connection refused|deadline exceeded|no configuration has been provided|TLS handshake|x509/i,
		wayOut: () =>
			"the cluster can't be reached: kubectl config current-context tells which one it is, kubectl cluster-info whether it answers. Without a cluster, make run starts one",
	},
	{
		trouble: "notFound",
		pattern: /\(NotFound\)|not found/,
		wayOut: () => "kubectl prism status -A lists what there is",
	},
];

const errorOf = (args: readonly string[], outcome: Outcome): KubectlError => {
	const said = lastWords(outcome.stderr);
	for (const { trouble, pattern, wayOut } of KNOWN) {
		const match = pattern.exec(outcome.stderr);
		if (match !== null) return new KubectlError(trouble, `${said}\n${wayOut(match)}`, outcome);
	}
	return new KubectlError("other", `cannot ${args[0] ?? "run"} with kubectl: ${said}`, outcome);
};

/** What kubectl said, without the lines of its client library and its own prefixes. */
const lastWords = (stderr: string): string => {
	const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !/^[EWI]\d{4} /.test(line));
	const [first = "kubectl failed without a word"] = lines.slice(-3);
	return first.replace(/^(error: |Error from server \(\w+\): |Error from server: )/, "");
};
