import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// A certificate authority for a test: folders as the probe mounts them, and files for servers.

/** Name that the servers' certificate carries, and no other: not the address that the tests connect to. */
export const SERVER_NAME = "backend.prism.test";

export interface Certificates {
	/** As in PRISM_BACKEND_TLS_DIR: with the servers' CA, with that and a client certificate, with another CA. */
	readonly trusting: string;
	readonly withClientCertificate: string;
	readonly withOtherAuthority: string;
	/** PEM files for a server. */
	readonly ca: string;
	readonly cert: string;
	readonly key: string;
}

export function makeCertificates(folder: string, openssl: string): Certificates {
	const run = (...args: string[]) => execFileSync(openssl, args, { cwd: folder, stdio: "pipe" });
	const authority = (name: string) => {
		run(
			...words(`req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${name}`),
			"-keyout",
			`${name}.key`,
			"-out",
			`${name}.crt`,
		);
	};
	const signed = (name: string, extensions: string) => {
		writeFileSync(join(folder, `${name}.ext`), extensions);
		run(
			...words(
				`req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`,
			),
		);
		run(
			...words(
				`x509 -req -days 2 -in ${name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile ${name}.ext -out ${name}.crt`,
			),
		);
	};
	authority("ca");
	authority("other");
	signed("server", `subjectAltName=DNS:${SERVER_NAME}\n`);
	signed("client", "extendedKeyUsage=clientAuth\n");
	const mount = (name: string, files: Record<string, string>) => {
		const path = join(folder, name);
		mkdirSync(path);
		for (const [as, source] of Object.entries(files)) execFileSync("cp", [join(folder, source), join(path, as)]);
		return path;
	};
	// The database's own user reads it; PostgreSQL refuses a key that others may read.
	chmodSync(join(folder, "server.key"), 0o600);
	return {
		trusting: mount("trusting", { "ca.crt": "ca.crt" }),
		withClientCertificate: mount("client", { "ca.crt": "ca.crt", "tls.crt": "client.crt", "tls.key": "client.key" }),
		withOtherAuthority: mount("other", { "ca.crt": "other.crt" }),
		ca: join(folder, "ca.crt"),
		cert: join(folder, "server.crt"),
		key: join(folder, "server.key"),
	};
}

const words = (line: string): string[] => line.split(" ");
