import type { IncomingMessage } from "node:http";
import { expiryOf, readTlsMaterial, showsCertificate, type TlsMaterial } from "./certificates.ts";
import type { Config } from "./config.ts";
import { Refusal } from "./refusal.ts";
import { openFiles, type ReloadOptions } from "./reload.ts";
import { systemTime } from "./time.ts";
import { carriesToken, readTokens, type Tokens } from "./tokens.ts";

// Who may call, and what the server shows of itself; both from files that are replaced while it runs.

/** Whether callers have to show that they are known. */
export const knowsCallers = ({ tokenFile, tls }: Pick<Config, "tokenFile" | "tls">): boolean =>
	tokenFile !== undefined || tls?.clientCa !== undefined;

/** Throws a `ConfigError` when a file is not fit at the start. */
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
		/** Why a request's caller is not known; `undefined`: it is, or need not be. */
		strange: ({ socket, headers }: IncomingMessage): Refusal | undefined => {
			if (needsCertificate && !showsCertificate(socket)) return withoutCertificate;
			if (tokens !== undefined && !carriesToken(headers.authorization, tokens.current())) return withoutToken;
			return undefined;
		},
		tls: shown,
		/** Keys of the installation; none where callers carry no tokens. */
		keys: () => tokens?.current().keys ?? [],
		/** Calls the listener whenever other certificates are to be used from now on. */
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
