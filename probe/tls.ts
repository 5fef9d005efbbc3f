import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { checkServerIdentity, createSecureContext, type PeerCertificate } from "node:tls";
import { readIfThere } from "../server/watched-files.ts";
import type { BackendEndpoint, TlsSettings } from "./backend.ts";
import { ProbeError } from "./errors.ts";

// The TLS settings of a connection as options of Node's tls.connect. Every client passes them on.

export interface ClientTls {
	readonly ca?: string;
	readonly cert?: string;
	readonly key?: string;
	/** Server name for SNI. undefined for an IP address, which TLS does not allow there. */
	readonly servername?: string;
	readonly rejectUnauthorized: boolean;
	readonly checkServerIdentity: (hostname: string, certificate: PeerCertificate) => Error | undefined;
}

/** Reads the files for each connection, so that the next one uses a renewed Secret. */
export async function readTls(tls: TlsSettings | undefined, endpoint: BackendEndpoint): Promise<ClientTls | undefined> {
	if (tls === undefined) return undefined;
	const name = tls.serverName ?? endpoint.host;
	return {
		...(tls.directory !== undefined && (await readCertificates(tls.directory))),
		...(isIP(name) === 0 && { servername: name }),
		rejectUnauthorized: tls.verify !== "nothing",
		// Our own check, because the clients disagree on the name to check if the host is an IP address or the name is another than the host.
		checkServerIdentity: (_, certificate) =>
			tls.verify === "name" ? checkServerIdentity(name, certificate) : undefined,
	};
}

async function readCertificates(directory: string): Promise<Pick<ClientTls, "ca" | "cert" | "key">> {
	try {
		const [ca, cert, key] = await Promise.all([
			readFile(join(directory, "ca.crt"), "utf8"),
			readIfThere(join(directory, "tls.crt")),
			readIfThere(join(directory, "tls.key")),
		]);
		const client = cert === undefined || key === undefined ? {} : { cert, key };
		if ((cert === undefined) !== (key === undefined)) throw new Error("tls.crt and tls.key come together");
		// Checked here, where the cause is known: the clients would throw an unspecific error.
		if (!ca.includes("-----BEGIN ")) throw new Error("ca.crt is not PEM: TLS would trust nobody, without a word");
		createSecureContext({ ca, ...client });
		return { ca, ...client };
	} catch {
		throw new ProbeError("CertificateUnreadable");
	}
}
