import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { load } from "js-yaml";
import { writeKubeconfig } from "../../devcluster/api/kubeconfig.ts";
import { type Cluster, startCluster } from "../../devcluster/cluster.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { systemTime } from "../../server/time.ts";
import { parseManifests } from "../../yaml/manifests.ts";
import { testBinaries } from "../cluster.ts";
import { installKinds } from "../integration/installed.ts";
import { at, CHART_FOLDER, environmentOf, helm, hooksOf, list, NAMESPACE, only, RELEASE } from "./helm.ts";

// A release of the chart on a local API server: what Helm installed, the files and the environment of the hooks' pods,
// and Metacontroller as its own Deployment says, with the rights of its service account and no others.

export interface Release {
	readonly cluster: Cluster;
	/** Every object that Helm installed. */
	readonly manifest: readonly KubeObject[];
	readonly hooks: KubeObject;
	/** For what the pods mount, and what goes with the test. */
	readonly folder: string;
	readonly kubectl: (...args: string[]) => Promise<string>;
	readonly helm: (...args: string[]) => Promise<string>;
	/** Puts the Secrets of the hooks' pods below the folder, as they are now. */
	readonly mount: () => Promise<void>;
	/** What the hooks' container sees, with its mounts below the folder, and any free port of loopback. */
	readonly environment: () => Record<string, string>;
	/** Where, how and as whom Metacontroller reaches the API server. */
	readonly account: () => Promise<Account>;
	/** Runs Metacontroller; the hooks' Service is at this port of loopback. */
	readonly startMetacontroller: (program: string, port: number) => Promise<void>;
	/** What Metacontroller was not allowed to do, or could not reach. */
	readonly complaints: () => string[];
	readonly stop: () => Promise<void>;
}

export interface Account {
	readonly name: string;
	readonly server: string;
	readonly ca: string;
	readonly token: string;
}

export interface ReleaseOptions {
	readonly flags?: readonly string[];
	readonly auditLog?: (folder: string) => string;
	/** Definitions of kinds that are not ours. */
	readonly definitions?: readonly KubeObject[];
}

export const installRelease = async ({ flags = [], auditLog, definitions = [] }: ReleaseOptions): Promise<Release> => {
	const folder = mkdtempSync(join(tmpdir(), "prism-release-"));
	const log = join(folder, "metacontroller.log");
	writeFileSync(log, "");
	const stops: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
	await helm("version");
	await testBinaries();
	const cluster = await startCluster({
		clock: systemTime,
		name: "local",
		environment: process.env,
		log: () => {},
		confirm: async () => false,
		...(auditLog !== undefined && { auditLog: auditLog(folder) }),
	});
	stops.push(() => cluster.stop());
	const kubeconfig = cluster.kubeconfig ?? "";
	for (const definition of definitions) await cluster.store.apply(definition, { fieldManager: "test" });
	await installKinds(cluster.store);
	// Proxies of the samples keep apart from each other.
	await cluster.startControllers({ nodes: 24 });

	const kubectl = async (...args: string[]): Promise<string> => {
		const { kubectl: program } = await testBinaries();
		const { stdout } = await promisify(execFile)(program, ["--kubeconfig", kubeconfig, ...args]);
		return stdout.trim();
	};
	const inRelease = (...args: string[]) => helm(...args, "--kubeconfig", kubeconfig, "--namespace", NAMESPACE);
	const install = ["install", RELEASE, CHART_FOLDER, "--create-namespace", "--take-ownership"];
	await inRelease(...install, "--set", "metacontroller.enabled=true", ...flags);
	const installed = await inRelease("get", "manifest", RELEASE);
	const manifest = parseManifests(installed, "the release").map(({ object }) => object);
	const hooks = hooksOf(manifest);
	const own = only(manifest, "Deployment").find(({ metadata }) => metadata.name.endsWith("-metacontroller"));

	const account = async (): Promise<Account> => {
		const name = String(at(own, "spec", "template", "spec", "serviceAccountName"));
		const admin = at(load(readFileSync(kubeconfig, "utf8")), "clusters", 0, "cluster");
		return {
			name,
			server: String(at(admin, "server")),
			ca: Buffer.from(String(at(admin, "certificate-authority-data")), "base64").toString(),
			token: await kubectl("create", "token", name, "--namespace", NAMESPACE),
		};
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
			onward.once("close", () => socket.destroy());
			for (const end of [socket, onward]) end.on("error", () => socket.destroy());
		});
		await new Promise<void>((resolve) => void detour.listen(0, "127.0.0.1", resolve));
		stops.push(() => {
			detour.closeAllConnections();
			detour.close();
		});
		return (detour.address() as AddressInfo).port;
	};

	return {
		cluster,
		manifest,
		hooks,
		folder,
		kubectl,
		helm: inRelease,
		account,
		mount: async () => {
			for (const { name, secret } of list(at(hooks, "spec", "template", "spec", "volumes"))) {
				const stored = await kubectl("get", "secret", String(at(secret, "secretName")), "-n", NAMESPACE, "-o", "yaml");
				writeVolume(folder, String(name), secret, at(load(stored), "data"));
			}
		},
		environment: () => podEnvironment(hooks, folder),
		startMetacontroller: async (program, port) => {
			const { name: _name, ...access } = await account();
			const configFile = join(folder, "kubeconfig");
			await writeKubeconfig(configFile, { name: "metacontroller", ...access });
			const said = at(own, "spec", "template", "spec", "containers", 0, "args");
			const args = (Array.isArray(said) ? said.map(String) : []).filter((arg) => !/-address=/.test(arg));
			const elsewhere = ["--metrics-address=127.0.0.1:0", "--health-probe-bind-address=127.0.0.1:0"];
			const out = openSync(log, "a");
			const metacontroller = spawn(program, [...args, ...elsewhere, "--kubeconfig", configFile], {
				env: { HTTPS_PROXY: `http://127.0.0.1:${await startDetour(port)}`, HOME: folder },
				stdio: ["ignore", out, out],
			});
			stops.push(() => metacontroller.kill("SIGKILL"));
		},
		complaints: () => [
			...new Set(readFileSync(log, "utf8").match(/[^"]*(forbidden|unauthorized|x509|connection refused)[^"]*/gi)),
		],
		stop: async () => {
			for (const step of stops.toReversed()) await step();
		},
	};
};

/** Lays a Secret out as its volume: `data` is base64. */
export const writeVolume = (folder: string, volume: string, secret: unknown, data: unknown): void => {
	for (const { key, path } of list(at(secret, "items"))) {
		const file = join(folder, "etc/prism-operator", volume, String(path));
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, Buffer.from(String(at(data, String(key))), "base64"));
	}
};

export const podEnvironment = (hooks: KubeObject, folder: string): Record<string, string> => ({
	...Object.fromEntries(
		Object.entries(environmentOf(hooks)).map(([name, value]) => [name, value.replace(/^\/etc\//, `${folder}/etc/`)]),
	),
	PORT: "0",
	HOST: "127.0.0.1",
});
