import type { IncomingMessage } from "node:http";
import type { Logger } from "pino";
import { expiryOf, readTlsMaterial, showsCertificate, type TlsMaterial } from "./certificates.ts";
import { type Config, ConfigError } from "./config.ts";
import type { Metrics, Reloadable } from "./metrics.ts";
import { Refusal } from "./refusal.ts";
import { describeError } from "./sync-log.ts";
import { carriesToken, readTokens, type Tokens } from "./tokens.ts";
import { type WatchedFiles, watchFiles } from "./watched-files.ts";

// Who may call, and what the server shows of itself; both from files that are replaced while it runs.

export interface Credentials {
	/** Why a request's caller is not known; `undefined`: it is, or need not be. */
	readonly strange: (request: IncomingMessage) => Refusal | undefined;
	readonly tls: TlsMaterial | undefined;
	/** Calls the listener whenever other certificates are to be used from now on. */
	readonly onCertificates: (listener: (tls: TlsMaterial) => void) => void;
	readonly close: () => void;
}

export interface CredentialsOptions {
	readonly log: Logger;
	readonly metrics: Metrics;
	/** How often the files are read. */
	readonly everyMs: number;
}

/** Whether callers have to show that they are known. */
export const knowsCallers = ({ tokenFile, tls }: Pick<Config, "tokenFile" | "tls">): boolean =>
	tokenFile !== undefined || tls?.clientCa !== undefined;

/** Throws a `ConfigError` when a file is not fit at the start. */
export async function openCredentials(
	{ tokenFile, tls }: Pick<Config, "tokenFile" | "tls">,
	options: CredentialsOptions,
): Promise<Credentials> {
	const listeners: ((tls: TlsMaterial) => void)[] = [];
	const tokens =
		tokenFile === undefined
			? undefined
			: await open("PRISM_TOKEN_FILE", {
					...reports("tokens", options),
					paths: [tokenFile],
					read: ([text = ""]): Tokens => readTokens(text),
					apply: () => {},
				});
	let certificates: WatchedFiles<TlsMaterial> | undefined;
	try {
		certificates =
			tls === undefined
				? undefined
				: await open("PRISM_TLS_CERT_FILE, PRISM_TLS_KEY_FILE or PRISM_TLS_CLIENT_CA_FILE", {
						...reports("certificates", options),
						paths: [tls.cert, tls.key, ...(tls.clientCa === undefined ? [] : [tls.clientCa])],
						read: readTlsMaterial,
						apply: (material) => {
							tellExpiry(material, options);
							for (const listener of listeners) listener(material);
						},
					});
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

interface Opening<Value> {
	readonly paths: readonly string[];
	readonly read: (contents: readonly string[]) => Value;
	readonly apply: (value: Value) => void;
	readonly everyMs: number;
	readonly taken: () => void;
	readonly refused: (error: unknown) => void;
}

async function open<Value>(variables: string, { apply, taken, ...options }: Opening<Value>) {
	try {
		return await watchFiles({
			...options,
			changed: (value) => {
				apply(value);
				taken();
			},
		});
	} catch (error) {
		throw new ConfigError([`${variables}: ${describeError(error).message}`]);
	}
}

const reports = (what: Reloadable, { log, metrics, everyMs }: CredentialsOptions) => ({
	everyMs,
	taken: () => {
		metrics.reloaded(what, "taken");
		log.info({ what }, "read again, and in use");
	},
	refused: (error: unknown) => {
		metrics.reloaded(what, "refused");
		log.error({ what, cause: describeError(error).message }, "cannot use what was read again: the last good one stays");
	},
});

function tellExpiry(material: TlsMaterial, { log, metrics }: CredentialsOptions): void {
	const expiry = expiryOf(material);
	metrics.certificateExpires(expiry);
	if (expiry < Date.now())
		log.warn({ expired: new Date(expiry).toISOString() }, "the server's certificate has expired");
}
