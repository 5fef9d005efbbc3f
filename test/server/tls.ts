import { once } from "node:events";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import type { RunningServer } from "../../server/server.ts";
import { createAuthority, type Identity } from "./authority.ts";
import { secretVolume, start } from "./started.ts";

// Authorities, certificates, and servers that have them from files that may be replaced.

export const authority = createAuthority("prism-test");
export const other = createAuthority("other-test");
export const first = authority.sign("first");
export const second = authority.sign("second");
export const expired = authority.sign("expired", { days: -1 });
export const clientAuth = { extensions: "extendedKeyUsage=clientAuth" };
export const client = authority.sign("client", clientAuth);
export const stranger = other.sign("stranger", clientAuth);
export const wrongPurpose = authority.sign("wrong-purpose", { extensions: "extendedKeyUsage=serverAuth" });

export const files = ({ cert, key }: Identity, ca?: string) => ({
	"tls.crt": cert,
	"tls.key": key,
	...(ca === undefined ? {} : { "ca.crt": ca }),
});

export async function startTls(content: Record<string, string>, env: Record<string, string> = {}) {
	const volume = secretVolume(content);
	const started = await start({
		PRISM_TLS_CERT_FILE: volume.path("tls.crt"),
		PRISM_TLS_KEY_FILE: volume.path("tls.key"),
		...("ca.crt" in content ? { PRISM_TLS_CLIENT_CA_FILE: volume.path("ca.crt") } : {}),
		...env,
	});
	return { ...started, swap: volume.swap };
}

export const trusting = { ca: authority.cert };

export async function handshake({ address, port }: RunningServer, options: ConnectionOptions = {}): Promise<TLSSocket> {
	const socket = connect({ host: address, port, ...trusting, ...options });
	await once(socket, "secureConnect");
	return socket;
}

/** Common name of the certificate that the server shows. */
export async function shown(server: RunningServer): Promise<unknown> {
	const socket = await handshake(server);
	const { subject } = socket.getPeerCertificate();
	socket.destroy();
	return subject.CN;
}

export const REFUSED = "cannot reload: the previous content stays in use";
