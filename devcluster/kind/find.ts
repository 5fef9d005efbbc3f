import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

// Where the kind of sigs.k8s.io/kind is on this machine. npm has a package of that name too, which is something else; so
// a program that is only found on the PATH has to report its name.

export type FindEnvironment = Readonly<Record<string, string | undefined>>;

/** The version that is suggested to a user who has none, and that `make kind-program` installs. */
export const VERSION = "v0.33.0";

/** Path of the program, or why there is none: a text of several lines, with what to do. */
export type FoundProgram = { readonly program: string } | { readonly missing: string };

/** Looks in KIND, on the PATH (passing `self` by), in our cache, and where `go install` puts programs. */
export const findKind = async (environment: FindEnvironment, self?: string): Promise<FoundProgram> => {
	const named = environment["KIND"];
	if (named !== undefined && named !== "") {
		const fault = !(await isExecutable(named))
			? "not a program"
			: (await isSame(named, self)) && "what looks for kind, and would find itself";
		if (fault === false) return { program: named };
		return { missing: `cannot run kind: KIND is ${named}, which is ${fault}. Correct it, or unset it` };
	}
	const folders = [...pathOf(environment), cacheFolder(environment), ...goFolders(environment)];
	for (const folder of folders) {
		const program = join(folder, "kind");
		if ((await isExecutable(program)) && !(await isSame(program, self)) && (await isKind(program))) return { program };
	}
	return { missing: missing(environment) };
};

const pathOf = (environment: FindEnvironment): string[] => (environment["PATH"] ?? "").split(delimiter).filter(Boolean);

const homeOf = (environment: FindEnvironment): string => environment["HOME"] || homedir();

const cacheFolder = (environment: FindEnvironment): string =>
	join(environment["XDG_CACHE_HOME"] || join(homeOf(environment), ".cache"), "prism-operator", "kind");

/** As Go decides: GOBIN, else bin below each folder of GOPATH, which is ~/go unless it is set. */
const goFolders = (environment: FindEnvironment): string[] => {
	const bin = environment["GOBIN"];
	const path = environment["GOPATH"] || join(homeOf(environment), "go");
	return [...(bin ? [bin] : []), ...path.split(delimiter).map((folder) => join(folder, "bin"))];
};

const isExecutable = (path: string): Promise<boolean> =>
	access(path, constants.X_OK).then(
		() => true,
		() => false,
	);

const isSame = async (program: string, self: string | undefined): Promise<boolean> =>
	self !== undefined && (await realpath(program)) === (await realpath(self));

/** "kind v0.33.0 go1.26.1 linux/amd64" is what it calls itself. */
const isKind = (program: string): Promise<boolean> =>
	promisify(execFile)(program, ["version"], { timeout: 30_000 }).then(
		({ stdout }) => /^kind v\d/.test(stdout),
		() => false,
	);

const missing = (environment: FindEnvironment): string =>
	[
		"cannot run kind: it is not installed. Looked on the PATH, in",
		...[cacheFolder(environment), ...goFolders(environment)].map((folder) => `  ${folder}`),
		"Install it in one of these ways, or name it in KIND:",
		`  go install sigs.k8s.io/kind@${VERSION}`,
		"  brew install kind",
		"  https://kind.sigs.k8s.io/docs/user/quick-start/#installation",
		"It needs a container engine too: docker, podman or nerdctl.",
	].join("\n");
