import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";

// Where the control plane's programs come from: those of the machine, or built from source with Go, once.
// For development and tests only.

export interface Binaries {
	readonly etcd: string;
	readonly kubeApiserver: string;
	readonly kubectl: string;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Log = (message: string) => void;

const TOOLS = ["etcd", "kube-apiserver", "kubectl"] as const;
type Tool = (typeof TOOLS)[number];

const SOURCES = join(import.meta.dirname, "control-plane");

/** Looks in KUBEBUILDER_ASSETS, on the PATH and in our cache; undefined unless one of them has what is needed. */
export const findControlPlane = async (environment: Environment): Promise<Binaries | undefined> => {
	const assets = environment["KUBEBUILDER_ASSETS"];
	const path = (environment["PATH"] ?? "").split(delimiter).filter(Boolean);
	const cache = cacheFolder(environment, await versions());
	const [etcd, kubeApiserver, kubectl] = await Promise.all([
		firstWith("etcd", [assets, ...path, cache]),
		firstWith("kube-apiserver", [assets, ...path, cache]),
		// A kubectl of another version works but warns at every call, so ours goes before the machine's.
		firstWith("kubectl", [assets, cache, ...path]),
	]);
	return etcd && kubeApiserver && kubectl ? { etcd, kubeApiserver, kubectl } : undefined;
};

/** Builds into the cache what is not there yet. The first time this takes ten minutes or more, so it tells how it goes. */
export const buildControlPlane = async (environment: Environment, log: Log): Promise<Binaries> => {
	const wanted = await versions();
	const folder = cacheFolder(environment, wanted);
	const missing: Tool[] = [];
	for (const tool of TOOLS) if (!(await isExecutable(join(folder, tool)))) missing.push(tool);
	if (missing.length > 0) {
		await checkGo(environment, wanted.go);
		await mkdir(folder, { recursive: true });
	}
	// One after the other: each build uses all processors by itself.
	for (const [index, tool] of missing.entries()) {
		await build(tool, wanted, folder, environment, (message) => log(`${index + 1}/${missing.length} ${message}`));
	}
	return {
		etcd: join(folder, "etcd"),
		kubeApiserver: join(folder, "kube-apiserver"),
		kubectl: join(folder, "kubectl"),
	};
};

// ── Where ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Versions {
	readonly go: string;
	readonly kubernetes: string;
	readonly etcd: string;
}

/** go.mod is the one place that names them. */
const versions = async (): Promise<Versions> => {
	const file = join(SOURCES, "go.mod");
	const text = await readFile(file, "utf8");
	const version = (pattern: RegExp): string => {
		const found = pattern.exec(text)?.[1];
		if (found === undefined) throw new Error(`cannot read ${file}: nothing in it matches ${String(pattern)}`);
		return found;
	};
	return {
		go: version(/^go (\S+)/m),
		kubernetes: version(/^\tk8s\.io\/kubernetes v(\S+)/m),
		etcd: version(/^\tgo\.etcd\.io\/etcd\/server\/v3 v(\S+)/m),
	};
};

const cacheFolder = (environment: Environment, { kubernetes, etcd }: Versions): string =>
	join(
		environment["XDG_CACHE_HOME"] || join(environment["HOME"] || homedir(), ".cache"),
		"prism-operator",
		"control-plane",
		`v${kubernetes}-${etcd}`,
	);

const firstWith = async (tool: Tool, folders: readonly (string | undefined)[]): Promise<string | undefined> => {
	for (const folder of folders) {
		if (folder && (await isExecutable(join(folder, tool)))) return join(folder, tool);
	}
	return undefined;
};

const isExecutable = (path: string): Promise<boolean> =>
	access(path, constants.X_OK).then(
		() => true,
		() => false,
	);

// ── Build ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const HOW_ELSE = "or put etcd, kube-apiserver and kubectl of your own where KUBEBUILDER_ASSETS says";

const checkGo = async (environment: Environment, needed: string): Promise<void> => {
	const go = await run("go", ["env", "GOVERSION"], tmpdir(), { ...environment, GOTOOLCHAIN: "local" });
	const advice = `install Go ${needed} or newer from https://go.dev/dl, ${HOW_ELSE}`;
	if (go.code !== 0) throw new Error(`cannot build the control plane: there is no Go (${go.output.trim()}); ${advice}`);
	const found = go.output.trim().replace(/^go/, "");
	if (older(found, needed)) throw new Error(`cannot build the control plane: Go ${found} is too old; ${advice}`);
};

const numbers = (version: string) => version.split(".").map((part) => Number.parseInt(part, 10) || 0);

const older = (found: string, needed: string): boolean => {
	const [have, want] = [numbers(found), numbers(needed)];
	const at = want.findIndex((part, index) => (have[index] ?? 0) !== part);
	return at >= 0 && (have[at] ?? 0) < (want[at] ?? 0);
};

interface Recipe {
	readonly package: string;
	readonly version: string;
	/** What the linker writes into the program: the flags decide, too, whether Go's own cache can be used. */
	readonly stamps: readonly string[];
}

const recipe = (tool: Tool, { kubernetes, etcd }: Versions): Recipe => {
	if (tool === "etcd") {
		return {
			package: "go.etcd.io/etcd/server/v3",
			version: etcd,
			stamps: [`go.etcd.io/etcd/api/v3/version.GitSHA=v${etcd}`],
		};
	}
	const [major, minor] = kubernetes.split(".");
	const stamp = "k8s.io/component-base/version";
	return {
		package: `k8s.io/kubernetes/cmd/${tool}`,
		version: kubernetes,
		stamps: [
			`${stamp}.gitVersion=v${kubernetes}`,
			`${stamp}.gitMajor=${major}`,
			`${stamp}.gitMinor=${minor}`,
			`${stamp}.gitTreeState=clean`,
		],
	};
};

const build = async (
	tool: Tool,
	wanted: Versions,
	folder: string,
	environment: Environment,
	log: Log,
): Promise<void> => {
	const { package: source, version, stamps } = recipe(tool, wanted);
	const started = performance.now();
	const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`;
	const what = `${tool} v${version}`;
	log(`building ${what} from source`);
	const ticking = setInterval(() => log(`building ${what} ... ${elapsed()}`), 10_000);
	// Under a name of its own until it is whole: an interrupted build must not leave what looks like a program.
	const unfinished = join(folder, `.${tool}.${process.pid}`);
	try {
		const flags = ["-s", "-w", ...stamps.flatMap((stamp) => ["-X", stamp])].join(" ");
		const args = ["build", "-trimpath", "-ldflags", flags, "-o", unfinished, source];
		const { code, output } = await run("go", args, SOURCES, { ...environment, CGO_ENABLED: "0", GOWORK: "off" });
		if (code !== 0) throw new Error(`cannot build ${what}: ${output.trim().split("\n").slice(-15).join("\n")}`);
		await rename(unfinished, join(folder, tool));
		log(`built ${what} in ${elapsed()}`);
	} finally {
		clearInterval(ticking);
		await rm(unfinished, { force: true });
	}
};

/** Runs a program to its end; what it wrote to both streams, in order. */
export const run = (command: string, args: readonly string[], cwd: string, env: Environment) =>
	new Promise<{ code: number; output: string }>((resolve) => {
		const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
		let output = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding("utf8").on("data", (text: string) => {
				output += text;
			});
		}
		child.once("error", (error) => resolve({ code: 127, output: error.message }));
		child.once("close", (code) => resolve({ code: code ?? 1, output }));
	});
