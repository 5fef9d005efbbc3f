import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "../control-plane-binaries.ts";

// Helm, built from source with Go, once, in the version that go.mod pins. For tests of the chart only: the machine's own
// helm is not asked, because another version prints goldens in another form.

type Environment = Readonly<Record<string, string | undefined>>;
type Log = (message: string) => void;

/** The Kubernetes that a helm without a cluster claims to see; unstamped it claims 1.20, which our chart refuses. */
const KUBERNETES = { major: 1, minor: 36 };

/** Path of the program; built when the cache does not have it, which takes two to four minutes. */
export const helmBinary = async (environment: Environment, log: Log): Promise<string> => {
	const version = await pinnedVersion();
	const folder = join(cacheRoot(environment), "prism-operator", "helm", `v${version}-k${KUBERNETES.minor}`);
	const program = join(folder, "helm");
	if (await isExecutable(program)) return program;
	log(`building helm v${version} from source, once: two to four minutes`);
	await mkdir(folder, { recursive: true });
	// Under a name of its own until it is whole: an interrupted build must not leave what looks like a program.
	const unfinished = join(folder, `.helm.${randomUUID()}`);
	try {
		await build(unfinished, version, environment);
		await rename(unfinished, program);
	} finally {
		await rm(unfinished, { force: true });
	}
	return program;
};

const pinnedVersion = async (): Promise<string> => {
	const file = join(import.meta.dirname, "go.mod");
	const found = /^\thelm\.sh\/helm\/v3 v(\S+)/m.exec(await readFile(file, "utf8"))?.[1];
	if (found === undefined) throw new Error(`cannot read ${file}: it does not name a version of helm.sh/helm/v3`);
	return found;
};

const cacheRoot = (environment: Environment): string =>
	environment["XDG_CACHE_HOME"] || join(environment["HOME"] || homedir(), ".cache");

const isExecutable = (path: string): Promise<boolean> =>
	access(path, constants.X_OK).then(
		() => true,
		() => false,
	);

const stamps = (version: string): string[] => [
	`helm.sh/helm/v3/internal/version.version=v${version}`,
	...["chartutil", "lint/rules"].flatMap((package_) => [
		`helm.sh/helm/v3/pkg/${package_}.k8sVersionMajor=${KUBERNETES.major}`,
		`helm.sh/helm/v3/pkg/${package_}.k8sVersionMinor=${KUBERNETES.minor}`,
	]),
];

const build = async (program: string, version: string, environment: Environment): Promise<void> => {
	const flags = ["-s", "-w", ...stamps(version).flatMap((stamp) => ["-X", stamp])].join(" ");
	const args = ["build", "-trimpath", "-ldflags", flags, "-o", program, "helm.sh/helm/v3/cmd/helm"];
	const { code, output } = await run("go", args, import.meta.dirname, {
		...environment,
		CGO_ENABLED: "0",
		GOWORK: "off",
	});
	if (code === 0) return;
	const advice = "Go 1.26 or newer is needed: https://go.dev/dl";
	throw new Error(`cannot build helm (${advice}): ${output.trim().split("\n").slice(-15).join("\n")}`);
};

// For `make helm`: several tests that begin at once would each build it.
if (import.meta.main) console.log(await helmBinary(process.env, console.log));
