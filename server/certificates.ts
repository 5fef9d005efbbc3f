import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

// What TLS is made of, checked before anything is served with it.

export interface TlsMaterial {
	readonly cert: string;
	readonly key: string;
	/** Authorities of the callers' certificates. */
	readonly ca?: string;
	readonly minVersion: "TLSv1.2";
}

/** Throws an error, whose message quotes nothing, when the files' texts don't make a working server. */
export function readTlsMaterial([cert = "", key = "", ca]: readonly string[]): TlsMaterial {
	const [leaf] = certificatesOf(cert);
	if (leaf === undefined) throw new Error("the certificate's file has no certificate");
	if (!leaf.checkPrivateKey(privateKeyOf(key))) throw new Error("the key is not the certificate's");
	// Without any authority, Node would take its own list: every public one.
	if (ca !== undefined && certificatesOf(ca).length === 0) throw new Error("the authorities' file has no certificate");
	const material: TlsMaterial = { cert, key, ...(ca === undefined ? {} : { ca }), minVersion: "TLSv1.2" };
	createSecureContext(material);
	return material;
}

/** What a client needs to trust a server and, for mutual TLS, to be known by it. */
export interface ClientTlsMaterial {
	readonly ca: string;
	readonly cert?: string;
	readonly key?: string;
	readonly minVersion: "TLSv1.2";
}

/** Throws an error, whose message quotes nothing, when the files' texts don't make a working client. */
export function readClientTlsMaterial([ca = "", cert, key]: readonly string[]): ClientTlsMaterial {
	if (cert !== undefined && key !== undefined) return { ...readTlsMaterial([cert, key, ca]), ca };
	if (certificatesOf(ca).length === 0) throw new Error("the authorities' file has no certificate");
	return { ca, minVersion: "TLSv1.2" };
}

/** When the certificate that the server shows expires, in milliseconds since 1970. */
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
