import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

// A machine that has little, a Go that builds fakes, and a mirror that has fake programs of the control plane.

const ROOT = join(import.meta.dirname, "../..");

export interface Machine {
	readonly folder: string;
	readonly environment: Readonly<Record<string, string>>;
	/** Writes an executable script below the folder, and returns its path. */
	script(path: string, text: string): string;
	/** A Go of a version; it writes down what it builds, and fails for what the pattern of `case` fits. */
	installGo(version?: string, broken?: string): void;
	/** The packages that Go was asked to build, each with CGO_ENABLED. */
	builds(): string[];
	/** The names in the cache, hidden ones too, and the folder's own. */
	cached(): { readonly version: string; readonly names: string[] };
	/** Runs a TypeScript program of ours in a process of its own. */
	run(
		args: readonly string[],
		more?: Readonly<Record<string, string>>,
	): Promise<{ code: number; stdout: string; stderr: string }>;
	remove(): void;
}

export const machine = (): Machine => {
	const folder = mkdtempSync(join(tmpdir(), "prism-test-"));
	const bin = join(folder, "bin");
	const cache = join(folder, "cache");
	const environment = { PATH: bin, XDG_CACHE_HOME: cache, HOME: folder };
	const script = (path: string, text: string) => {
		const file = join(folder, path);
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, `#!/bin/sh\n${text}\n`);
		chmodSync(file, 0o755);
		return file;
	};
	// Scripts, not links: a test may replace them.
	for (const tool of ["tar", "gzip", "chmod"]) {
		const real = execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim();
		script(`bin/${tool}`, `exec ${real} "$@"`);
	}
	return {
		folder,
		environment,
		script,
		installGo(version = "1.99.0", broken = "nothing") {
			script(
				"bin/go",
				`[ "$1" = env ] && { echo "go: warning: a go.mod is ignored" >&2; echo go${version}; exit; }
out=""; while [ $# -gt 0 ]; do [ "$1" = -o ] && out="$2"; last="$1"; shift; done
echo "$last $CGO_ENABLED" >> ${folder}/builds
echo half > "$out"; chmod +x "$out"
case "$last" in ${broken}) echo it broke >&2; exit 1;; esac`,
			);
		},
		builds: () => readFileSync(join(folder, "builds"), "utf8").trim().split("\n"),
		cached() {
			const root = join(cache, "prism-operator", "control-plane");
			const [version = ""] = readdirSync(root);
			return { version, names: readdirSync(join(root, version)).toSorted() };
		},
		run: (args, more = {}) =>
			new Promise((resolve) => {
				const options = { cwd: ROOT, env: { ...environment, ...more } };
				execFile(process.execPath, args, options, (error, stdout, stderr) => {
					resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : 1, stdout, stderr });
				});
			}),
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
};

export const PROGRAMS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"];

export interface Mirror {
	readonly url: string;
	/** Paths that were asked for. */
	readonly asked: string[];
	close(): void;
}

/** Answers in place of the mirror when it returns true. */
export type Fault = (...[request, response]: Parameters<RequestListener>) => boolean;

const contentOf = (tool: string) => Buffer.from(`#!/bin/sh\necho official ${tool}\n`);
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

/** Has everything below /mirrored, and once more below /moved/mirrored. */
export const startMirror = async (fault: Fault = () => false): Promise<Mirror> => {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		const path = request.url ?? "";
		asked.push(path);
		if (fault(request, response)) return;
		const content = published(path);
		if (content === undefined) response.writeHead(404).end();
		else response.writeHead(200, { "content-length": content.length }).end(content);
	});
	const port = await listening(server);
	return {
		url: `http://127.0.0.1:${port}/mirrored/`,
		asked,
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	};
};

export const listening = (server: Server): Promise<number> =>
	new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));

const published = (path: string): Buffer | undefined => {
	const kubernetes = /^(?:\/moved)?\/mirrored\/dl\.k8s\.io\/v1\.\d+\.\d+\/bin\/\w+\/\w+\/([\w-]+?)(\.sha256)?$/.exec(
		path,
	);
	if (kubernetes !== null) {
		const content = contentOf(kubernetes[1] ?? "");
		return kubernetes[2] === undefined ? content : Buffer.from(sha256(content));
	}
	const etcd = /^(?:\/moved)?\/mirrored\/github\.com\/etcd-io\/etcd\/releases\/download\/v([\d.]+)\/(.+)$/.exec(path);
	if (etcd === null) return undefined;
	const [, version = "", file = ""] = etcd;
	if (file !== "SHA256SUMS") return archive(file);
	const names = ["linux-amd64.tar.gz", "linux-arm64.tar.gz", "darwin-arm64.zip"].map(
		(end) => `etcd-v${version}-${end}`,
	);
	return Buffer.from(names.map((name) => `${sha256(archive(name))}  ${name}\n`).join(""));
};

const archives = new Map<string, Buffer>();

/** Made once: a second one has other times in it, and so another checksum. What is called zip is gzip, too: GNU tar unpacks it. */
const archive = (file: string): Buffer => {
	const made = archives.get(file);
	if (made !== undefined) return made;
	const folder = mkdtempSync(join(tmpdir(), "prism-test-"));
	const name = file.replace(/\.(tar\.gz|zip)$/, "");
	mkdirSync(join(folder, name));
	writeFileSync(join(folder, name, "etcd"), contentOf("etcd"));
	writeFileSync(join(folder, name, "README.md"), "not wanted");
	const bytes = execFileSync("tar", ["-cz", "-C", folder, name]);
	rmSync(folder, { recursive: true });
	archives.set(file, bytes);
	return bytes;
};
