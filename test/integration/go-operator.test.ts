import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import { convert } from "../../plugin/convert/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { printManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { ensureNamespaces, eventually, pause } from "./installed.ts";
import { type Line, METACONTROLLER, startLine } from "./line.ts";

// "Coming from the Go operator" of docs/recipes.md: what it says of running pods, and its commands.

const NAMESPACE = "team-a";
const RECIPES = join(import.meta.dirname, "../../docs/recipes.md");

const GO_KIND: KubeObject = {
	apiVersion: "apiextensions.k8s.io/v1",
	kind: "CustomResourceDefinition",
	metadata: { name: "prismpatterns.prism.io" },
	spec: {
		group: "prism.io",
		scope: "Namespaced",
		names: { kind: "PrismPattern", plural: "prismpatterns", singular: "prismpattern" },
		versions: [
			{
				name: "v1alpha1",
				served: true,
				storage: true,
				schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
			},
		],
	},
};

const patternOf = (name: string): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismPattern",
	metadata: { name, namespace: NAMESPACE },
	spec: {
		pattern: "keyvalue",
		backend: "memstore",
		image: "keyvalue-runner:v1",
		replicas: 2,
		service: { type: "ClusterIP", port: 8080 },
	},
});

/** What the Go operator makes of one: names, labels, selectors and owner are its own. */
const madeOf = ({ metadata: { name, uid } }: KubeObject): KubeObject[] => {
	const labels = {
		app: "prism",
		"prism.io/pattern": "keyvalue",
		"prism.io/backend": "memstore",
		"prism.io/pattern-instance": name,
	};
	const owner = { apiVersion: "prism.io/v1alpha1", kind: "PrismPattern", name, uid: uid ?? "", controller: true };
	const metadata = {
		name,
		namespace: NAMESPACE,
		labels,
		ownerReferences: [{ ...owner, blockOwnerDeletion: true }],
	};
	const container = {
		name: "keyvalue-runner",
		image: "keyvalue-runner:v1",
		args: ["--pattern=keyvalue", "--backend=memstore"],
		ports: [{ name: "grpc", containerPort: 8080, protocol: "TCP" }],
	};
	const template = { metadata: { labels }, spec: { containers: [container] } };
	return [
		{
			apiVersion: "apps/v1",
			kind: "Deployment",
			metadata,
			spec: { replicas: 2, selector: { matchLabels: labels }, template },
		},
		{
			apiVersion: "v1",
			kind: "Service",
			metadata,
			spec: {
				type: "ClusterIP",
				selector: labels,
				ports: [{ name: "grpc", port: 8080, targetPort: 8080, protocol: "TCP" }],
			},
		},
	];
};

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("coming from the Go operator", () => {
	let line: Line;
	const folder = mkdtempSync(join(tmpdir(), "prism-go-"));

	beforeAll(async () => {
		line = await startLine({ name: "local", metacontroller: METACONTROLLER, definitions: [GO_KIND] });
		await ensureNamespaces(line.cluster.store, [NAMESPACE]);
	}, CLUSTER_TIMEOUT);
	afterAll(async () => {
		rmSync(folder, { recursive: true, force: true });
		await line?.stop();
	}, 60_000);

	const shell = async (script: string): Promise<string> => {
		const { kubectl } = await testBinaries();
		const env = { PATH: `${dirname(kubectl)}:${process.env["PATH"] ?? ""}`, KUBECONFIG: line.cluster.kubeconfig ?? "" };
		const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd: folder, env });
		return stdout;
	};
	/** A pattern as the Go operator leaves it, with pods that run. */
	const running = async (name: string) => {
		const pattern = await eventually(() => line.cluster.store.apply(patternOf(name), { fieldManager: "go" }));
		for (const object of madeOf(pattern)) await line.cluster.store.apply(object, { fieldManager: "go" });
		await eventually(async () => {
			const { status } = await line.get("Deployment", name, NAMESPACE);
			expect(valueAt(status, "availableReplicas")).toBe(2);
		}, 60);
		await eventually(async () => expect(await served(name)).toBe(2), 60);
		return convert(printManifests([patternOf(name)]), "orders.yaml").text;
	};
	const podsOf = async (selector: string) => {
		const { items } = await line.cluster.store.list(await line.resource("Pod"), NAMESPACE);
		const [key = "", value] = selector.split("=");
		return items
			.filter(({ metadata }) => metadata.labels?.[key] === value && metadata.deletionTimestamp === undefined)
			.map(({ metadata }) => metadata.uid ?? "")
			.toSorted();
	};
	/** Pods that the Service sends requests to. */
	const served = async (name: string): Promise<number> => {
		const slices = await line.cluster.store.resourceOf("discovery.k8s.io/v1", "EndpointSlice");
		const { items } = await line.cluster.store.list(slices, NAMESPACE);
		return items
			.filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === name)
			.flatMap((slice) => recordsAt(slice, "endpoints"))
			.filter((endpoint) => valueAt(endpoint, "conditions", "ready") === true).length;
	};
	const untilSays = (name: string, says: RegExp) =>
		eventually(async () => {
			const ready = conditionOf(await line.get("PatternRunner", name, NAMESPACE), "Ready");
			expect(`${ready?.status} ${ready?.reason}: ${ready?.message}`).toMatch(says);
		}, 90);

	it("leaves what runs alone, whoever owns it", { timeout: 400_000 }, async () => {
		writeFileSync(join(folder, "kept.yaml"), await running("kept"));
		const pods = await podsOf("prism.io/pattern-instance=kept");
		await shell("kubectl apply -f kept.yaml");
		await untilSays("kept", /^False NameTaken: Deployment kept /);
		await shell(`kubectl delete prismpattern kept -n ${NAMESPACE} --cascade=orphan`);
		await eventually(async () => {
			const { metadata } = await line.get("Deployment", "kept", NAMESPACE);
			expect(metadata.ownerReferences ?? []).toEqual([]);
		}, 60);
		await pause(5000);
		await untilSays("kept", /^False NameTaken: Deployment kept /);
		const { metadata } = await line.get("PatternRunner", "kept", NAMESPACE);
		expect(await served("kept")).toBe(2);
		// Why nobody should take them over as they are: one can't be changed, and the other one's selector becomes that of both operators.
		await shell(`kubectl label deployment,service kept -n ${NAMESPACE} controller-uid=${metadata.uid}`);
		await untilSays("kept", /^False ChildRefused: .*Deployment kept/);
		expect(await podsOf("prism.io/pattern-instance=kept")).toEqual(pods);
		await eventually(async () => expect(await served("kept")).toBe(0), 60);
	});

	it("has no gap with the commands of the recipe", { timeout: 400_000 }, async () => {
		writeFileSync(join(folder, "ours.yaml"), await running("orders"));
		const before = await line.get("Service", "orders", NAMESPACE);
		const [, script = ""] = /<!-- tried -->\n```sh\n([\s\S]*?)```/.exec(readFileSync(RECIPES, "utf8")) ?? [];
		expect(script).toContain(`NS=${NAMESPACE} NAME=orders\n`);
		const counts: number[] = [];
		const done = new AbortController();
		const watched = (async () => {
			while (!done.signal.aborted) {
				counts.push(await served("orders"));
				await pause(50);
			}
		})();
		await shell(script).finally(() => done.abort());
		await watched;
		expect(counts.length).toBeGreaterThan(20);
		expect(Math.min(...counts)).toBeGreaterThan(0);
		await line.untilReady("PatternRunner", "orders", NAMESPACE);
		const after = await line.get("Service", "orders", NAMESPACE);
		expect(valueAt(after, "spec", "clusterIP")).toBe(valueAt(before, "spec", "clusterIP"));
		expect(valueAt(after, "spec", "selector")).toEqual({ app: "prism", runner: "orders" });
		expect(after.metadata.ownerReferences?.map(({ kind }) => kind)).toEqual(["PatternRunner"]);
		await eventually(async () => expect(await podsOf("prism.io/pattern-instance=orders")).toEqual([]), 60);
		expect(await podsOf("runner=orders")).toHaveLength(2);
		expect(await served("orders")).toBe(2);
	});
});
