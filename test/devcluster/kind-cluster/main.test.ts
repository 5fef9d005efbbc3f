import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { folder, program } from "../kind/programs.ts";

// Each test starts processes, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 90_000 });

// The plan carried out, by programs on the PATH that write down how they were called.

const MAIN = join(import.meta.dirname, "../../../devcluster/kind-cluster/main.ts");

interface Machine {
	readonly environment: Record<string, string>;
	readonly calls: () => string[];
}

/** A machine with these programs, each a script; by default all of them, and all content. */
const machine = (scripts: Readonly<Record<string, string | undefined>> = {}): Machine => {
	const bin = folder();
	const log = join(bin, "calls");
	const all = {
		docker: "",
		helm: "",
		kubectl: "",
		kind: '[ "$1" = version ] && echo "kind v0.33.0 go1.26.1 linux/amd64"',
		...scripts,
	};
	for (const [name, script] of Object.entries(all))
		if (script !== undefined)
			program(bin, name, `[ "$1" = version ] || echo "${name} $*" >> ${log}\n${script}\nexit 0`);
	return {
		environment: { PATH: `${bin}:/usr/bin:/bin`, HOME: bin, XDG_CACHE_HOME: bin },
		calls: () => readFileSync(log, "utf8").trim().split("\n"),
	};
};

const run = (command: string, environment: Record<string, string>) =>
	promisify(execFile)(process.execPath, [MAIN, command], { env: environment }).then(
		({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
		(error: { code: number; stdout: string; stderr: string }) => error,
	);

describe("make kind-up", () => {
	it("walks through the plan, says how far it is, and what is next", async () => {
		const { environment, calls } = machine();
		const { code, stdout, stderr } = await run("up", environment);
		expect(stderr).toBe("");
		expect(code).toBe(0);
		expect(calls().map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
			"docker info --format",
			"kind get clusters",
			"kind create cluster",
			"docker build --tag",
			"docker build --target",
			"kind load docker-image",
			"kind load docker-image",
			"helm upgrade --install",
			"kubectl --context kind-prism-dev",
			"kubectl --context kind-prism-dev",
			"kubectl --context kind-prism-dev",
			"kubectl --context kind-prism-dev",
		]);
		expect(stdout).toContain("[1/11] reach Docker\n");
		expect(stdout).toContain("[11/11] wait until all of it is Ready\n");
		expect(stdout).toMatch(/Ready\. Next:\n {2}kubectl --context kind-prism-dev get prism --all-namespaces\n/);
	});

	it("keeps a cluster that is there", async () => {
		const kind = '[ "$1" = version ] && echo "kind v0.33.0"\n[ "$1" = get ] && printf "other\\nprism-dev\\n"';
		const { environment, calls } = machine({ kind });
		const { stdout } = await run("up", environment);
		expect(stdout).toContain("[2/11] create the cluster prism-dev: done already\n");
		expect(calls().some((line) => line.startsWith("kind create"))).toBe(false);
	});

	it("takes names from the environment", async () => {
		const { environment, calls } = machine();
		await run("up", {
			...environment,
			KIND_CLUSTER: "x",
			IMG: "i:1",
			SAMPLE: "a.yaml b.yaml",
			LOAD: "p:1",
			TIMEOUT: "7",
		});
		expect(calls()).toContain("docker build --tag i:1 .");
		expect(calls()).toContain("kind load docker-image p:1 --name x");
		expect(calls().at(-1)).toBe(
			"kubectl --context kind-x wait --for=condition=Ready --timeout=7s --filename a.yaml --filename b.yaml",
		);
	});

	it("does nothing and says what to do when programs are missing", async () => {
		const { environment } = machine({ docker: undefined, kind: undefined, helm: undefined });
		const { code, stdout, stderr } = await run("up", {
			...environment,
			PATH: environment["PATH"]?.split(":")[0] ?? "",
		});
		expect(code).toBe(1);
		expect(stdout).toBe("");
		expect(stderr).toContain("docker is missing: install Docker, https://docs.docker.com/get-docker");
		expect(stderr).toContain("helm is missing: install Helm 3.17 or newer");
		expect(stderr).toContain("go install sigs.k8s.io/kind@v");
		expect(stderr).not.toContain("kubectl is missing");
	});

	it("stops where something fails, with the cause, the code and what to do", async () => {
		const { environment, calls } = machine({ docker: 'echo "Cannot connect to the Docker daemon" >&2; exit 1' });
		const { code, stderr } = await run("up", environment);
		expect(code).toBe(1);
		expect(stderr).toBe(
			"Cannot connect to the Docker daemon\ncannot reach Docker: docker ended with code 1\nstart Docker, or let your user talk to it\n",
		);
		expect(calls()).toEqual(["docker info --format {{.ServerVersion}}"]);
	});

	it("shows what there is when the samples don't become Ready", async () => {
		const { environment, calls } = machine({ kubectl: 'case "$*" in *" wait "*) exit 1;; esac' });
		const { code, stderr } = await run("up", environment);
		expect(code).toBe(1);
		expect(calls().at(-1)).toBe("kubectl --context kind-prism-dev get prism,pods --all-namespaces");
		expect(stderr).toContain("cannot wait until all of it is Ready: kubectl ended with code 1\n");
		expect(stderr).toContain("LOAD=");
	});
});

it("make kind-down deletes that cluster, and needs nothing but kind", async () => {
	const { environment, calls } = machine({ docker: undefined, helm: undefined, kubectl: undefined });
	const { code } = await run("down", environment);
	expect(code).toBe(0);
	expect(calls()).toEqual(["kind delete cluster --name prism-dev"]);
});
