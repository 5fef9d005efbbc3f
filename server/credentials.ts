import type { IncomingMessage } from "node:http";
import { expiryOf, readTlsMaterial, showsCertificate, type TlsMaterial } from "./certificates.ts";
import type { Config } from "./config.ts";
import { Refusal } from "./rejected-request.ts";
import { openFiles, type ReloadOptions } from "./reload.ts";
import { systemTime } from "./time.ts";
import { carriesToken, readTokens, type Tokens } from "./tokens.ts";

// Authentication of callers, and the server's certificate; both from files that are replaced while the server runs.

/** Whether callers must authenticate. */
export const knowsCallers = ({ tokenFile, tls }: Pick<Config, "tokenFile" | "tls">): boolean =>
	tokenFile !== undefined || tls?.clientCa !== undefined;

/** Throws a `ConfigError` if a file is invalid at startup. */
export async function openCredentials({ tokenFile, tls }: Pick<Config, "tokenFile" | "tls">, options: ReloadOptions) {
	const tokens =
		tokenFile === undefined
			? undefined
			: await openFiles(
					{
						what: "tokens",
						variables: "PRISM_TOKEN_FILE",
						paths: [tokenFile],
						read: ([text = ""]): Tokens => readTokens(text),
					},
					options,
				);
	const certificates =
		tls &&
		(await openFiles(
			{
				what: "certificates",
				variables: "PRISM_TLS_CERT_FILE, PRISM_TLS_KEY_FILE or PRISM_TLS_CLIENT_CA_FILE",
				paths: [tls.cert, tls.key, ...(tls.clientCa === undefined ? [] : [tls.clientCa])],
				read: readTlsMaterial,
			},
			options,
		).catch((error: unknown) => {
			tokens?.close();
			throw error;
		}));
	certificates?.onChange((material) => tellExpiry(material, options));
	const shown = certificates?.current();
	if (shown !== undefined) tellExpiry(shown, options);
	const needsCertificate = tls?.clientCa !== undefined;
	// Created once: a flood of requests must not create stack traces.
	const withoutCertificate = new Refusal("PRISM_ERR_NO_CERTIFICATE");
	const withoutToken = new Refusal("PRISM_ERR_NO_TOKEN", {
		headers: { "www-authenticate": 'Bearer realm="prism-operator"' },
	});
	return {
		/** Why the caller of a request is not authenticated; `undefined`: it is, or need not be. */
		strange: ({ socket, headers }: IncomingMessage): Refusal | undefined => {
			if (needsCertificate && !showsCertificate(socket)) return withoutCertificate;
			if (tokens !== undefined && !carriesToken(headers.authorization, tokens.current())) return withoutToken;
			return undefined;
		},
		tls: shown,
		/** Signing keys of the installation; none without tokens. */
		keys: () => tokens?.current().keys ?? [],
		/** Calls the listener after a change of the certificates. */
		onCertificates: (listener: (material: TlsMaterial) => void) => certificates?.onChange(listener),
		close: () => {
			tokens?.close();
			certificates?.close();
		},
	};
}

function tellExpiry(material: TlsMaterial, { log, metrics }: ReloadOptions): void {
	const expiry = expiryOf(material);
	metrics.certificateExpires(expiry);
	if (expiry < systemTime.now())
		log.warn({ expired: new Date(expiry).toISOString() }, "the server's certificate has expired");
}
