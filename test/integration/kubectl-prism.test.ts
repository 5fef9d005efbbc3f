import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { dump } from "js-yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ControlPlane } from "../../devcluster/control-plane/control-plane.ts";
import { METACONTROLLER_CRDS } from "../../devcluster/metacontroller/crds.ts";
import { onceServed } from "../../devcluster/retry-until-served.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { controllerObject } from "../../kube/controllers.ts";
import { valueAt } from "../../kube/object.ts";
import { widthOf } from "../../plugin/text/paint.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { LOCAL_CONTEXT } from "../../schemas/installation.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT, startTestCluster, testBinaries } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, installKinds } from "./installed.ts";
import { LINES, type Line, startLine } from "./line.ts";

// `kubectl prism` as a person calls it: kubectl finds it on the PATH, and it talks to a real API server by kubectl.

const BIN = join(import.meta.dirname, "../../bin");
const folder = mkdtempSync(join(tmpdir(), "prism-plugin-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each command is two or more processes, and a machine that builds this may be busy. */
const TIMEOUT = 300_000;

interface Outcome {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** A folder with kubectl and links to the plugin and its completion, as an installation has them. */
const pathWith = async (): Promise<string> => {
	for (const name of ["kubectl-prism", "kubectl_complete-prism"]) {
		try {
			symlinkSync(join(BIN, name), join(folder, name));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		}
	}
	const { kubectl } = await testBinaries();
	return [folder, dirname(kubectl), process.env["PATH"] ?? ""].join(delimiter);
};

const kubectlIn = async (
	kubeconfig: string,
	args: readonly string[],
	environment: Record<string, string> = {},
): Promise<Outcome> => {
	const { kubectl } = await testBinaries();
	const env = { PATH: await pathWith(), HOME: folder, KUBECONFIG: kubeconfig, COLUMNS: "80", ...environment };
	return new Promise((resolve) => {
		execFile(kubectl, args, { env, cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
			const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
			resolve({ code, stdout, stderr });
		});
	});
};

/** A kubeconfig for the same cluster by another name: what make run starts is known by its own. */
const elsewhere = (kubeconfig: string): string => {
	const path = join(folder, "elsewhere");
	writeFileSync(path, readFileSync(kubeconfig, "utf8").replaceAll(LOCAL_CONTEXT, "elsewhere"));
	return path;
};

const file = (name: string, object: unknown): string => {
	const path = join(folder, name);
	writeFileSync(path, dump(object));
	return path;
};

const shop = (image: string, replicas = 1): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismStack",
	metadata: { name: "shop", namespace: "default" },
	spec: {
		proxy: { replicas },
		patterns: [{ name: "orders", type: "keyvalue", backend: "memstore", image }],
		namespaces: [{ name: "acme", namespaceId: "tenant-acme" }],
	},
});
const GOOD = "ghcr.io/prism/keyvalue-runner:v1.0.0";
const BROKEN = "ghcr.io/prism/keyvalue-runner:broken";

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.each(LINES.filter(({ name }) => name === "local"))("kubectl prism: $line", (options) => {
	let line: Line;
	let kubeconfig = "";
	const prism = (...args: readonly string[]) => kubectlIn(kubeconfig, ["prism", ...args]);

	beforeAll(async () => {
		line = await startLine(options);
		kubeconfig = line.cluster.kubeconfig ?? "";
		await line.apply(shop(GOOD));
		await line.untilReady("PrismStack", "shop");
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	it("says that all is well, from a link on the PATH", { timeout: TIMEOUT }, async () => {
		const { code, stdout, stderr } = await prism("status");
		expect(stderr).toBe("");
		expect(stdout).toMatch(/^✔ all is ready in namespace default: \d+ objects/);
		expect(stdout).toMatch(/PrismStack +1\/1 ready +shop/);
		expect(code).toBe(0);
		expect(await prism("status", "-A", "shop")).toMatchObject({ code: 0 });
		expect(JSON.parse((await prism("status", "-o", "json")).stdout)).toMatchObject({ ready: true });
	});

	it("colours where it is told to, and nowhere else", { timeout: TIMEOUT }, async () => {
		expect((await kubectlIn(kubeconfig, ["prism", "status"], { FORCE_COLOR: "1" })).stdout).toContain("\u001b[32m✔");
		expect(
			(await kubectlIn(kubeconfig, ["prism", "status"], { FORCE_COLOR: "1", NO_COLOR: "1" })).stdout,
		).not.toContain("\u001b");
	});

	it("shows the tree down to the pods, in every form", { timeout: TIMEOUT }, async () => {
		const { code, stdout } = await prism("tree", "shop");
		expect(code).toBe(0);
		expect(stdout).toMatch(/^✔ PrismStack shop {2}Ready/);
		expect(stdout).toMatch(/├─ ✔ Deployment shop-proxy {2}1\/1 available\n│ {2}└─ ✔ Pod shop-proxy-/);
		expect(stdout.split("\n").filter((text) => widthOf(text) > 80)).toEqual([]);
		expect((await prism("tree", "-o", "wide")).stdout).toContain("ReplicaSet shop-proxy-");
		expect(JSON.parse((await prism("tree", "-o", "json")).stdout)).toMatchObject([
			{ kind: "PrismStack", name: "shop" },
		]);
		expect((await prism("tree", "-o", "dot")).stdout).toMatch(/^digraph prism \{/);
		expect((await prism("tree", "-o", "mermaid")).stdout).toMatch(/^flowchart LR\n/);
	});

	it("tells where a tenant is", { timeout: TIMEOUT }, async () => {
		const { code, stdout } = await prism("where", "tenant-acme");
		expect(code).toBe(0);
		expect(stdout).toMatch(/^✔ tenant-acme: PrismNamespace default\/shop-acme, Ready/);
		expect(stdout).toMatch(/Active for \w+ on PrismStack default\/shop; it is ready/);
		expect(stdout).toMatch(/✔ shop-proxy-\S+ +ready +applied, verified/);
		const unknown = await prism("where", "nobody");
		expect(unknown).toMatchObject({ code: 1, stdout: "" });
		expect(unknown.stderr).toContain('cannot find a PrismNamespace with the identifier "nobody"');
	});

	it("tells what a control plane can't verify", { timeout: TIMEOUT }, async () => {
		const namespace = "planes";
		const applied = readManifests(join(import.meta.dirname, "../../samples/tenants-admin.yaml")).map(({ object }) => ({
			...object,
			metadata: { ...object.metadata, namespace },
		}));
		for (const object of applied) await line.apply(object);
		for (const { kind, metadata } of applied) await line.untilReady(kind, metadata.name, namespace);
		const where = await prism("where", "globex-prod", "-n", namespace);
		expect(where.code).toBe(0);
		expect(where.stdout).toMatch(/^✔ globex-prod: PrismNamespace planes\/tenant-globex, Ready/);
		expect(where.stdout).toMatch(/provisioned by the stack's admin control plane/);
		expect(where.stdout).toMatch(/✔ store-admin +control plane +accepted, can't be verified/);
		const all = await prism("status", "-n", namespace);
		expect(all.code).toBe(0);
		expect(all.stdout).toMatch(/^✔ all is ready in namespace planes: \d+ objects/);
		const got = await kubectlIn(kubeconfig, ["get", "pns", "tenant-globex", "-n", namespace]);
		expect(got.stdout).toMatch(/ True +Unverified /);
		for (const { kind, metadata } of applied.toReversed())
			await line.cluster.store.delete(await line.resource(kind), namespace, metadata.name);
		await eventually(() => expect(line.get("PrismStack", "store", namespace)).rejects.toThrow("is not there"), 60);
		await eventually(
			() => expect(line.get("PrismNamespace", "tenant-globex", namespace)).rejects.toThrow("is not there"),
			60,
		);
	});

	it("compares a file with the cluster", { timeout: TIMEOUT }, async () => {
		const same = await prism("diff", "-f", file("same.yaml", shop(GOOD)), "--exit-code");
		expect(same).toMatchObject({ code: 0, stdout: "nothing would change\n" });
		const { code, stdout } = await prism(
			"diff",
			"-f",
			file("changed.yaml", shop("ghcr.io/prism/keyvalue-runner:v1.1.0", 2)),
			"--exit-code",
		);
		expect(code).toBe(2);
		expect(stdout).toMatch(/~ Deployment default\/shop-proxy\n {6}1 → 2 replicas/);
		expect(stdout).toMatch(/~ Deployment default\/orders\n {6}its pods are replaced/);
		expect(stdout).toContain(
			"-        image: ghcr.io/prism/keyvalue-runner:v1.0.0\n+        image: ghcr.io/prism/keyvalue-runner:v1.1.0",
		);
		expect(valueAt(await line.get("PrismStack", "shop"), "spec", "proxy", "replicas")).toBe(1);
		const wrong = await prism("diff", "-f", file("wrong.yaml", { ...shop(GOOD), spec: { prxy: {} } }));
		expect(wrong.code).toBe(1);
		expect(wrong.stderr).toContain("spec.prxy: unknown field");
	});

	it("compares a file with an object that is not there yet", { timeout: TIMEOUT }, async () => {
		const fresh = { ...shop(GOOD), metadata: { name: "fresh", namespace: "default" } };
		const { code, stdout } = await prism("diff", "-f", file("fresh.yaml", fresh));
		expect(code).toBe(0);
		expect(stdout).toMatch(/^\d+ created/);
		// The other stack has a pattern of that name already.
		expect(stdout.replaceAll(/\s+/g, " ")).toContain(
			"! PatternRunner default/orders an object of this name has another owner",
		);
	});

	it("pauses, resumes and restarts", { timeout: TIMEOUT }, async () => {
		const paused = await prism("pause", "prismstack/shop");
		expect(paused.code).toBe(0);
		expect(paused.stdout.replaceAll(/\s+/g, " ")).toContain("not paused with it: ");
		await eventually(async () =>
			expect(conditionOf(await line.get("PrismStack", "shop"), "Paused")?.status).toBe("True"),
		);
		expect((await prism("status")).stdout).toContain("‖ PrismStack shop is paused");
		expect((await prism("pause", "shop")).stdout).toContain("is already paused");
		expect((await prism("resume", "shop")).stdout).toContain("is resumed");
		await eventually(async () => expect(conditionOf(await line.get("PrismStack", "shop"), "Paused")).toBeUndefined());
		expect((await prism("resume", "shop")).stdout).toContain("is not paused");
		expect((await prism("restart", "prismstack", "shop")).code).toBe(0);
		expect((await line.get("PrismStack", "shop")).metadata.annotations?.["prism.io/restartedAt"]).toMatch(
			/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
		);
		const refused = await prism("restart", "prismnamespace/shop-acme");
		expect(refused).toMatchObject({ code: 1 });
		expect(refused.stderr).toContain("only PrismStack, PatternRunner, PrismShard have pods");
		await line.untilReady("PrismStack", "shop");
	});

	it("finds the pod that keeps a stack from being ready, says so everywhere, and reports it", {
		timeout: TIMEOUT,
	}, async () => {
		await line.apply(shop(BROKEN));
		await eventually(async () =>
			expect(conditionOf(await line.get("PatternRunner", "orders"), "Ready")?.status).toBe("False"),
		);
		const why = await eventually(async () => {
			const found = await prism("why", "prismstack/shop");
			expect(found.stdout).toContain("ImagePullBackOff");
			return found;
		}, 40);
		expect(why.code).toBe(2);
		expect(why.stdout).toMatch(/└─ PatternRunner orders .*\n {5}└─ Deployment orders .*\n {8}└─ Pod orders-/);
		expect(why.stdout.replaceAll(/\s+/g, " ")).toContain(
			`the image ${BROKEN} of container keyvalue-runner can't be pulled`,
		);
		expect(why.stdout).toContain("kubectl edit prismstack shop -n default");
		expect(why.stdout.split("\n").filter((text) => widthOf(text) > 80)).toEqual([]);
		expect(JSON.parse((await prism("why", "orders", "-o", "json")).stdout)).toMatchObject({
			ready: false,
			trail: [{ kind: "PatternRunner" }, { kind: "Deployment" }, { kind: "Pod", reason: "ImagePullBackOff" }],
		});

		const status = await prism("status");
		expect(status.code).toBe(2);
		expect(status.stdout).toMatch(/Next: kubectl prism why \S+ -n default/);

		const target = join(folder, "report");
		const report = await prism("report", "--to", target);
		expect(report).toMatchObject({ code: 0 });
		expect(report.stdout).toContain("why/default_patternrunner_orders.txt");
		expect(readFileSync(join(target, "why/default_patternrunner_orders.txt"), "utf8")).toContain("ImagePullBackOff");
		expect(readFileSync(join(target, "objects/default/pods.yaml"), "utf8")).toContain(BROKEN);
		expect(readFileSync(join(target, "README.txt"), "utf8")).toContain("Secrets were not read");

		await line.apply(shop(GOOD));
		await line.untilReady("PrismStack", "shop");
		expect(await prism("why", "shop")).toMatchObject({
			code: 0,
			stdout: expect.stringMatching(/^✔ PrismStack default\/shop is ready/) as string,
		});
	});

	it("writes a report as an archive", { timeout: TIMEOUT }, async () => {
		const archive = join(folder, "report.tar.gz");
		expect(await prism("report", "--to", archive, "--no-logs")).toMatchObject({ code: 0 });
		const listed = await new Promise<string>((resolve) => {
			execFile("tar", ["tzf", archive], (_, stdout) => resolve(stdout));
		});
		expect(listed).toMatch(/^prism-report-\d+T\d+\/README\.txt$/m);
		expect(listed).toContain("/objects/default/prismstacks.yaml");
	});

	it("rolls a plugin back only when it is told to", { timeout: TIMEOUT }, async () => {
		await line.apply({
			apiVersion: "prism.io/v1alpha1",
			kind: "PrismPlugin",
			metadata: { name: "clickhouse", namespace: "default" },
			spec: { version: "2.0.0" },
		});
		const version = async () => valueAt(await line.get("PrismPlugin", "clickhouse"), "spec", "version");
		expect(await prism("rollback", "clickhouse")).toMatchObject({
			code: 1,
			stdout: expect.stringContaining("has never been rolled out completely") as string,
		});
		const asked = await prism("rollback", "clickhouse", "--to", "1.0.0");
		expect(asked).toMatchObject({ code: 1, stderr: "cancelled: answer y, or set --yes\n" });
		expect(asked.stdout).toContain("spec.version: 2.0.0 → 1.0.0");
		expect(await prism("rollback", "clickhouse", "--to", "1.0.0", "--dry-run")).toMatchObject({ code: 0 });
		expect(await version()).toBe("2.0.0");
		expect(await prism("rollback", "clickhouse", "--to", "1.0.0", "--yes")).toMatchObject({ code: 0 });
		expect(await version()).toBe("1.0.0");
		expect(await prism("rollback", "nothing", "--yes")).toMatchObject({
			code: 1,
			stderr: expect.stringContaining(
				'cannot find a PrismPlugin named "nothing": there is prismplugin/clickhouse',
			) as string,
		});
	});

	it("completes commands, flags and what is in the cluster", { timeout: TIMEOUT }, async () => {
		const complete = async (...words: string[]) =>
			(await kubectlIn(kubeconfig, ["__complete", "prism", ...words])).stdout
				.split("\n")
				.map((word) => word.split("\t")[0]);
		expect(await complete("wh")).toEqual(["why", "where", ":4", ""]);
		expect(await complete("tree", "-o", "")).toEqual(["wide", "json", "dot", "mermaid", ":4", ""]);
		expect(await complete("why", "patternrunner/")).toEqual(["patternrunner/orders", ":4", ""]);
		expect(await complete("where", "tenant")).toEqual(["tenant-acme", ":4", ""]);
		expect(await complete("status", "-n", "kube-s")).toEqual(["kube-system", ":4", ""]);
		expect(await complete("validate", "-f", "")).toEqual([":0", ""]);
	});

	it("examines the machinery", { timeout: TIMEOUT }, async () => {
		const doctor = () => kubectlIn(elsewhere(kubeconfig), ["prism", "doctor"]);
		for (const definition of METACONTROLLER_CRDS) await line.cluster.store.apply(definition, { fieldManager: "test" });
		// The real Metacontroller has its controllers here already, and calls them where they are.
		if (options.metacontroller === "")
			for (const row of REGISTRY)
				await onceServed(() =>
					line.cluster.store.apply(
						controllerObject(row, { origin: "http://prism-operator.prism-system.svc:8080", features: {} }),
						{ fieldManager: "test" },
					),
				);
		const found = await eventually(async () => {
			const { code, stdout } = await doctor();
			expect(code).toBe(2);
			expect(stdout).toContain("✔ controllers");
			return stdout;
		}, 30);
		expect(found).toMatch(/✔ cluster +Kubernetes v1\./);
		expect(found).toMatch(/✔ CRDs +all 7 are installed/);
		expect(found).toMatch(/✖ metacontroller +its CRDs are installed, but no Deployment or StatefulSet runs/);
		await line.cluster.store.delete(
			await line.cluster.store.resourceOf("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
			undefined,
			"prismrosters.prism.io",
		);
		await eventually(async () => expect((await doctor()).stdout).toContain("not installed: prismrosters.prism.io"), 30);
	});
});

describe("kubectl prism where something is missing", () => {
	let bare: ControlPlane;
	const prism = (...args: readonly string[]) => kubectlIn(bare.kubeconfig, ["prism", ...args]);

	beforeAll(async () => {
		bare = await startTestCluster();
	}, CLUSTER_TIMEOUT);
	afterAll(() => bare?.stop(), 60_000);

	it.each(["status", "tree", "why shop", "where tenant", "pause shop", "rollback clickhouse", "report"])(
		"says in `%s` that the kinds are not installed",
		{ timeout: TIMEOUT },
		async (words) => {
			const { code, stdout, stderr } = await prism(...words.split(" "));
			expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
			expect(stderr).toMatch(/^error: the server doesn't have a resource type/);
			expect(stderr).toContain("kubectl apply --server-side -k config/default");
			expect(stderr).not.toMatch(/\n {4}at /);
		},
	);

	it("examines a cluster that has nothing", { timeout: TIMEOUT }, async () => {
		const local = await prism("doctor");
		expect(local.stdout).toMatch(/\? metacontroller +not checked: make run runs it outside/);
		const { code, stdout } = await kubectlIn(elsewhere(bare.kubeconfig), ["prism", "doctor"]);
		expect(code).toBe(2);
		expect(stdout).toContain("not installed: prismstacks.prism.io");
		expect(stdout).toMatch(/✖ metacontroller +is not installed/);
		expect(stdout).toMatch(/✖ operator +the cluster has no Deployment of the operator/);
	});

	it("explains an object that nobody looks after, and tells who is not allowed to ask", {
		timeout: TIMEOUT,
	}, async () => {
		await installKinds(bare.store);
		await bare.store.create(shop(GOOD));
		const { code, stdout } = await prism("why", "shop");
		expect(code).toBe(2);
		expect(stdout.replaceAll(/\s+/g, " ")).toContain("Metacontroller is not installed in this cluster");
		const stranger = await prism("status", "--as", "jane");
		expect(stranger).toMatchObject({ code: 1, stdout: "" });
		expect(stranger.stderr).toContain("kubectl auth can-i list");
		const slip = await prism("why", "shp");
		expect(slip).toMatchObject({ code: 1, stderr: expect.stringContaining("there is prismstack/shop") as string });
		expect((await prism("why", "deployment/shop-proxy", "prismstak/x")).stderr).toContain(
			'cannot find kind "prismstak"',
		);
	});

	it.each([
		{
			user: "a viewer",
			account: "viewer",
			binding: "ClusterRoleBinding",
			resources: ["*"],
			groups: ["", "apps", "prism.io"],
		},
		{
			user: "a viewer of one namespace",
			account: "team",
			binding: "RoleBinding",
			resources: ["*"],
			groups: ["", "prism.io"],
		},
		{
			user: "a reader of stacks",
			account: "tenant",
			binding: "RoleBinding",
			resources: ["prismstacks"],
			groups: ["prism.io"],
		},
	])(
		"tells $user what they may know, with commands that they may run",
		{ timeout: 2 * TIMEOUT },
		async ({ account, binding, resources, groups }) => {
			const apiVersion = "rbac.authorization.k8s.io/v1";
			const place = binding === "RoleBinding" ? { namespace: "default" } : {};
			const named = { kind: "ClusterRole", name: `test-${account}` };
			const rules = [{ apiGroups: groups, resources, verbs: ["get", "list", "watch"] }];
			const subjects = [{ kind: "ServiceAccount", name: account, namespace: "default" }];
			await bare.store.create({
				apiVersion: "v1",
				kind: "ServiceAccount",
				metadata: { name: account, namespace: "default" },
			});
			await bare.store.create({ apiVersion, kind: "ClusterRole", metadata: { name: named.name }, rules });
			await bare.store.create({
				apiVersion,
				kind: binding,
				metadata: { name: named.name, ...place },
				roleRef: { apiGroup: "rbac.authorization.k8s.io", ...named },
				subjects,
			});
			const as = `--as=system:serviceaccount:default:${account}`;
			for (const words of ["status", "why", "doctor", "where nobody", "report --to bundle", "why -A"]) {
				const { stdout, stderr } = await kubectlIn(elsewhere(bare.kubeconfig), ["prism", ...words.split(" "), as], {
					COLUMNS: "1000",
				});
				expect(`${stdout}${stderr}`, words).not.toMatch(/\n {4}at |\b0 of 0\b/);
				for (const [, command = ""] of stdout.matchAll(/^ +kubectl (?!prism)(.*)$/gm)) {
					const ran = await kubectlIn(elsewhere(bare.kubeconfig), command.split(" "));
					expect(ran.stderr, command).not.toMatch(/[Ff]orbidden/);
				}
			}
			expect((await prism("doctor", as)).stdout).toMatch(/^\? /m);
		},
	);

	it("tells a missing cluster, context and kubectl apart", { timeout: TIMEOUT }, async () => {
		const nowhere = file("kubeconfig", {
			apiVersion: "v1",
			kind: "Config",
			"current-context": "gone",
			contexts: [{ name: "gone", context: { cluster: "c", user: "u" } }],
			clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
			users: [{ name: "u", user: { token: "t" } }],
		});
		const unreachable = await kubectlIn(nowhere, ["prism", "status"]);
		expect(unreachable.code).toBe(1);
		expect(unreachable.stderr).toContain("the cluster is unreachable. kubectl config current-context");
		expect((await prism("status", "--context", "other")).stderr).toContain("kubectl config get-contexts");
		const without = await kubectlIn(bare.kubeconfig, ["prism", "status"], { KUBECTL: join(folder, "no-kubectl") });
		expect(without.stderr).toContain("program not found. Install kubectl");
		expect(without.code).toBe(1);
	});
});
