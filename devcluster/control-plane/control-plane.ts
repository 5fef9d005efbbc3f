import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, request } from "undici";
import { LOCAL_CONTEXT } from "../../schemas/installation.ts";
import { connect } from "../api/api-server.ts";
import { writeKubeconfig } from "../api/kubeconfig.ts";
import { freePort, isFree } from "../free-port.ts";
import { type Process, startProcess } from "../process.ts";
import { ApiError, type Store } from "../store.ts";
import type { Binaries } from "./binaries.ts";

// A Kubernetes control plane on this machine: etcd, kube-apiserver, kube-controller-manager and kube-scheduler. Only
// nodes are missing. For development and tests only: nothing is written to disk in time, and who can read the
// kubeconfig may do everything.

/** Of Kubernetes' own, by name. */
export type FeatureGates = Readonly<Record<string, boolean>>;

export interface ControlPlane {
	/** Path of a kubeconfig for kubectl, Metacontroller and every other client. */
	readonly kubeconfig: string;
	readonly store: Store;
	/** What the API server shows to its clients; a node's kubelet serves with it too. */
	readonly certificate: ServingCertificate;
	/**
	 * Starts kube-controller-manager and kube-scheduler, and resolves when both are healthy. Call it once the CRDs are
	 * installed: the garbage collector looks for new kinds only every 30 s. `featureGates` are those that are not as by default.
	 */
	startControllers(featureGates?: FeatureGates): Promise<void>;
	/** Ends all processes and removes the directory. */
	stop(): Promise<void>;
}

/** PEM. */
export interface ServingCertificate {
	readonly cert: string;
	readonly key: string;
}

export interface ControlPlaneOptions {
	/** Everything is kept in here; made when missing, removed by `stop`. */
	readonly dir: string;
	readonly binaries: Binaries;
	readonly log: (message: string) => void;
	/** Where to write who asked what of the API, one JSON object a line. */
	readonly auditLog?: string;
	/** The controllers listen where `kubectl get componentstatuses` looks for them: for one cluster of a machine. */
	readonly wellKnownPorts?: boolean;
}

const START_TIMEOUT = 120_000;

export const startControlPlane = async (options: ControlPlaneOptions): Promise<ControlPlane> => {
	const { dir, log } = options;
	const processes: Process[] = [];
	const stopProcesses = async () => {
		// The last one first: without its etcd, the API server would spend its last seconds complaining.
		for (const process of processes.toReversed()) await process.stop();
		await rm(dir, { recursive: true, force: true });
	};
	try {
		await mkdir(dir, { recursive: true, mode: 0o700 });
		const started = performance.now();
		const { server, token } = await startProcesses(options, processes);
		const certificate = await servedCertificate(dir, server, token, processes);
		const kubeconfig = join(dir, "kubeconfig");
		await writeKubeconfig(kubeconfig, { name: LOCAL_CONTEXT, server, ca: certificate.cert, token });
		const store = connect({ server, ca: certificate.cert, token });
		await ensureNamespace(store, "default");
		log(`kube-apiserver is ready at ${server} after ${secondsSince(started)} s`);
		return {
			kubeconfig,
			store,
			certificate,
			async startControllers(featureGates = {}) {
				const begun = performance.now();
				await startControllers(options, { kubeconfig, featureGates }, processes);
				log(`kube-controller-manager and kube-scheduler are ready after ${secondsSince(begun)} s`);
			},
			async stop() {
				await store.close();
				await stopProcesses();
			},
		};
	} catch (error) {
		await stopProcesses();
		throw error;
	}
};

const secondsSince = (started: number): string => ((performance.now() - started) / 1000).toFixed(1);

const startProcesses = async (options: ControlPlaneOptions, processes: Process[]) => {
	const { dir, binaries, auditLog } = options;
	const [clients, peers, secure] = [await freePort(), await freePort(), await freePort()];
	const etcd = `http://127.0.0.1:${clients}`;
	const peer = `http://127.0.0.1:${peers}`;
	const etcdFlags = [
		"--name=local",
		`--data-dir=${join(dir, "etcd")}`,
		`--listen-client-urls=${etcd}`,
		`--advertise-client-urls=${etcd}`,
		`--listen-peer-urls=${peer}`,
		`--initial-advertise-peer-urls=${peer}`,
		`--initial-cluster=local=${peer}`,
		"--unsafe-no-fsync",
		"--log-level=warn",
	];
	processes.push(startProcess("etcd", binaries.etcd, etcdFlags, join(dir, "etcd.log")));
	const token = await writeCredentials(dir);
	const flags = [
		`--etcd-servers=${etcd}`,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		`--secure-port=${secure}`,
		`--cert-dir=${join(dir, "certificates")}`,
		`--token-auth-file=${join(dir, "tokens.csv")}`,
		`--service-account-key-file=${join(dir, "service-accounts.pub")}`,
		`--service-account-signing-key-file=${join(dir, "service-accounts.key")}`,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-cluster-ip-range=10.96.0.0/16",
		"--authorization-mode=RBAC",
		"--endpoint-reconciler-type=none",
		"--allow-privileged=true",
		"--profiling=false",
		...(auditLog === undefined ? [] : await auditFlags(dir, auditLog)),
	];
	processes.push(startProcess("kube-apiserver", binaries.kubeApiserver, flags, join(dir, "kube-apiserver.log")));
	return { server: `https://127.0.0.1:${secure}`, token };
};

/** The admin's token, and the keys of service accounts, without which the API server doesn't start. */
const writeCredentials = async (dir: string): Promise<string> => {
	const token = randomBytes(24).toString("hex");
	const { publicKey, privateKey } = generateKeyPairSync("rsa", {
		modulusLength: 2048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
	});
	const secret = { mode: 0o600 };
	await Promise.all([
		writeFile(join(dir, "tokens.csv"), `${token},admin,admin,"system:masters"\n`, secret),
		writeFile(join(dir, "service-accounts.key"), privateKey, secret),
		writeFile(join(dir, "service-accounts.pub"), publicKey),
	]);
	return token;
};

const auditFlags = async (dir: string, auditLog: string): Promise<string[]> => {
	const policy = join(dir, "audit-policy.yaml");
	await writeFile(
		policy,
		"apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n",
	);
	return [`--audit-policy-file=${policy}`, `--audit-log-path=${auditLog}`, "--audit-log-mode=blocking"];
};

/** The certificate that the API server made for itself, which is signed by an authority within it. */
const servedCertificate = async (
	dir: string,
	server: string,
	token: string,
	processes: readonly Process[],
): Promise<ServingCertificate> => {
	await untilHealthy([`${server}/readyz`], token, processes);
	const [cert, key] = await Promise.all(
		["apiserver.crt", "apiserver.key"].map((file) => readFile(join(dir, "certificates", file), "utf8")),
	);
	return { cert: cert ?? "", key: key ?? "" };
};

/** Where `kubectl get componentstatuses` looks. */
const CONTROLLER_MANAGER_PORT = 10_257;
const SCHEDULER_PORT = 10_259;

const startControllers = async (
	{ dir, binaries, wellKnownPorts = false }: ControlPlaneOptions,
	{ kubeconfig, featureGates }: { readonly kubeconfig: string; readonly featureGates: FeatureGates },
	processes: Process[],
): Promise<void> => {
	const portFor = async (wellKnown: number) =>
		wellKnownPorts && (await isFree(wellKnown)) ? wellKnown : await freePort();
	const [managerPort, schedulerPort] = [await portFor(CONTROLLER_MANAGER_PORT), await portFor(SCHEDULER_PORT)];
	const shared = (port: number) => [
		`--kubeconfig=${kubeconfig}`,
		"--leader-elect=false",
		"--bind-address=127.0.0.1",
		`--secure-port=${port}`,
		"--kube-api-qps=300",
		"--kube-api-burst=600",
		"--profiling=false",
	];
	const managerFlags = [
		...shared(managerPort),
		`--cert-dir=${join(dir, "controller-manager")}`,
		`--service-account-private-key-file=${join(dir, "service-accounts.key")}`,
		`--root-ca-file=${join(dir, "certificates", "apiserver.crt")}`,
		// The nodes' heartbeats come from a process that a busy machine may hold up for a while.
		"--node-monitor-grace-period=3m",
		...Object.entries(featureGates).map(([gate, isOn]) => `--feature-gates=${gate}=${isOn}`),
	];
	const schedulerFlags = [...shared(schedulerPort), `--cert-dir=${join(dir, "scheduler")}`];
	const { kubeControllerManager, kubeScheduler } = binaries;
	processes.push(
		startProcess("kube-controller-manager", kubeControllerManager, managerFlags, join(dir, "controller-manager.log")),
		startProcess("kube-scheduler", kubeScheduler, schedulerFlags, join(dir, "scheduler.log")),
	);
	const health = [managerPort, schedulerPort].map((port) => `https://127.0.0.1:${port}/healthz`);
	await untilHealthy(health, undefined, processes);
};

/** Resolves when all of these answer 200. Throws when one of the processes ends before, or after START_TIMEOUT. */
const untilHealthy = async (
	urls: readonly string[],
	token: string | undefined,
	processes: readonly Process[],
): Promise<void> => {
	const agent = new Agent({ connect: { rejectUnauthorized: false } });
	const ended: string[] = [];
	for (const process of processes) void process.ended.then((sentence) => ended.push(sentence));
	const deadline = performance.now() + START_TIMEOUT;
	try {
		while (performance.now() < deadline && ended.length === 0) {
			const healthy = await Promise.all(urls.map((url) => isHealthy(agent, url, token)));
			if (healthy.every(Boolean)) return;
			await new Promise((resolve) => void setTimeout(resolve, 100));
		}
	} finally {
		await agent.destroy();
	}
	const cause = ended[0] ?? `${urls.join(" and ")} not ready after ${START_TIMEOUT / 1000} s`;
	const logs = await Promise.all(processes.map((process) => process.lastLines()));
	throw new Error(`cannot start the control plane: ${cause}\n${logs.filter(Boolean).join("\n")}`);
};

const isHealthy = async (dispatcher: Agent, url: string, token: string | undefined): Promise<boolean> => {
	try {
		const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
		const { statusCode, body } = await request(url, { dispatcher, headers });
		await body.dump();
		return statusCode === 200;
	} catch {
		return false;
	}
};

const ensureNamespace = async (store: Store, name: string): Promise<void> => {
	try {
		await store.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
	} catch (error) {
		// The API server makes it too, a moment after it is ready.
		if (!(error instanceof ApiError && error.reason === "AlreadyExists")) throw error;
	}
};
