import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CHART } from "../../codegen/chart/files.ts";
import type { ControlPlane } from "../../devcluster/control-plane/control-plane.ts";
import { KINDS, REGISTRY } from "../../hooks/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT, startTestCluster, testBinaries } from "../cluster.ts";
import { ensureNamespaces, eventually } from "../integration/installed.ts";
import { describeWith } from "../needs.ts";
import { readBaseline } from "../skew/baseline.ts";
import { HISTORY } from "../skew/history.ts";
import { at, CHART_FOLDER, HELM_TIMEOUT, helm, NAMESPACE, RELEASE } from "./helm.ts";

// A release over its life, by the real Helm on the real API server: the chart of the version before with objects and their
// children in the cluster, today's over it, back, and uninstalled. What runs is not written to once.

// Each test runs Helm a few times, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 300_000 });

const ROOT = join(import.meta.dirname, "../..");
const { commit, cases } = readBaseline();
const LEVELS = ["view", "edit", "admin"];
const OURS = KINDS.map(({ plural }) => plural).join(",");

const folder = mkdtempSync(join(tmpdir(), "prism-upgrades-"));
let cluster: ControlPlane;
let program: string;

beforeAll(async () => {
	await helm("version");
	({ kubectl: program } = await testBinaries());
	cluster = await startTestCluster();
}, CLUSTER_TIMEOUT + HELM_TIMEOUT);
afterAll(async () => {
	await cluster?.stop();
	rmSync(folder, { recursive: true, force: true });
}, 60_000);

const run = (...args: string[]) => helm(...args, "--kubeconfig", cluster.kubeconfig, "--namespace", NAMESPACE);
const kubectl = async (...args: string[]): Promise<string> => {
	const flags = ["--kubeconfig", cluster.kubeconfig, ...args];
	const { stdout } = await promisify(execFile)(program, flags, { maxBuffer: 64 * 1024 * 1024 });
	return stdout.trim();
};
const read = async (...args: string[]): Promise<KubeObject> =>
	JSON.parse(await kubectl("get", ...args, "--output", "json")) as KubeObject;

const create = async (object: KubeObject): Promise<KubeObject> => {
	const { uid: _uid, resourceVersion: _version, ...metadata } = object.metadata;
	return cluster.store.create({ ...object, metadata });
};

/** Kinds with a hook that Metacontroller calls before one goes: it holds only these. */
const FINALIZED = new Set(REGISTRY.filter((row) => row.finalize !== undefined).map(({ parent }) => parent.kind));

/** An object of each kind as the version before left it, held as Metacontroller holds it, and its children. */
const runningObjects = async (): Promise<KubeObject[]> => {
	const running: KubeObject[] = [];
	for (const { kind } of KINDS) {
		const found = cases.find(({ parent, children }) => parent.kind === kind && children.length > 0);
		const { parent, children, status } = found ?? cases.find((other) => other.parent.kind === kind) ?? {};
		if (parent === undefined || children === undefined) continue;
		const namespace = kind.toLowerCase();
		await ensureNamespaces(cluster.store, [namespace]);
		const finalizers = FINALIZED.has(kind) ? [`metacontroller.io/compositecontroller-${namespace}`] : [];
		const held = { ...parent, metadata: { name: parent.metadata.name, namespace, finalizers } };
		const created = await create(held);
		running.push(await cluster.store.updateStatus({ ...created, status }));
		const { apiVersion, metadata } = created;
		const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "", controller: true };
		for (const child of children) {
			const placed = { ...child.metadata, namespace, ownerReferences: [owner] };
			const made = await create({ ...child, metadata: placed });
			const isOurs = made.apiVersion === "prism.io/v1alpha1";
			running.push(isOurs ? await cluster.store.updateStatus({ ...made, status: { observedGeneration: 1 } }) : made);
		}
	}
	return running;
};

const titleOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.namespace}/${metadata.name}`;

/** Each object as it is now: whoever writes to one makes another version of it. */
const now = async (objects: readonly KubeObject[]): Promise<KubeObject[]> =>
	Promise.all(
		objects.map(async (object) => {
			const resource = await cluster.store.resourceOf(object.apiVersion, object.kind);
			const found = await cluster.store.get(resource, object.metadata.namespace, object.metadata.name);
			if (found === undefined) throw new Error(`${titleOf(object)} is gone`);
			return found;
		}),
	);
const served = () => eventually(() => kubectl("get", OURS, "--all-namespaces", "--output", "name"), 60);

describeWith(HISTORY, "a release of the version before", () => {
	let running: KubeObject[];
	let generated: unknown[];
	const secrets = async () =>
		Promise.all(
			["tokens", "tls"].map(async (name) => (await read("secret", `${RELEASE}-${name}`, "-n", NAMESPACE))["data"]),
		);
	const values = async () => load(await run("get", "values", RELEASE));
	const patternField = async () =>
		at(await read("crd", "patternrunners.prism.io"), "spec", "versions", 0, "selectableFields");
	/** Helm has changed what is its own; nothing else was written, and everything reads as before. */
	const untouched = async () => {
		await served();
		for (const [index, object] of (await now(running)).entries())
			expect(object, titleOf(object)).toEqual(running[index]);
		expect(await secrets()).toEqual(generated);
	};

	it("is installed, with a user's values, and objects run", async () => {
		const archive = execFileSync("git", ["archive", "--format=tar", commit, CHART], { cwd: ROOT, maxBuffer: 1 << 28 });
		execFileSync("tar", ["-x", "-C", folder], { input: archive });
		const flags = ["--set", "metacontroller.enabled=true,replicas=3,config.LOG_LEVEL=debug"];
		await run("install", RELEASE, join(folder, CHART), "--create-namespace", ...flags);
		await served();
		running = await runningObjects();
		expect(new Set(running.map(({ kind }) => kind))).toContain("StatefulSet");
		expect(running.filter(({ apiVersion }) => apiVersion === "prism.io/v1alpha1").length).toBeGreaterThan(5);
		generated = await secrets();
	});

	it("is upgraded: values stay, CRDs are today's, nothing that runs is written to", async () => {
		const before = await values();
		expect(await patternField()).toBeUndefined();
		await run("upgrade", RELEASE, CHART_FOLDER, "--reset-then-reuse-values");
		expect(await values()).toEqual(before);
		expect(await patternField()).toContainEqual({ jsonPath: ".spec.pattern" });
		const deployment = await read("deployment", `${RELEASE}-controller-manager`, "-n", NAMESPACE);
		expect(at(deployment, "spec", "replicas")).toBe(3);
		await untouched();
	});

	it("gives users rights when it is told to, and no more than the page says", async () => {
		await run("upgrade", RELEASE, CHART_FOLDER, "--reset-then-reuse-values", "--set", "rbac.aggregate=true");
		await ensureNamespaces(cluster.store, ["team-a"]);
		const list = await read("clusterroles");
		const aggregated = (list["items"] as KubeObject[]).filter(({ metadata }) => metadata.name.startsWith(RELEASE));
		const may = async (level: string, verb: string, ...resource: string[]): Promise<boolean> => {
			// As Kubernetes does it: edit has what view has, and admin what edit has.
			const labels = LEVELS.slice(0, LEVELS.indexOf(level) + 1).map(
				(to) => `rbac.authorization.k8s.io/aggregate-to-${to}`,
			);
			const roles = aggregated.filter(({ metadata }) => labels.some((label) => metadata.labels?.[label] === "true"));
			expect(roles, level).not.toHaveLength(0);
			const user = `${level}-of-team-a`;
			for (const { metadata } of roles) {
				const binding = [
					"rolebinding",
					`${level}-${metadata.name}`,
					`--clusterrole=${metadata.name}`,
					`--user=${user}`,
				];
				await kubectl("create", ...binding, "-n", "team-a").catch(() => {});
			}
			const question = ["auth", "can-i", verb, ...resource, "-n", "team-a", "--as", user];
			return eventually(async () => (await kubectl(...question).catch(() => "no")) === "yes", 10);
		};
		const rights = async (verb: string, ...resource: string[]) => ({
			view: await may("view", verb, ...resource),
			edit: await may("edit", verb, ...resource),
			admin: await may("admin", verb, ...resource),
		});
		await eventually(
			async () => expect(await rights("list", "prismstacks.prism.io")).toMatchObject({ view: true }),
			30,
		);
		expect(await rights("create", "prismnamespaces.prism.io")).toEqual({ view: false, edit: true, admin: true });
		expect(await rights("create", "prismshards.prism.io")).toEqual({ view: false, edit: false, admin: true });
		expect(await rights("update", "prismnamespaces.prism.io", "--subresource=status")).toEqual({
			view: false,
			edit: false,
			admin: false,
		});
		await untouched();
	});

	it("is rolled back, with its values and its CRDs, and upgraded again", async () => {
		await run("rollback", RELEASE, "1");
		expect(await patternField()).toBeUndefined();
		expect(await values()).toMatchObject({ replicas: 3, config: { LOG_LEVEL: "debug" } });
		await untouched();
		await run("upgrade", RELEASE, CHART_FOLDER, "--reset-then-reuse-values");
		await untouched();
	});

	it("is uninstalled and installed again, over the CRDs that were kept: nothing that runs is written to", async () => {
		await run("uninstall", RELEASE);
		await served();
		expect(await now(running)).toEqual(running);
		await run("install", RELEASE, CHART_FOLDER, "--set", "metacontroller.enabled=true");
		generated = await secrets();
		await untouched();
	});
});

const PAGE = readFileSync(join(ROOT, "docs/install.md"), "utf8");
/** Without the hooks, which alone take off the finalizers: the page has a command for that. */
const releaseObjects = async (): Promise<void> => {
	const script = /```sh release\n(.*?)```/s.exec(PAGE)?.[1] ?? "";
	const env = { PATH: `${dirname(program)}:/usr/bin:/bin`, KUBECONFIG: cluster.kubeconfig, HOME: folder };
	await promisify(execFile)("sh", ["-euc", script], { env });
};

const STEPS: Readonly<Record<string, () => Promise<unknown>>> = {
	objects: () => kubectl("delete", OURS, "--all", "--all-namespaces", "--wait=false", "--ignore-not-found"),
	release: () => run("uninstall", RELEASE),
	CRDs: () => kubectl("delete", "crd", "--selector", "app.kubernetes.io/part-of=prism", "--wait=false"),
};

describe("an uninstallation while no hook answers", () => {
	const installed = async () =>
		(await kubectl("get", "crd,clusterroles,clusterrolebindings", "-o", "name")).split("\n");
	it.each([
		"objects, release, CRDs",
		"objects, CRDs, release",
		"release, objects, CRDs",
		"release, CRDs",
		"CRDs, release",
	])("leaves nothing behind in the order %s", async (order) => {
		if (
			!(await installed()).some((name) => name.endsWith(".prism.io")) ||
			!(await run("list", "--short")).includes(RELEASE)
		)
			await run(
				"upgrade",
				"--install",
				RELEASE,
				CHART_FOLDER,
				"--create-namespace",
				"--set",
				"metacontroller.enabled=true",
			);
		await served();
		await ensureNamespaces(cluster.store, ["leaving"]);
		const finalizers = ["metacontroller.io/compositecontroller-prismstack"];
		const metadata = { name: "held", namespace: "leaving", finalizers };
		await eventually(() => create({ apiVersion: "prism.io/v1alpha1", kind: "PrismStack", metadata, spec: {} }), 60);
		for (const step of order.split(", ")) await STEPS[step]?.();
		await eventually(async () => {
			if ((await installed()).includes("customresourcedefinition.apiextensions.k8s.io/prismstacks.prism.io"))
				await releaseObjects();
			expect((await installed()).filter((name) => /prism/.test(name))).toEqual([]);
		}, 120);
		expect(await kubectl("get", "all,secrets,configmaps", "-n", NAMESPACE, "-o", "name")).toBe("");
	});
});
