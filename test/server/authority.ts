import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

// Certificates for a test, by the program `openssl`: Node can read certificates, but not make them.

export interface Identity {
	readonly cert: string;
	readonly key: string;
}

export interface Authority extends Identity {
	readonly sign: (name: string, options?: { extensions?: string; days?: number }) => Identity;
}

const PROGRAM = "openssl";
const KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

export function createAuthority(name: string): Authority {
	const folder = mkdtempSync(join(tmpdir(), "prism-authority-"));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	const openssl = (line: string) => execFileSync(PROGRAM, line.split(" "), { cwd: folder, stdio: "pipe" });
	const identity = (file: string): Identity => ({
		cert: readFileSync(join(folder, `${file}.crt`), "utf8"),
		key: readFileSync(join(folder, `${file}.key`), "utf8"),
	});
	openssl(`req -x509 ${KEY} -days 2 -subj /CN=${name} -keyout ca.key -out ca.crt`);
	return {
		...identity("ca"),
		sign: (file, { extensions = "subjectAltName=IP:127.0.0.1", days = 2 } = {}) => {
			writeFileSync(join(folder, "extensions"), `${extensions}\n`);
			openssl(`req ${KEY} -subj /CN=${file} -keyout ${file}.key -out ${file}.csr`);
			openssl(
				`x509 -req -days ${days} -in ${file}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile extensions -out ${file}.crt`,
			);
			return identity(file);
		},
	};
}
