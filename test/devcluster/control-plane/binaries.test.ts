import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findControlPlane, findKubectl, obtainControlPlane } from "../../../devcluster/control-plane/binaries.ts";
import { type Machine, machine, PROGRAMS } from "../control-plane-world.ts";

let here: Machine;
beforeEach(() => {
	here = machine();
});
afterEach(() => here.remove());

/** No download: the address does not resolve, and no request leaves this machine. */
const offline = () => ({ ...here.environment, CONTROL_PLANE_MIRROR: "http://mirror.invalid" });

const inFolder = (folder: string) => ({
	etcd: join(folder, "etcd"),
	kubeApiserver: join(folder, "kube-apiserver"),
	kubeControllerManager: join(folder, "kube-controller-manager"),
	kubeScheduler: join(folder, "kube-scheduler"),
	kubectl: join(folder, "kubectl"),
});

describe("the control plane's programs", () => {
	test.for([
		["KUBEBUILDER_ASSETS", (folder: string) => ({ KUBEBUILDER_ASSETS: folder })],
		["PATH", (folder: string) => ({ PATH: `/nowhere:${folder}` })],
	] as const)("are found in %s", async ([, environment]) => {
		for (const tool of PROGRAMS) here.script(`found/${tool}`, "");
		const folder = join(here.folder, "found");
		expect(await findControlPlane({ ...here.environment, ...environment(folder) })).toEqual(inFolder(folder));
	});

	test("are not found when one is missing", async () => {
		for (const tool of PROGRAMS.slice(1)) here.script(`bin/${tool}`, "");
		expect(await findControlPlane(here.environment)).toBeUndefined();
		expect(await findKubectl(here.environment)).toBe(join(here.folder, "bin", "kubectl"));
	});

	test("that envtest's folder lacks are taken from elsewhere", async () => {
		const assets = ["etcd", "kube-apiserver", "kubectl"];
		for (const tool of assets) here.script(`assets/${tool}`, "");
		here.installGo();
		const environment = { ...offline(), KUBEBUILDER_ASSETS: join(here.folder, "assets") };
		const found = await obtainControlPlane(environment, { line: () => {}, progress: () => {} });
		expect(found).toMatchObject({ kubeApiserver: join(here.folder, "assets", "kube-apiserver") });
		expect(here.cached().names).toEqual(["kube-controller-manager", "kube-scheduler"]);
		expect(await findControlPlane(environment)).toEqual(found);
	});

	test("are built into the cache, once, and are whole or not there", async () => {
		here.installGo("1.99.0", "*/kubectl");
		const log: string[] = [];
		const obtain = () => obtainControlPlane(offline(), { line: (text) => void log.push(text), progress: () => {} });
		await expect(obtain()).rejects.toThrow(/^cannot build kubectl v[\d.]+: it broke$/);
		expect(here.cached().version).toMatch(/^v\d+\.\d+\.\d+-\d+\.\d+\.\d+$/);
		expect(here.cached().names).toEqual(PROGRAMS.filter((tool) => tool !== "kubectl"));
		await expect(obtain()).rejects.toThrow("it broke");
		expect(here.builds()).toEqual([
			"go.etcd.io/etcd/server/v3 0",
			"k8s.io/kubernetes/cmd/kube-apiserver 0",
			"k8s.io/kubernetes/cmd/kube-controller-manager 0",
			"k8s.io/kubernetes/cmd/kube-scheduler 0",
			"k8s.io/kubernetes/cmd/kubectl 0",
			"k8s.io/kubernetes/cmd/kubectl 0",
		]);
		expect(log.find((line) => line.includes("building etcd v"))).toMatch(/^1\/5 building etcd v[\d.]+ from source$/);
	});

	test("that can't be had, because Go is too old, are named with what to do", async () => {
		here.installGo("1.20.4");
		const obtain = obtainControlPlane(offline(), { line: () => {}, progress: () => {} });
		await expect(obtain).rejects.toThrow(/Go 1\.20\.4 is too old\): install Go \d+\.\d+\.\d+ or newer/);
	});
});
