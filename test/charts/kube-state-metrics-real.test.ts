import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ControlPlane } from "../../devcluster/control-plane/control-plane.ts";
import { freePort } from "../../devcluster/free-port.ts";
import { ApiError } from "../../devcluster/store.ts";
import { KINDS, REGISTRY } from "../../hooks/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT, startTestCluster } from "../cluster.ts";
import { ensureNamespaces, eventually, installKinds } from "../integration/installed.ts";
import { describeWith, REAL_KUBE_STATE_METRICS } from "../needs.ts";
import { evaluate } from "./custom-resource-state.ts";
import { LIVING } from "./custom-resources.ts";
import { at, CHART_FOLDER } from "./helm.ts";
import { resources } from "./served.ts";

// The configuration in the real kube-state-metrics, over real objects, when KUBE_STATE_METRICS names the program: it must
// make exactly the samples that our evaluation of it makes.

const PROGRAM = process.env["KUBE_STATE_METRICS"] ?? "";

describeWith(REAL_KUBE_STATE_METRICS, "the real kube-state-metrics", () => {
	let cluster: ControlPlane;
	let program: ChildProcess;
	let url: string;
	beforeAll(async () => {
		cluster = await startTestCluster();
		await installKinds(cluster.store);
		for (const [index, object] of LIVING.entries()) await createIn(cluster, object, index);
		const port = await freePort();
		url = `http://127.0.0.1:${port}`;
		const flags = {
			"custom-resource-state-only": "true",
			"custom-resource-state-config-file": join(CHART_FOLDER, "files/kube-state-metrics.yaml"),
			kubeconfig: cluster.kubeconfig,
			host: "127.0.0.1",
			port: String(port),
			"telemetry-host": "127.0.0.1",
			"telemetry-port": String(await freePort()),
		};
		program = spawn(
			PROGRAM,
			Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
			{ stdio: "ignore" },
		);
	}, CLUSTER_TIMEOUT);
	afterAll(async () => {
		if (program.exitCode === null) {
			program.kill("SIGTERM");
			await once(program, "exit");
		}
		await cluster.stop();
	});

	it("tells of each object what its configuration says", { timeout: 120_000 }, async () => {
		const expected = new Map((await storedObjects(cluster)).flatMap(samplesOf));
		expect(expected.size).toBeGreaterThan(500);
		await eventually(async () => {
			const text = await (await fetch(`${url}/metrics`)).text();
			expect(text.match(/^# HELP/gm)?.length).toBeGreaterThan(60);
			expect(samplesIn(text)).toEqual(expected);
		}, 90);
	});
});

/** What the API server takes; golden files have objects that it would refuse. Some are being deleted. */
async function createIn({ store }: ControlPlane, object: KubeObject, index: number): Promise<void> {
	const namespace = `n${index}`;
	const { name, annotations, labels } = object.metadata;
	await ensureNamespaces(store, [namespace]);
	try {
		const created = await store.create({
			...object,
			metadata: {
				name,
				namespace,
				...(annotations && { annotations }),
				...(labels && { labels }),
				finalizers: ["test/held"],
			},
		});
		await store.updateStatus({ ...created, status: object["status"] });
	} catch (error) {
		if (error instanceof ApiError && error.reason === "Invalid") return;
		throw error;
	}
	if (index % 3 === 0) await store.delete(await store.resourceOf(object.apiVersion, object.kind), namespace, name);
}

async function storedObjects({ store }: ControlPlane): Promise<KubeObject[]> {
	const all: KubeObject[] = [];
	for (const { group, version, plural, kind } of KINDS) {
		const { items } = await store.list(await store.resourceNamed(`${group}/${version}`, plural));
		all.push(...items.map((item) => ({ ...item, apiVersion: `${group}/${version}`, kind })));
	}
	for (const { parent } of REGISTRY) {
		expect(all.filter(({ kind }) => kind === parent.kind).length).toBeGreaterThan(2);
	}
	return all;
}

const series = (name: string, labels: Readonly<Record<string, string>>): string =>
	JSON.stringify([name, ...Object.entries(labels).toSorted(([a], [b]) => a.localeCompare(b))]);

const samplesOf = (object: KubeObject): [string, number][] => {
	const resource = resources().find((candidate) => at(candidate, "groupVersionKind", "kind") === object.kind);
	if (resource === undefined) return [];
	return evaluate(resource, object).flatMap(({ name, samples }) =>
		samples.map(({ labels, value }): [string, number] => [series(name, labels), value]),
	);
};

const samplesIn = (text: string): Map<string, number> =>
	new Map(
		text.split("\n").flatMap((line): [string, number][] => {
			const [, name, labels = "", value] =
				/^(kube_prism\w*|kube_patternrunner\w*|kube_backendconfig\w*)\{(.*)\} (\S+)$/.exec(line) ?? [];
			if (name === undefined) return [];
			const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = "", text_ = ""]) => [
				label,
				text_,
			]);
			return [[series(name, Object.fromEntries(pairs)), Number(value)]];
		}),
	);
