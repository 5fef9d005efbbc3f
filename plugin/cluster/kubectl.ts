import { type ExecFileException, execFile } from "node:child_process";
import { withoutDepths } from "../../kube/nesting-limit.ts";
import { isKubeObject, isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";

// Access to the cluster through kubectl, so that its kubeconfig, context, credential plugins and proxy apply.

/** Flags of kubectl that select the cluster. */
export type ClusterFlags = Readonly<Partial<Record<(typeof FLAGS)[number][0], string | undefined>>>;

export interface KubectlOutcome {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** The output of `get ... -o json`, possibly incomplete; a single object is a list of one. */
export interface Listing {
	readonly objects: readonly KubeObject[];
	readonly ok: boolean;
	readonly stderr: string;
}

/** The objects that kubectl prints, even if it could not read all of them. */
export const listed = async (kubectl: Pick<Kubectl, "try">, ...args: readonly string[]): Promise<Listing> => {
	const { code, stdout, stderr } = await kubectl.try([...args, "-o", "json"]);
	return { objects: parseObjects(stdout), ok: code === 0, stderr };
};

export interface Kubectl {
	/** Runs kubectl, whatever its exit code. Throws only if there is no kubectl. */
	try(args: readonly string[], options?: { readonly input?: string }): Promise<KubectlOutcome>;
	/** The output of kubectl. Throws a KubectlError if it fails. */
	run(args: readonly string[], options?: { readonly input?: string }): Promise<string>;
	/** The objects that `get ... -o json` prints; a single object is a list of one. */
	objects(args: readonly string[]): Promise<KubeObject[]>;
	readonly program: string;
	/** The flags that select the cluster, for commands in the output. */
	readonly flags: readonly string[];
}

/** A failure of kubectl; the message has the remedy. */
export class KubectlError extends Error {
	override name = "KubectlError";
	readonly trouble: Trouble;

	constructor(trouble: Trouble, message: string) {
		super(message);
		this.trouble = trouble;
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

/** In the order of the output. */
const FLAGS = [
	["kubeconfig", "--kubeconfig"],
	["context", "--context"],
	["cluster", "--cluster"],
	["user", "--user"],
	["as", "--as"],
	["requestTimeout", "--request-timeout"],
] as const;

export const createKubectl = (
	given: ClusterFlags,
	environment: Readonly<Record<string, string | undefined>>,
): Kubectl => {
	const program = environment["KUBECTL"] ?? "kubectl";
	const flags = FLAGS.flatMap(([name, flag]) => (given[name] === undefined ? [] : [`${flag}=${given[name]}`]));
	const attempt: Kubectl["try"] = (args, { input } = {}) =>
		new Promise((resolve, reject) => {
			const options = { env: { ...environment }, maxBuffer: Number.POSITIVE_INFINITY };
			const child = execFile(program, [...flags, ...args], options, (error, stdout, stderr) => {
				// A string instead of an exit code: kubectl did not start.
				if (typeof error?.code === "string") reject(missingKubectl(program, error));
				else resolve({ code: error === null ? 0 : (error.code ?? 1), stdout, stderr });
			});
			// kubectl can exit before it has read its standard input: the exit code has the result.
			child.stdin?.on("error", () => {}).end(input ?? "");
		});
	const run: Kubectl["run"] = async (args, options) => {
		const { code, stdout, stderr } = await attempt(args, options);
		if (code !== 0) throw errorOf(args, stderr);
		return stdout;
	};
	return {
		program,
		flags,
		try: attempt,
		run,
		objects: async (args) => parseObjects(await run([...args, "-o", "json"])),
	};
};

/** The objects in the JSON output of kubectl; empty output is an empty list. */
export const parseObjects = (text: string): KubeObject[] => {
	if (text.trim() === "") return [];
	const value: unknown = JSON.parse(text);
	withoutDepths(value);
	if (!isRecord(value)) return [];
	const { items } = value;
	if (Array.isArray(items)) return items.filter(isKubeObject);
	return isKubeObject(value) ? [value] : [];
};

// ── Errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const missingKubectl = (program: string, error: ExecFileException): KubectlError => {
	const why = error.code === "ENOENT" ? "program not found" : error.message;
	return new KubectlError(
		"noKubectl",
		`cannot run ${program}: ${why}. Install kubectl (https://kubernetes.io/docs/tasks/tools/), or set KUBECTL=/path/to/kubectl`,
	);
};

interface Known {
	readonly trouble: Trouble;
	readonly pattern: RegExp;
	/** The remedy, from the match. */
	readonly remedy: (match: RegExpExecArray) => string;
}

/** Error messages of kubectl with their remedies. The first match applies. */
const KNOWN: readonly Known[] = [
	{
		trouble: "noKind",
		pattern: /doesn't have a resource type "([^"]+)"|no matches for kind "([^"]+)"/,
		remedy: ([, resource, kind]) =>
			/prism|patternrunner|backendconfig/i.test(resource ?? kind ?? "")
				? "the CRDs of prism.io are not installed in this cluster. Check kubectl config current-context. To install them: kubectl apply --server-side -k config/default, or the Helm chart. kubectl prism doctor lists what is missing"
				: "the cluster has no such kind",
	},
	{
		trouble: "forbidden",
		pattern:
			/forbidden: User "([^"]+)" cannot (\w+) resource "([^"]+)"(?: in API group "([^"]*)")?( at the cluster scope)?/,
		remedy: ([, , verb = "list", resource = "", group = "", everywhere]) =>
			`ask an administrator for this permission (kubectl auth can-i ${verb} ${resource}${group === "" ? "" : `.${group}`}${everywhere === undefined ? "" : " -A"}), or choose a namespace that you may read: -n NAMESPACE`,
	},
	{
		trouble: "forbidden",
		pattern: /\(Forbidden\)|is forbidden/,
		remedy: () => "ask an administrator of the cluster for this permission",
	},
	{
		trouble: "unauthorized",
		pattern: /You must be logged in|Unauthorized|provide credentials/,
		remedy: () => "the cluster does not accept your credentials: log in again, or choose another --context",
	},
	{
		trouble: "noContext",
		pattern:
			/context was not found|context "[^"]{0,253}" does not exist|no context exists|stat .{1,200}: no such file|error loading config/i,
		remedy: () => "kubectl config get-contexts lists the contexts. KUBECONFIG or --kubeconfig selects another file",
	},
	{
		trouble: "noCluster",
		pattern:
			/connection to the server .{1,200} was refused|no such host|i\/o timeout|Unable to connect|connection refused|deadline exceeded|no configuration has been provided|TLS handshake|x509/i,
		remedy: () =>
			"the cluster is unreachable. kubectl config current-context shows its name, and kubectl cluster-info whether it answers. make run starts a local cluster",
	},
	{
		trouble: "notFound",
		pattern: /\(NotFound\)|not found/,
		remedy: () => "kubectl prism status -A lists the objects",
	},
];

const errorOf = (args: readonly string[], stderr: string): KubectlError => {
	const message = errorMessage(stderr);
	for (const { trouble, pattern, remedy } of KNOWN) {
		const match = pattern.exec(message) ?? pattern.exec(stderr);
		if (match !== null) return new KubectlError(trouble, `${message}\n${remedy(match)}`);
	}
	return new KubectlError("other", `cannot ${args[0] ?? "run"} with kubectl: ${message}`);
};

/** The error message of kubectl, without the log lines of its client library and its prefixes. */
export const errorMessage = (stderr: string): string => {
	const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !/^[EWI]\d{4} /.test(line));
	const [first = "kubectl failed without an error message"] = lines.slice(-3);
	return first.replace(/^(error: |Error from server \(\w+\): |Error from server: )/, "");
};
