import { execFile, spawn } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { findKind } from "../../../devcluster/kind/find.ts";
import { folder, KIND, program } from "./programs.ts";

// Each test starts processes, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 90_000 });

const containing = (text: string): unknown => expect.stringContaining(text);

const MAIN = join(import.meta.dirname, "../../../devcluster/kind/main.ts");

describe("kind is found", () => {
	it("where KIND says, before all else", async () => {
		const [named, path] = [program(folder(), "mine", KIND), folder()];
		program(path, "kind", KIND);
		expect(await findKind({ KIND: named, PATH: path, HOME: folder() })).toEqual({ program: named });
	});

	it("on the PATH, but not this wrapper, nor a program that is another kind", async () => {
		const [wrapper, other, real] = [folder(), folder(), folder()];
		symlinkSync(MAIN, join(wrapper, "kind"));
		program(other, "kind", "echo 2.0.1");
		const expected = program(real, "kind", KIND);
		const environment = { PATH: [wrapper, other, real, "/usr/bin", "/bin"].join(":"), HOME: folder() };
		expect(await findKind(environment, MAIN)).toEqual({ program: expected });
	});

	it("in the cache, in GOBIN, in GOPATH, and in ~/go, in this order", async () => {
		const home = folder();
		const places = [
			["home/.cache/prism-operator/kind", {}],
			["gobin", { GOBIN: join(home, "gobin") }],
			["gopath/bin", { GOPATH: join(home, "gopath") }],
			["home/go/bin", {}],
		] as const;
		const environment = { HOME: join(home, "home"), PATH: folder() };
		const programs = places.map(([place]) => program(join(home, place), "kind", KIND));
		for (const [index, [, more]] of places.entries()) {
			if (index === 3) continue;
			const HOME = index === 0 ? environment.HOME : folder();
			expect(await findKind({ ...environment, HOME, ...more })).toEqual({ program: programs[index] });
		}
		const elsewhere = { ...environment, XDG_CACHE_HOME: folder() };
		expect(await findKind(elsewhere)).toEqual({ program: programs[3] });
	});
});

describe("a kind that is missing", () => {
	it("is told with every place that was looked at, and what to do", async () => {
		const found = await findKind({ HOME: "/nowhere", PATH: "/nowhere/bin", GOPATH: "/nowhere/a:/nowhere/b" });
		const missing = "missing" in found ? found.missing : "";
		expect(missing).toMatch(
			/not installed(.|\n)*\/nowhere\/\.cache\/prism-operator\/kind\n {2}\/nowhere\/a\/bin\n {2}\/nowhere\/b\/bin/,
		);
		for (const way of ["go install sigs.k8s.io/kind@v", "brew install kind", "docker"]) expect(missing).toContain(way);
		expect(missing.split("\n").filter((line) => line.length > 80)).toEqual([]);
	});

	it("is told of KIND itself when that is wrong, whatever else there is", async () => {
		const path = folder();
		program(path, "kind", KIND);
		expect(await findKind({ KIND: "/nowhere/kind", PATH: path })).toEqual({
			missing: "cannot run kind: KIND is /nowhere/kind, which is not a program. Correct it, or unset it",
		});
	});
});

it("is not looked for in a circle", async () => {
	const wrapper = join(folder(), "kind");
	symlinkSync(MAIN, wrapper);
	expect(await findKind({ KIND: wrapper, PATH: "/bin" }, MAIN)).toEqual({
		missing: containing("which is what looks for kind, and would find itself"),
	});
});

describe("the wrapper", () => {
	const run = (environment: NodeJS.ProcessEnv, ...args: string[]) =>
		promisify(execFile)(process.execPath, [MAIN, ...args], { env: environment });

	it("hands on arguments, output and code", async () => {
		const kind = program(folder(), "kind", 'printf "[%s]" "$@"; exit 7');
		await expect(run({ KIND: kind }, "load", "docker-image", "a b")).rejects.toMatchObject({
			code: 7,
			stdout: "[load][docker-image][a b]",
		});
	});

	it("ends with 1 and says what to do when there is none", async () => {
		await expect(run({ HOME: folder(), PATH: folder() }, "version")).rejects.toMatchObject({
			code: 1,
			stderr: containing("go install"),
		});
	});

	it("hands on a signal, and ends as kind does", async () => {
		const kind = program(folder(), "kind", "trap 'exit 42' TERM; echo up; while :; do sleep 0.1; done");
		const child = spawn(process.execPath, [MAIN, "create"], {
			env: { KIND: kind },
			stdio: ["ignore", "pipe", "inherit"],
		});
		await new Promise((resolve) => child.stdout.once("data", resolve));
		child.kill("SIGTERM");
		expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(42);
	});
});
