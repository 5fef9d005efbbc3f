import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Cluster } from "../../devcluster/cluster.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readConfig } from "../../server/config.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { ensureNamespaces, eventually } from "../integration/installed.ts";
import { describeWith, REAL_METACONTROLLER } from "../needs.ts";
import { CHART_FOLDER, HELM_TIMEOUT, helm, RELEASE } from "./helm.ts";
import { installRelease, type Release } from "./release.ts";

// The chart as it is used: Helm installs it, the hooks run with the environment and the Secrets of their Deployment, and
// the real Metacontroller, with the rights of its narrowed role and no others, reaches them over TLS with the token.

const ROOT = join(import.meta.dirname, "../..");
const METACONTROLLER = process.env["METACONTROLLER"] ?? "";
const SAMPLES = ["quickstart.yaml", "tenants.yaml", "shards.yaml"];

describeWith(REAL_METACONTROLLER, "a release with its own Metacontroller", () => {
	let release: Release;
	let cluster: Cluster;
	let server: RunningServer;

	beforeAll(async () => {
		release = await installRelease({});
		({ cluster } = release);
		await release.mount();
		server = await startServer(readConfig(release.environment()), REGISTRY, {
			log: pino({ level: "silent" }),
			resolve: (address) => cluster.proxies?.resolve(address),
		});
		await release.startMetacontroller(METACONTROLLER, server.port);
	}, CLUSTER_TIMEOUT + HELM_TIMEOUT);
	afterAll(async () => {
		await server?.close();
		await release?.stop();
	}, 60_000);

	const untilReady = ({ apiVersion, kind, metadata }: KubeObject) =>
		eventually(async () => {
			const resource = await cluster.store.resourceOf(apiVersion, kind);
			const object = await cluster.store.get(resource, metadata.namespace, metadata.name);
			const ready = isRecord(object) ? conditionOf(object, "Ready") : undefined;
			expect(`${kind} ${metadata.name}: ${ready?.status} ${ready?.message}`).toMatch(/: True/);
		}, 90);

	it("drives samples to Ready, and is never told that it may not", { timeout: 180_000 }, async () => {
		const applied: KubeObject[] = [];
		for (const file of SAMPLES) {
			for (const { object } of readManifests(join(ROOT, "samples", file))) {
				const namespace = object.metadata.namespace ?? "default";
				await ensureNamespaces(cluster.store, [namespace]);
				const placed = { ...object, metadata: { ...object.metadata, namespace } };
				applied.push(await cluster.store.apply(placed, { fieldManager: "test" }));
			}
		}
		for (const object of applied) if (object.apiVersion.startsWith("prism.io/")) await untilReady(object);
		expect(release.complaints()).toEqual([]);
	});

	it("goes on with another token and another certificate, which Metacontroller takes by itself", {
		timeout: 180_000,
	}, async () => {
		const flags = ["--reuse-values", "--set", "auth.generation=2,tls.generation=2"];
		await release.helm("upgrade", RELEASE, CHART_FOLDER, ...flags);
		await release.mount();
		const stack: KubeObject = {
			apiVersion: "prism.io/v1alpha1",
			kind: "PrismStack",
			metadata: { name: "later", namespace: "default" },
			spec: {},
		};
		await cluster.store.apply(stack, { fieldManager: "test" });
		await untilReady(stack);
	});

	it("is gone without a rest when it is uninstalled in the order of its notes", { timeout: 180_000 }, async () => {
		const notes = await release.helm("get", "notes", RELEASE);
		const steps = [...notes.matchAll(/^ +\d\. (kubectl|helm) (.*)$/gm)];
		expect(steps.map(([, program]) => program)).toEqual(["kubectl", "kubectl", "helm", "kubectl"]);
		for (const [, program, args = ""] of steps) {
			const words = args.split(" ");
			if (program === "kubectl") await release.kubectl(...words, "--timeout=60s");
			else await helm(...words, "--kubeconfig", cluster.kubeconfig ?? "");
		}
		expect(await release.kubectl("get", "crd", "--output", "name")).not.toContain("prism.io");
	});
});
