import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { ChannelCredentials } from "@grpc/grpc-js";
import { readClientTlsMaterial } from "../certificates.ts";
import type { AdminConfig } from "../config.ts";
import { openFiles, type ReloadOptions, reports } from "../reload.ts";
import { ConfigError } from "../settings.ts";
import { systemTime } from "../time.ts";
import { readIfThere } from "../watched-files.ts";
import { AdminError } from "./failures.ts";

// Mutual authentication of operator and proxies, from files that are replaced while the server runs.

export interface AdminCredentials {
	/** Token for the proxies in a Kubernetes namespace; `undefined`: there is none. Throws an `AdminError`. */
	readonly tokenOf: (namespace: string) => Promise<string | undefined>;
	/** TLS settings for the next channel. */
	readonly channel: () => ChannelCredentials;
	/** Calls the listener if channels must be opened again. */
	readonly onChange: (listener: () => void) => void;
	readonly close: () => void;
}

/** No token, no TLS. */
export const NO_CREDENTIALS: AdminCredentials = {
	tokenOf: () => Promise.resolve(undefined),
	channel: () => ChannelCredentials.createInsecure(),
	onChange: () => {},
	close: () => {},
};

/** Throws a `ConfigError` if a file is invalid at startup. */
export async function openAdminCredentials(
	{ tokensDir, tls }: AdminConfig,
	options: ReloadOptions,
): Promise<AdminCredentials> {
	const tokenOf = tokensDir === undefined ? NO_CREDENTIALS.tokenOf : await openTokens(tokensDir, options);
	if (tls === undefined) return { ...NO_CREDENTIALS, tokenOf };
	return { ...(await openTls(tls, options)), tokenOf };
}

async function openTls(
	{ ca, client }: NonNullable<AdminConfig["tls"]>,
	options: ReloadOptions,
): Promise<Omit<AdminCredentials, "tokenOf">> {
	const { current, onChange, close } = await openFiles(
		{
			what: "admin-certificates",
			variables: "PRISM_ADMIN_TLS_CA_FILE, PRISM_ADMIN_TLS_CERT_FILE or PRISM_ADMIN_TLS_KEY_FILE",
			paths: [ca, ...(client === undefined ? [] : [client.cert, client.key])],
			read: channelCredentials,
		},
		options,
	);
	return { channel: current, onChange, close };
}

const channelCredentials = (contents: readonly string[]): ChannelCredentials =>
	ChannelCredentials.createFromSecureContext(createSecureContext(readClientTlsMaterial(contents)));

// ── Tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Only names of Kubernetes namespaces, so that no path leads out of the folder. */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LONGEST_TOKEN = 4096;
/** Characters that a header can contain. */
const FORM = /^[\x21-\x7e]+$/;
const NAMESPACES = 10_000;

interface Remembered {
	readonly readAt: number;
	readonly token: string | undefined;
}

/** Read on demand, not polled: there can be thousands, and few of them change. */
async function openTokens(folder: string, options: ReloadOptions): Promise<AdminCredentials["tokenOf"]> {
	await readdir(folder).catch(() => {
		throw new ConfigError(["PRISM_ADMIN_TOKENS_DIR: the folder can't be read"]);
	});
	const remembered = new Map<string, Remembered>();
	const refused = new Set<string>();
	const { taken, refused: tellRefused } = reports("admin-tokens", options);

	const refresh = async (namespace: string, known: Remembered | undefined): Promise<string | undefined> => {
		const readAt = systemTime.monotonic();
		let token = known?.token;
		try {
			token = await readToken(join(folder, namespace));
			refused.delete(namespace);
			if (known !== undefined && known.token !== token) taken();
		} catch (error) {
			if (!refused.has(namespace)) tellRefused(error);
			refused.add(namespace);
			// Without a token of its namespace, send no other token: it would identify another caller.
			if (token === undefined) throw new AdminError("Unauthenticated");
		}
		if (remembered.size >= NAMESPACES) remembered.clear();
		remembered.set(namespace, { readAt, token });
		return token;
	};
	return async (namespace) => {
		if (!NAMESPACE.test(namespace)) return undefined;
		const known = remembered.get(namespace);
		if (known !== undefined && systemTime.monotonic() - known.readAt < options.everyMs) return known.token;
		return refresh(namespace, known);
	};
}

/** Throws an error that quotes nothing. */
async function readToken(path: string): Promise<string | undefined> {
	const text = await readIfThere(path);
	if (text === undefined) return undefined;
	const token = text.trim();
	if (token.length > LONGEST_TOKEN || !FORM.test(token)) throw new Error("a token is not one line of printable ASCII");
	return token;
}
