import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

// TLS settings, validated before the server uses them.

export interface TlsMaterial {
	readonly cert: string;
	readonly key: string;
	/** CAs of the callers' certificates. */
	readonly ca?: string;
	readonly minVersion: "TLSv1.2";
}

/** Throws an error, whose message quotes nothing, if the files do not make a working server. */
export function readTlsMaterial([cert = "", key = "", ca]: readonly string[]): TlsMaterial {
	const [leaf] = certificatesOf(cert);
	if (leaf === undefined) throw new Error("the certificate's file has no certificate");
	if (!leaf.checkPrivateKey(privateKeyOf(key))) throw new Error("the key is not the certificate's");
	// Without a CA, Node.js would use its own list of public CAs.
	if (ca !== undefined && certificatesOf(ca).length === 0) throw new Error("the authorities' file has no certificate");
	const material: TlsMaterial = { cert, key, ...(ca === undefined ? {} : { ca }), minVersion: "TLSv1.2" };
	createSecureContext(material);
	return material;
}

/** What a client needs to verify a server and, for mutual TLS, to authenticate to it. */
export interface ClientTlsMaterial {
	readonly ca: string;
	readonly cert?: string;
	readonly key?: string;
	readonly minVersion: "TLSv1.2";
}

/** Throws an error, whose message quotes nothing, if the files do not make a working client. */
export function readClientTlsMaterial([ca = "", cert, key]: readonly string[]): ClientTlsMaterial {
	if (cert !== undefined && key !== undefined) return { ...readTlsMaterial([cert, key, ca]), ca };
	if (certificatesOf(ca).length === 0) throw new Error("the authorities' file has no certificate");
	return { ca, minVersion: "TLSv1.2" };
}

/** Expiry of the server's certificate, in milliseconds since 1970. */
export const expiryOf = ({ cert }: TlsMaterial): number => certificatesOf(cert)[0]?.validToDate.getTime() ?? Number.NaN;

/**
 * Whether the client has a certificate of our CAs. Also check that it has one: OpenSSL accepts a missing certificate, and a resumed
 * session without one, and `authorized` is false by a rule of Node.js.
 */
export const showsCertificate = (socket: Socket): boolean =>
	socket instanceof TLSSocket && socket.authorized && socket.getPeerX509Certificate() !== undefined;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function certificatesOf(pem: string): X509Certificate[] {
	try {
		return (pem.match(CERTIFICATE) ?? []).map((text) => new X509Certificate(text));
	} catch {
		throw new Error("a certificate can't be read");
	}
}

function privateKeyOf(pem: string) {
	try {
		return createPrivateKey(pem);
	} catch {
		throw new Error("the key can't be read");
	}
}
