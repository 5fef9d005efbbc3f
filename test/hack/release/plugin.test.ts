import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { executableOf, type Platform, writeExecutables } from "../../../hack/release/plugin.ts";
import { program } from "../../devcluster/kind/programs.ts";
import { describeWith } from "../../needs.ts";
import { machO } from "./mach-o.ts";

// Programs with their own Node, made by an npm that has another Node: a script that copies what it is told to put together.

let home: string;
beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), "prism-executables-"));
	vi.stubEnv("PATH", `${home}:${process.env["PATH"] ?? ""}`);
});
afterEach(() => {
	vi.unstubAllEnvs();
	rmSync(home, { recursive: true, force: true });
});

/** A Node of which `--build-sea` writes a program: of macOS what is in the file, otherwise a script that notes its arguments. */
const fakeNode = (ending = "") => {
	const node = program(
		join(home, "package/bin"),
		"node",
		`output=$(sed 's/.*"output":"\\([^"]*\\)".*/\\1/' sea.json)
		case $output in
			*darwin*) cp ${home}/mach-o "$output";;
			*) printf '#!/bin/sh\\necho "$*" >> ${home}/started\\n${ending}\\n' > "$output";;
		esac
		cat kubectl-prism >> ${home}/scripts`,
	);
	program(home, "npm", `echo "$*" >> ${home}/asked; tar -czf "$4/$(echo "$5" | tr @ -).tgz" -C ${home} package`);
	writeFileSync(join(home, "mach-o"), machO());
	return createHash("sha256").update(readFileSync(node)).digest("hex");
};

const arch = process.arch === "arm64" ? "arm64" : "amd64";
const platforms = (sha256: string): Platform[] => [
	{ os: "linux", arch, node: "node-own", sha256 },
	{ os: "darwin", arch: "arm64", node: "node-mac", sha256 },
];

const write = async (listed: readonly Platform[]): Promise<string> => {
	const folder = join(home, "out");
	mkdirSync(folder);
	writeFileSync(join(home, "script"), "the script\n");
	await writeExecutables(join(home, "script"), folder, () => {}, listed);
	return folder;
};

const LINUX = { what: "Linux", how: "a machine with Linux", isMet: process.platform === "linux" };

describeWith(LINUX, "programs with their own Node", () => {
	it("are made of each platform's Node and the script; the machine's own is started, and macOS' is signed", async () => {
		const listed = platforms(fakeNode());
		const folder = await write(listed);
		const packages = readFileSync(join(home, "asked"), "utf8").trim().split("\n");
		expect(
			packages.map((line) =>
				line
					.split(" ")
					.at(-1)
					?.replace(/@\d+\.\d+\.\d+$/, ""),
			),
		).toEqual(["node-own", "node-mac"]);
		expect(readFileSync(join(home, "scripts"), "utf8")).toBe("the script\nthe script\n");
		expect(readFileSync(join(home, "started"), "utf8")).toBe("--version\n");
		const [own, mac] = listed.map((platform) => readFileSync(join(folder, executableOf(platform))));
		expect(own?.toString()).toContain("#!/bin/sh");
		expect(mac?.readUInt32LE(16)).toBe(machO().readUInt32LE(16) + 1);
	});

	it("are not made of a Node that is not the one that was looked at", async () => {
		const sha256 = fakeNode();
		await expect(write(platforms("0".repeat(64)))).rejects.toThrow(`is ${sha256}, and ${"0".repeat(64)} is expected`);
		expect(existsSync(join(home, "scripts"))).toBe(false);
	});

	it("are not released when the machine's own does not start", async () => {
		await expect(write(platforms(fakeNode("exit 3")))).rejects.toThrow(/cannot run .*kubectl-prism-linux-.* --version/);
	});
});
