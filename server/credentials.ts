import type { IncomingMessage } from "node:http";
import { expiryOf, readTlsMaterial, showsCertificate, type TlsMaterial } from "./certificates.ts";
import type { Config } from "./config.ts";
import { Refusal } from "./refusal.ts";
import { openFiles, type ReloadOptions } from "./reload.ts";
import { carriesToken, readTokens, type Tokens } from "./tokens.ts";
import type { WatchedFiles } from "./watched-files.ts";

// Who may call, and what the server shows of itself; both from files that are replaced while it runs.

export interface Credentials {
	/** Why a request's caller is not known; `undefined`: it is, or need not be. */
	readonly strange: (request: IncomingMessage) => Refusal | undefined;
	readonly tls: TlsMaterial | undefined;
	/** Calls the listener whenever other certificates are to be used from now on. */
	readonly onCertificates: (listener: (tls: TlsMaterial) => void) => void;
	readonly close: () => void;
}

/** Whether callers have to show that they are known. */
export const knowsCallers = ({ tokenFile, tls }: Pick<Config, "tokenFile" | "tls">): boolean =>
	tokenFile !== undefined || tls?.clientCa !== undefined;

/** Throws a `ConfigError` when a file is not fit at the start. */
export async function openCredentials(
	{ tokenFile, tls }: Pick<Config, "tokenFile" | "tls">,
	options: ReloadOptions,
): Promise<Credentials> {
	const listeners: ((tls: TlsMaterial) => void)[] = [];
	const tokens =
		tokenFile === undefined
			? undefined
			: await openFiles(
					{
						what: "tokens",
						variables: "PRISM_TOKEN_FILE",
						paths: [tokenFile],
						read: ([text = ""]): Tokens => readTokens(text),
						apply: () => {},
					},
					options,
				);
	let certificates: WatchedFiles<TlsMaterial> | undefined;
	try {
		certificates =
			tls === undefined
				? undefined
				: await openFiles(
						{
							what: "certificates",
							variables: "PRISM_TLS_CERT_FILE, PRISM_TLS_KEY_FILE or PRISM_TLS_CLIENT_CA_FILE",
							paths: [tls.cert, tls.key, ...(tls.clientCa === undefined ? [] : [tls.clientCa])],
							read: readTlsMaterial,
							apply: (material) => {
								tellExpiry(material, options);
								for (const listener of listeners) listener(material);
							},
						},
						options,
					);
	} catch (error) {
		tokens?.close();
		throw error;
	}
	const shown = certificates?.current();
	if (shown !== undefined) tellExpiry(shown, options);
	const needsCertificate = tls?.clientCa !== undefined;
	// Made once: whoever floods the server with requests shall not have it collect stacks.
	const withoutCertificate = new Refusal(403, "the connection shows no certificate of a known authority");
	const withoutToken = new Refusal(401, "the request carries no valid bearer token", undefined, {
		"www-authenticate": 'Bearer realm="prism-operator"',
	});
	return {
		strange: ({ socket, headers }) => {
			if (needsCertificate && !showsCertificate(socket)) return withoutCertificate;
			if (tokens !== undefined && !carriesToken(headers.authorization, tokens.current())) return withoutToken;
			return undefined;
		},
		tls: shown,
		onCertificates: (listener) => {
			listeners.push(listener);
		},
		close: () => {
			tokens?.close();
			certificates?.close();
		},
	};
}

function tellExpiry(material: TlsMaterial, { log, metrics }: ReloadOptions): void {
	const expiry = expiryOf(material);
	metrics.certificateExpires(expiry);
	if (expiry < Date.now())
		log.warn({ expired: new Date(expiry).toISOString() }, "the server's certificate has expired");
}
