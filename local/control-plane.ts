import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, request } from "undici";
import { connect } from "./api-server.ts";
import type { Binaries } from "./control-plane-binaries.ts";
import { freePort } from "./free-port.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { type Process, startProcess } from "./process.ts";
import { ApiError, type Store } from "./store.ts";

// A Kubernetes API on this machine: etcd and kube-apiserver, and nothing that would run a pod. For development and
// tests only: nothing is written to disk in time, and who can read the kubeconfig may do everything.

export interface ControlPlane {
	/** Path of a kubeconfig for kubectl, Metacontroller and everybody else. */
	readonly kubeconfig: string;
	readonly store: Store;
	/** Ends both processes and removes the directory. */
	stop(): Promise<void>;
}

export interface ControlPlaneOptions {
	/** Everything is kept in here; made when missing, removed by `stop`. */
	readonly dir: string;
	readonly binaries: Binaries;
	readonly log: (message: string) => void;
	/** Where to write who asked what of the API, one JSON object a line. */
	readonly auditLog?: string;
}

const START_TIMEOUT = 120_000;
const NAME = "prism-local";

export const startControlPlane = async (options: ControlPlaneOptions): Promise<ControlPlane> => {
	const { dir, log } = options;
	const processes: Process[] = [];
	const stopProcesses = async () => {
		// The API server first: without its etcd it would spend its last seconds complaining.
		for (const process of processes.toReversed()) await process.stop();
		await rm(dir, { recursive: true, force: true });
	};
	try {
		await mkdir(dir, { recursive: true, mode: 0o700 });
		const started = performance.now();
		const { server, token } = await startProcesses(options, processes);
		const ca = await waitUntilReady(dir, server, token, processes);
		const kubeconfig = join(dir, "kubeconfig");
		await writeKubeconfig(kubeconfig, { name: NAME, server, ca, token });
		const store = connect({ server, ca, token });
		await ensureNamespace(store, "default");
		log(`kube-apiserver is ready at ${server} after ${((performance.now() - started) / 1000).toFixed(1)} s`);
		return {
			kubeconfig,
			store,
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

const startProcesses = async ({ dir, binaries, auditLog }: ControlPlaneOptions, processes: Process[]) => {
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
		// They wait for what only kube-controller-manager does: making service accounts, releasing claims.
		"--disable-admission-plugins=ServiceAccount,StorageObjectInUseProtection",
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

/** Resolves with the certificate that the API server made for itself, which is signed by an authority within it. */
const waitUntilReady = async (dir: string, server: string, token: string, processes: Process[]): Promise<string> => {
	const agent = new Agent({ connect: { rejectUnauthorized: false } });
	const ended: string[] = [];
	for (const process of processes) void process.ended.then((sentence) => ended.push(sentence));
	const deadline = performance.now() + START_TIMEOUT;
	try {
		while (performance.now() < deadline && ended.length === 0) {
			if (await isReady(agent, server, token)) {
				return await readFile(join(dir, "certificates", "apiserver.crt"), "utf8");
			}
			await new Promise((resolve) => void setTimeout(resolve, 100));
		}
	} finally {
		await agent.destroy();
	}
	const cause = ended[0] ?? `kube-apiserver is not ready after ${START_TIMEOUT / 1000} s`;
	const logs = await Promise.all(processes.map((process) => process.lastLines()));
	throw new Error(`cannot start the control plane: ${cause}\n${logs.filter(Boolean).join("\n")}`);
};

const isReady = async (dispatcher: Agent, server: string, token: string): Promise<boolean> => {
	try {
		const headers = { authorization: `Bearer ${token}` };
		const { statusCode, body } = await request(`${server}/readyz`, { dispatcher, headers });
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
