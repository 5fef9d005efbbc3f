import { type CheckedProvider, PROVIDERS, TLS_SCHEMES } from "../schemas/providers.ts";

// Reads a backend's address from its URL. The URL may contain credentials, so that no message quotes it.

export type Provider = CheckedProvider;

export interface BackendEndpoint {
	readonly host: string;
	readonly port: number;
}

export interface TlsSettings {
	/** Name that the certificate must be valid for. Default: the endpoint's host. */
	readonly serverName?: string;
	/** Folder with ca.crt and, for mutual TLS, tls.crt and tls.key. Default: Node's public certificate authorities. */
	readonly directory?: string;
	/** "authority": the certificate's issuer; "name": the issuer and the host name. */
	readonly verify: "nothing" | "authority" | "name";
}

export const KAFKA_MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
export type KafkaMechanism = (typeof KAFKA_MECHANISMS)[number];

export interface ProbedBackend {
	readonly provider: Provider;
	/** Tried in order. Empty for a provider without an address. */
	readonly endpoints: readonly BackendEndpoint[];
	readonly username?: string;
	readonly password?: string;
	/** postgres: the database's name; redis: its number. */
	readonly database?: string;
	readonly mechanism?: KafkaMechanism;
	readonly tls?: TlsSettings;
	/** Time limit of one check, including connecting. */
	readonly timeoutMs: number;
}

/** The backend in messages: "redis at cache:6379". */
export const describeBackend = ({ provider, endpoints }: ProbedBackend): string =>
	endpoints.length === 0 ? provider : `${provider} at ${endpoints.map(describeEndpoint).join(", ")}`;

export const describeEndpoint = ({ host, port }: BackendEndpoint): string =>
	host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

// ── URL ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

export type Address = Pick<ProbedBackend, "endpoints" | "username" | "password" | "database" | "mechanism" | "tls">;

/** The address in a URL, or in a list such as "broker-1:9092,broker-2:9092"; an error message if the URL is invalid. */
export function readAddress(url: string, provider: Exclude<Provider, "memstore">): Address | string {
	const { port, schemes: own, alsoReads } = PROVIDERS[provider];
	const schemes: readonly string[] = [...Object.keys(own), ...alsoReads];
	const parts = withoutBlanks(url.split(/,(?=\s*[a-z][a-z0-9+.-]*:\/\/)/i)).map(partOf);
	const [firstPart] = parts;
	if (firstPart === undefined) return "names no host";
	if (parts.some(({ scheme }) => scheme !== undefined && !schemes.includes(scheme)))
		return `must begin with ${schemes.map((scheme) => `${scheme}://`).join(", ")}, or with the host`;
	// The part that was read as a host may be a user and the beginning of a password.
	if (parts.some(({ rest }) => rest.includes("@")))
		return "has an '@' after the first '/', '?' or '#': write these as %40, %2F, %3F, %23 in names and passwords";
	const endpoints = parts.flatMap(({ hosts }) => hosts.map((text) => endpointOf(text, port)));
	const read = endpoints.filter((endpoint) => endpoint !== undefined);
	if (read.length < endpoints.length) return "must name host[:port], or several of them separated by commas";
	const credentials = credentialsOf(firstPart.userInfo);
	if (credentials === undefined) return "has a '%' in its user name or password that is not written as %25";
	const options = optionsOf(firstPart, provider);
	return typeof options === "string" ? options : { endpoints: read, ...credentials, ...options };
}

interface Part {
	readonly scheme: string | undefined;
	readonly userInfo: string | undefined;
	readonly hosts: readonly string[];
	/** The path and what follows: from the first '/', '?' or '#'. */
	readonly rest: string;
}

function partOf(text: string): Part {
	const [, scheme, authority = "", rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#]*)(.*)$/is.exec(text) ?? [];
	// The last '@' ends the credentials, as in every URL parser: only the text after it may be printed.
	const at = authority.lastIndexOf("@");
	return {
		scheme: scheme?.toLowerCase(),
		userInfo: at < 0 ? undefined : authority.slice(0, at),
		hosts: withoutBlanks(authority.slice(at + 1).split(",")),
		rest,
	};
}

/** Ignores spaces next to the commas of a list. Spaces before and after the list are part of a name and make the name invalid. */
const withoutBlanks = (items: readonly string[]): string[] =>
	items.map((item, index) => {
		const from = index === 0 ? item : item.trimStart();
		return index === items.length - 1 ? from : from.trimEnd();
	});

function endpointOf(text: string, defaultPort: number): BackendEndpoint | undefined {
	const [, bracketed, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
	const host = bracketed ?? name;
	const port = digits === undefined ? defaultPort : Number(digits);
	return host === undefined || port < 1 || port > 65535 ? undefined : { host, port };
}

function credentialsOf(userInfo = ""): Pick<ProbedBackend, "username" | "password"> | undefined {
	const colon = userInfo.indexOf(":");
	const [name, secret] = colon < 0 ? [userInfo, ""] : [userInfo.slice(0, colon), userInfo.slice(colon + 1)];
	try {
		return {
			...(name !== "" && { username: decodeURIComponent(name) }),
			...(secret !== "" && { password: decodeURIComponent(secret) }),
		};
	} catch {
		return undefined;
	}
}

// ── Path and parameters ──────────────────────────────────────────────────────────────────────────────────────────────

/** As in libpq. "prefer" and "allow" start without TLS here, as in node-postgres. */
const VERIFY_OF_SSLMODE: Readonly<Record<string, TlsSettings["verify"] | undefined>> = {
	disable: undefined,
	allow: undefined,
	prefer: undefined,
	require: "nothing",
	"verify-ca": "authority",
	"verify-full": "name",
};

type Options = Pick<ProbedBackend, "database" | "mechanism" | "tls">;

function optionsOf({ scheme, rest }: Part, provider: Provider): Options | string {
	const [path = "", query = ""] = rest.split("#", 1).join("").split("?", 2);
	const parameters = new URLSearchParams(query);
	const tls: Options = TLS_SCHEMES.includes(scheme ?? "") ? { tls: { verify: "name" } } : {};
	const database = decoded(path.replace(/^\//, ""));
	if (provider === "redis") {
		if (database !== undefined && /^\d{0,5}$/.test(database)) return { ...tls, ...(database !== "" && { database }) };
		return "must end with the host, or with the number of a database as in redis://host/0";
	}
	if (provider === "postgres") {
		if (database === undefined) return "has a '%' in the database's name that is not written as %25";
		const mode = parameters.get("sslmode") ?? "disable";
		if (!Object.hasOwn(VERIFY_OF_SSLMODE, mode)) return "has an sslmode that does not exist";
		const verify = VERIFY_OF_SSLMODE[mode];
		return { ...(database !== "" && { database }), ...(verify !== undefined && { tls: { verify } }) };
	}
	if (provider === "kafka") {
		const wanted = parameters.get("mechanism");
		if (wanted === null) return tls;
		const mechanism = KAFKA_MECHANISMS.find((known) => known === wanted.toUpperCase());
		return mechanism === undefined
			? `has a mechanism other than ${KAFKA_MECHANISMS.join(", ")}`
			: { ...tls, mechanism };
	}
	return tls;
}

function decoded(text: string): string | undefined {
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
}
