import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { load } from "js-yaml";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseManifests, readManifests } from "../../cli/manifests.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { isRecord } from "../../kube/object.ts";
import { type Cluster, startCluster } from "../../local/cluster.ts";
import { writeKubeconfig } from "../../local/kubeconfig.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readConfig } from "../../server/config.ts";
import { startServer } from "../../server/server.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { ensureNamespaces, eventually, installKinds } from "../integration/installed.ts";
import {
	at,
	CHART_FOLDER,
	environmentOf,
	HELM_TIMEOUT,
	helm,
	hooksOf,
	list,
	NAMESPACE,
	only,
	RELEASE,
} from "./helm.ts";

// The chart as it is used: Helm installs it, the hooks run with the environment and the Secrets of their Deployment, and
// the real Metacontroller, with the rights of its narrowed role and no others, reaches them over TLS with the token.

const ROOT = join(import.meta.dirname, "../..");
const METACONTROLLER = process.env["METACONTROLLER"] ?? "";
const SAMPLES = ["quickstart.yaml", "tenants.yaml", "shards.yaml"];

describe.runIf(METACONTROLLER !== "")("a release with its own Metacontroller", () => {
	let folder = "";
	let log = "";
	const stops: (() => unknown)[] = [];
	let cluster: Cluster;
	let deployment: KubeObject | undefined;

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "prism-release-"));
		log = join(folder, "metacontroller.log");
		stops.push(() => rmSync(folder, { recursive: true, force: true }));
		await helm("version");
		await testBinaries();
		cluster = await startCluster({
			name: "local",
			environment: process.env,
			log: () => {},
			confirm: async () => false,
		});
		stops.push(() => cluster.stop());
		await installKinds(cluster.store);
		await cluster.startStandIns();
		const manifest = await installed("--set", "metacontroller.enabled=true");
		deployment = hooksOf(manifest);
		const port = await startHooks();
		await startMetacontroller(manifest, await startDetour(port));
	}, CLUSTER_TIMEOUT + HELM_TIMEOUT);
	afterAll(async () => {
		for (const stop of stops.toReversed()) await stop();
	}, 60_000);

	const kubectl = async (...args: string[]): Promise<string> => {
		const { kubectl: program } = await testBinaries();
		const { stdout } = await promisify(execFile)(program, ["--kubeconfig", cluster.kubeconfig ?? "", ...args]);
		return stdout.trim();
	};

	const inRelease = (...args: string[]) =>
		helm(...args, "--kubeconfig", cluster.kubeconfig ?? "", "--namespace", NAMESPACE);

	const installed = async (...flags: string[]): Promise<KubeObject[]> => {
		await inRelease("install", RELEASE, CHART_FOLDER, "--create-namespace", "--take-ownership", ...flags);
		return parseManifests(await inRelease("get", "manifest", RELEASE), "the release").map(({ object }) => object);
	};

	/** Puts the Deployment's Secrets below the test's folder, as they are now. */
	const mount = async (): Promise<void> => {
		for (const { name, secret } of list(at(deployment, "spec", "template", "spec", "volumes"))) {
			const data = load(
				await kubectl("get", "secret", String(at(secret, "secretName")), "-n", NAMESPACE, "-o", "yaml"),
			);
			for (const { key, path } of list(at(secret, "items"))) {
				const file = join(folder, "etc/prism-operator", String(name), String(path));
				mkdirSync(dirname(file), { recursive: true });
				writeFileSync(file, Buffer.from(String(at(data, "data", String(key))), "base64"));
			}
		}
	};

	/** Runs the hooks as their Deployment says. */
	const startHooks = async (): Promise<number> => {
		await mount();
		const environment = Object.entries(environmentOf(deployment ?? {})).map(([name, value]) => [
			name,
			value.replace(/^\/etc\//, `${folder}/etc/`),
		]);
		const config = readConfig({ ...Object.fromEntries(environment), PORT: "0", HOST: "127.0.0.1" });
		const server = await startServer(config, REGISTRY, {
			log: pino({ level: "silent" }),
			resolve: (address) => cluster.proxies?.resolve(address),
		});
		stops.push(() => server.close());
		return server.port;
	};

	/** A proxy that takes whoever asks for the Service's name to the hooks: there is no DNS here, nor a Service's address. */
	const startDetour = async (port: number): Promise<number> => {
		const detour = createServer();
		detour.on("connect", ({ url }, socket) => {
			const there = url === `${RELEASE}.${NAMESPACE}.svc:8080` ? port : 1;
			const onward = connect(there, "127.0.0.1", () => {
				socket.write("HTTP/1.1 200 OK\r\n\r\n");
				socket.pipe(onward).pipe(socket);
			});
			for (const end of [socket, onward]) end.on("error", () => socket.destroy());
		});
		await new Promise<void>((resolve) => void detour.listen(0, "127.0.0.1", resolve));
		stops.push(() => {
			detour.closeAllConnections();
			detour.close();
		});
		return (detour.address() as AddressInfo).port;
	};

	/** Runs it as its Deployment says, with the token of its service account. */
	const startMetacontroller = async (manifest: readonly KubeObject[], detour: number): Promise<void> => {
		const own = only(manifest, "Deployment").find(({ metadata }) => metadata.name.endsWith("-metacontroller"));
		const account = String(at(own, "spec", "template", "spec", "serviceAccountName"));
		const admin = load(readFileSync(cluster.kubeconfig ?? "", "utf8"));
		const kubeconfig = join(folder, "kubeconfig");
		await writeKubeconfig(kubeconfig, {
			name: "metacontroller",
			server: String(at(admin, "clusters", 0, "cluster", "server")),
			ca: Buffer.from(String(at(admin, "clusters", 0, "cluster", "certificate-authority-data")), "base64").toString(),
			token: await kubectl("create", "token", account, "--namespace", NAMESPACE),
		});
		const said = at(own, "spec", "template", "spec", "containers", 0, "args");
		const args = (Array.isArray(said) ? said.map(String) : []).filter((arg) => !/-address=/.test(arg));
		const elsewhere = ["--metrics-address=127.0.0.1:0", "--health-probe-bind-address=127.0.0.1:0"];
		const out = openSync(log, "a");
		const metacontroller = spawn(METACONTROLLER, [...args, ...elsewhere, "--kubeconfig", kubeconfig], {
			env: { HTTPS_PROXY: `http://127.0.0.1:${detour}`, HOME: folder },
			stdio: ["ignore", out, out],
		});
		stops.push(() => metacontroller.kill("SIGKILL"));
	};

	/** What Metacontroller was not allowed to do, or could not reach. */
	const complaints = (): string[] => [
		...new Set(readFileSync(log, "utf8").match(/[^"]*(forbidden|unauthorized|x509|connection refused)[^"]*/gi)),
	];

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
		expect(complaints()).toEqual([]);
	});

	it("goes on with another token and another certificate, which Metacontroller takes by itself", {
		timeout: 180_000,
	}, async () => {
		const flags = ["--reuse-values", "--set", "auth.generation=2,tls.generation=2"];
		await inRelease("upgrade", RELEASE, CHART_FOLDER, ...flags);
		await mount();
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
		const notes = await inRelease("get", "notes", RELEASE);
		const steps = [...notes.matchAll(/^ +\d\. (kubectl|helm) (.*)$/gm)];
		expect(steps.map(([, program]) => program)).toEqual(["kubectl", "kubectl", "helm", "kubectl"]);
		for (const [, program, args = ""] of steps) {
			const words = args.split(" ");
			if (program === "kubectl") await kubectl(...words, "--timeout=60s");
			else await helm(...words, "--kubeconfig", cluster.kubeconfig ?? "");
		}
		expect(await kubectl("get", "crd", "--output", "name")).not.toContain("prism.io");
	});
});
