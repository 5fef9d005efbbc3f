import { type CheckedProvider, PROVIDERS, TLS_SCHEMES } from "../schemas/providers.ts";

// A backend's address, read from its URL without ever quoting it: it may carry credentials.

export type Provider = CheckedProvider;

export interface BackendEndpoint {
	readonly host: string;
	readonly port: number;
}

export interface TlsSettings {
	/** Name that the certificate must carry. Default: the endpoint's host. */
	readonly serverName?: string;
	/** Folder with ca.crt and, for mutual TLS, tls.crt and tls.key. Default: the public authorities that Node knows. */
	readonly directory?: string;
	/** "authority": who signed it; "name": that, and for whom. */
	readonly verify: "nothing" | "authority" | "name";
}

export const KAFKA_MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
export type KafkaMechanism = (typeof KAFKA_MECHANISMS)[number];

export interface ProbedBackend {
	readonly provider: Provider;
	/** Tried in turn; empty for a provider without an address. */
	readonly endpoints: readonly BackendEndpoint[];
	readonly username?: string;
	readonly password?: string;
	/** postgres: its name; redis: its number. */
	readonly database?: string;
	readonly mechanism?: KafkaMechanism;
	readonly tls?: TlsSettings;
	/** Bound of one check, connecting included. */
	readonly timeoutMs: number;
}

/** How a backend is told of: "redis at cache:6379". */
export const describeBackend = ({ provider, endpoints }: ProbedBackend): string =>
	endpoints.length === 0 ? provider : `${provider} at ${endpoints.map(describeEndpoint).join(", ")}`;

export const describeEndpoint = ({ host, port }: BackendEndpoint): string =>
	host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

// ── URL ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

export type Address = Pick<ProbedBackend, "endpoints" | "username" | "password" | "database" | "mechanism" | "tls">;

/** The address in a URL, or in a list as in "broker-1:9092,broker-2:9092"; a sentence when it can't be read. */
export function readAddress(url: string, provider: Exclude<Provider, "memstore">): Address | string {
	const { port, schemes: own, alsoReads } = PROVIDERS[provider];
	const schemes: readonly string[] = [...Object.keys(own), ...alsoReads];
	const parts = withoutBlanks(url.split(/,(?=\s*[a-z][a-z0-9+.-]*:\/\/)/i)).map(partOf);
	const [firstPart] = parts;
	if (firstPart === undefined) return "names no host";
	if (parts.some(({ scheme }) => scheme !== undefined && !schemes.includes(scheme)))
		return `must begin with ${schemes.map((scheme) => `${scheme}://`).join(", ")}, or with the host`;
	// What was taken for a host may then be a user and the beginning of a password.
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
	/** From the first '/', '?' or '#' on. */
	readonly rest: string;
}

function partOf(text: string): Part {
	const [, scheme, authority = "", rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#]*)(.*)$/is.exec(text) ?? [];
	// The last '@' ends the credentials, as in every URL parser: what is printed comes after it.
	const at = authority.lastIndexOf("@");
	return {
		scheme: scheme?.toLowerCase(),
		userInfo: at < 0 ? undefined : authority.slice(0, at),
		hosts: withoutBlanks(authority.slice(at + 1).split(",")),
		rest,
	};
}

/** Blanks beside the commas of a list are nothing; those before and after all of it belong to a name, which is then none. */
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

// ── What follows the host ───────────────────────────────────────────────────────────────────────────────────────────

/** As libpq understands them. "prefer" and "allow" begin without TLS here, as node-postgres does. */
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
