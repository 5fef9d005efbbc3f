import { execFileSync } from "node:child_process";
import {
	chmodSync,
	chownSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readFileSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startProcess } from "../../devcluster/process.ts";
import { suiteWith } from "./installed.ts";
import { describeScenarios, PASSWORD, type ServerTls } from "./scenarios.ts";

const isRoot = process.getuid?.() === 0;

/** PostgreSQL refuses to run as root: then it runs as its package's own user. */
const unprivileged = (command: string, ...args: string[]): [string, string[]] =>
	isRoot ? ["setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", command, ...args]] : [command, args];

suiteWith(
	"a real PostgreSQL",
	["postgres", "initdb", "openssl", ...(isRoot ? (["setpriv"] as const) : [])],
	(pathOf) => {
		describeScenarios(
			{
				provider: "postgres",
				username: "prism",
				path: "/postgres",
				wrongPath: "/nothing",
				tlsByPath: {
					"/postgres?sslmode=require": "Healthy",
					"/postgres?sslmode=verify-ca": "CertificateRejected",
					"/postgres?sslmode=disable": "AuthenticationFailed",
				},
				withoutClientCertificate: "AuthenticationFailed",
				async start(folder, port, tls) {
					const data = join(folder, "data");
					if (!existsSync(data)) initialise(folder, data, pathOf("initdb"));
					writeFileSync(join(data, "pg_hba.conf"), accessRule(tls));
					const log = join(folder, "log");
					writeFileSync(log, "");
					const running = startProcess(
						"postgres",
						...unprivileged(pathOf("postgres"), "-D", data, "-p", String(port), ...settings(folder, tls)),
						log,
					);
					while (!readFileSync(log, "utf8").includes("ready to accept connections")) {
						if (await Promise.race([running.ended, sleep(25)])) throw new Error(await running.lastLines());
					}
					return {
						stop: async () => {
							// Asked by SIGTERM, it would wait until the probe is gone.
							const [pid = ""] = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
							process.kill(Number(pid), "SIGINT");
							await running.ended;
						},
					};
				},
			},
			pathOf("openssl"),
		);
	},
);

function initialise(folder: string, data: string, initdb: string): void {
	const passwordFile = join(folder, "password");
	writeFileSync(passwordFile, PASSWORD);
	mkdirSync(data);
	if (isRoot) {
		openTheWayTo(folder);
		const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "postgres"]).toString()));
		for (const path of [folder, data, passwordFile]) chownSync(path, uid ?? 0, gid ?? 0);
	}
	const options = [
		"--username=prism",
		`--pwfile=${passwordFile}`,
		"--auth=scram-sha-256",
		"--no-sync",
		"--no-locale",
		"-E",
		"UTF8",
	];
	execFileSync(...unprivileged(initdb, "-D", data, ...options), { stdio: "pipe", cwd: folder });
}

/** Temporary folders are their owner's alone; the database's user has to pass through the one above its own. */
function openTheWayTo(folder: string): void {
	const above = dirname(folder);
	chmodSync(above, statSync(above).mode | 0o011);
}

const accessRule = (tls: ServerTls | undefined): string => {
	if (tls === undefined) return "host all all 127.0.0.1/32 scram-sha-256\n";
	return `hostssl all all 127.0.0.1/32 scram-sha-256${tls.mutual ? " clientcert=verify-ca" : ""}\n`;
};

function settings(folder: string, tls: ServerTls | undefined): string[] {
	const common = ["-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${folder}`, "-c", "fsync=off"];
	if (tls === undefined) return common;
	// A copy: the key must be the server's own, and nobody else may read it.
	const [cert, key, ca] = (["cert", "key", "ca"] as const).map((file) => {
		const copy = join(folder, `${file}.pem`);
		copyFileSync(tls.certificates[file], copy);
		chmodSync(copy, 0o600);
		const { uid, gid } = statSync(folder);
		chownSync(copy, uid, gid);
		return copy;
	});
	return [
		...common,
		"-c",
		"ssl=on",
		"-c",
		`ssl_cert_file=${cert}`,
		"-c",
		`ssl_key_file=${key}`,
		"-c",
		`ssl_ca_file=${ca}`,
	];
}
