import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

// The commands as a user calls them: exit codes, what goes to which stream, and what an error says.

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "prism-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const operator = (args: readonly string[], options: { input?: string; env?: Record<string, string> } = {}) => {
	const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "cli/main.ts"), ...args], {
		encoding: "utf8",
		input: options.input ?? "",
		env: { PATH: process.env["PATH"] ?? "", ...options.env },
	});
	return { status, stdout, stderr };
};

const file = (name: string, text: string): string => {
	const path = join(folder, name);
	writeFileSync(path, text);
	return path;
};

const good = `apiVersion: prism.io/v1alpha1
kind: PrismStack
metadata: { name: good }
spec: {}
`;
const bad = `apiVersion: prism.io/v1alpha1
kind: PrismStack
metadata: { name: bad }
spec:
  proxy: { port: grpc, prot: 1 }
---
apiVersion: prism.io/v1alpha1
kind: BackendConfig
metadata: { name: cache }
spec: { type: cache, provider: redis }
`;

describe("validate", () => {
	it("accepts a good file and says how much it looked at", () => {
		const { status, stdout, stderr } = operator(["validate", "-f", file("good.yaml", good)]);
		expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
		expect(stderr).toBe("1 object checked, 0 errors, 0 warnings\n");
	});

	it("names file, object and field of every problem of every file at once", () => {
		const path = file("bad.yaml", bad);
		const { status, stdout } = operator(["validate", "-f", path, "-f", file("good2.yaml", good)]);
		expect(status).toBe(1);
		expect(stdout.split("\n")).toEqual([
			`${path}:5:12: error: PrismStack bad: spec.proxy.port: expected integer, got "grpc"`,
			`${path}:5:24: error: PrismStack bad: spec.proxy.prot: unknown field`,
			`${path}:10:1: error: BackendConfig cache: spec.connection: connection.url or connection.secretRef is needed: only a provider without an address, such as memstore, does without both`,
			"",
		]);
	});

	it("reads standard input", () => {
		expect(operator(["validate", "-f", "-"], { input: bad }).stdout).toContain(
			"standard input:5:12: error: PrismStack bad",
		);
	});

	it("goes on with the other files when one is no YAML, and says where it breaks", () => {
		const broken = file("broken.yaml", "a: [1");
		const { status, stdout } = operator(["validate", "-f", broken, file("bad2.yaml", bad)]);
		expect(status).toBe(1);
		expect(stdout).toMatch(/broken\.yaml:1:\d+: error: cannot parse/);
		expect(stdout).toContain("BackendConfig cache");
	});

	it("takes a folder for the manifests in it", () => {
		const inner = join(folder, "manifests");
		mkdirSync(join(inner, "deeper"), { recursive: true });
		writeFileSync(join(inner, "a.yaml"), good);
		writeFileSync(join(inner, "notes.txt"), "no manifest");
		writeFileSync(join(inner, "deeper/b.yml"), bad);
		expect(operator(["validate", "-f", inner])).toMatchObject({
			status: 0,
			stderr: "1 object checked, 0 errors, 0 warnings\n",
		});
		expect(operator(["validate", "-R", "-f", inner]).status).toBe(1);
		expect(operator(["validate", "-f", join(inner, "..", "manifests", "deeper")]).stdout).toContain("b.yml:5:");
		mkdirSync(join(folder, "empty"));
		expect(operator(["validate", "-f", join(folder, "empty")]).stderr).toContain(
			"it has no .yaml, .yml or .json files",
		);
	});

	it("has warnings that fail only where they are to", () => {
		const warned = file("warned.yaml", good.replace("spec: {}", "spec: { proxy: { image: 'prism-proxy:latest' } }"));
		const { status, stdout } = operator(["validate", "-f", warned]);
		expect(status).toBe(0);
		expect(stdout).toMatch(
			/:\d+:\d+: warning: PrismStack good: spec\.proxy\.image: Image prism-proxy:latest has no fixed version/,
		);
		expect(operator(["validate", "--strict", "-f", warned]).status).toBe(1);
		expect(JSON.parse(operator(["validate", "-o", "json", "-f", warned]).stdout)).toMatchObject({
			checked: 1,
			problems: [{ level: "warning" }],
		});
	});

	it.each([
		["a file that is not there", ["validate", "-f", join(folder, "none.yaml")], /cannot read .*none\.yaml/],
		["an unknown flag", ["validate", "--strickt", "-f", "x"], /unknown option '--strickt'/],
		["an unknown command", ["vaildate"], /unknown command 'vaildate'/],
		["no file", ["validate"], /required option '-f, --filename <file\.\.\.>' not specified/],
	])("says what is wrong with %s", (_, args, message) => {
		const { status, stderr } = operator(args);
		expect(status).toBe(1);
		expect(stderr).toMatch(message);
	});
});

describe("render", () => {
	it("prints the object with its status, then its children", () => {
		const { status, stdout } = operator(["render", "-f", file("good3.yaml", good), "--now", "2026-01-01T00:00:00Z"]);
		expect(status).toBe(0);
		expect([...stdout.matchAll(/^kind: (.*)$/gm)].map(([, kind]) => kind)).toEqual([
			"PrismStack",
			"Deployment",
			"Service",
			"ConfigMap",
			"PodDisruptionBudget",
			"Service",
			"PrismRoster",
		]);
	});

	it("takes the installation from the environment, and says what is wrong with it", () => {
		const args = ["render", "-f", file("good4.yaml", good)];
		expect(operator(args, { env: { PRISM_IMAGE_TAG: "v9" } }).stdout).toContain("ghcr.io/prism/prism-proxy:v9");
		const { status, stderr } = operator(args, { env: { PRISM_IMAGE_TAGG: "v9", PORT: "x" } });
		expect(status).toBe(1);
		expect(stderr).toContain("PRISM_IMAGE_TAGG");
		expect(stderr).toContain("PORT");
	});

	it("takes what instances would say from a file, and says what is wrong with that", () => {
		const stem = join(ROOT, "test/golden/shard-everything");
		const args = ["render", "-f", `${stem}.in.yaml`, "--observed", `${stem}.observed.yaml`, "--related"];
		args.push(`${stem}.related.yaml`, "--now", "2026-01-01T00:00:00Z", "--answers");
		expect(operator([...args, `${stem}.answers.yaml`]).stdout).toContain("reason: ShardReady");
		expect(operator([...args, file("none.yaml", "")]).stdout).toContain("prism-playback-live-0 does not answer");
		const { status, stderr } = operator([...args, file("odd.yaml", "prism-playback-live-0: { state: fine }")]);
		expect(status).toBe(1);
		expect(stderr).toMatch(/cannot read the answers in .*odd\.yaml: \/prism-playback-live-0/);
	});

	it("says when there is nothing to render", () => {
		const { status, stderr } = operator(["render", "-f", "-"], {
			input: "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n",
		});
		expect(status).toBe(1);
		expect(stderr).toContain("cannot render: no file has a Prism custom resource");
	});
});

describe("run", () => {
	it("drives the sample to Ready in memory, and exits 0", { timeout: 60_000 }, () => {
		const { status, stdout } = operator(["run", "--once", "--cluster", "memory"]);
		expect(stdout).toMatch(/PrismStack default\/prism-dev is Ready: StackReady/);
		expect(status).toBe(0);
	});

	it("exits non-zero with the reason when an object can't become Ready", { timeout: 60_000 }, () => {
		const backends = "[{ name: redis, type: cache, connectionString: 'redis://u:p@redis' }]";
		const stack = good.replace("spec: {}", `spec:\n  backends: ${backends}`);
		const { status, stdout } = operator(["run", "--once", "--cluster", "memory", "-f", file("inline.yaml", stack)]);
		expect(stdout).toMatch(
			/PrismStack default\/good is not Ready: BackendNotReady: BackendConfig good-redis: InlineCredentials/,
		);
		expect(status).toBe(1);
	});

	it("names the first cause with the way to it, down to a pod", { timeout: 60_000 }, () => {
		const stack = good.replace("spec: {}", "spec:\n  proxy:\n    image: ghcr.io/prism/prism-proxy:broken");
		const { status, stdout } = operator(
			["run", "--once", "--cluster", "memory", "--timeout", "20"].concat("-f", file("broken.yaml", stack)),
		);
		expect(stdout).toMatch(
			/PrismStack good +\S+.*\n.*└─ Deployment good-proxy .*\n.*└─ Pod good-proxy-\S+ +\S*ImagePull/,
		);
		expect(stdout).toMatch(/Cause +.*prism-proxy:broken/);
		expect(stdout).not.toContain("kubectl describe");
		expect(status).toBe(1);
	});

	it("does not touch the current cluster without a yes", () => {
		const kubeconfig = `apiVersion: v1
kind: Config
current-context: production
contexts: [{ name: production, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: u, user: { token: t } }]
`;
		const env = { KUBECONFIG: file("kubeconfig", kubeconfig) };
		const { status, stderr } = operator(["run", "--cluster", "current"], { env });
		expect(status).toBe(1);
		expect(stderr).toBe('cannot run: the cluster of context "production" was not changed: answer y, or set --yes\n');
	});

	it("says what is missing when the current cluster can't be told", () => {
		const { status, stderr } = operator(["run", "--cluster", "current"], { env: { KUBECONFIG: join(folder, "none") } });
		expect(status).toBe(1);
		expect(stderr).toContain("cannot run:");
	});
});
