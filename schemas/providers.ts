// The technologies of backends that are known by name: one table for the hook, the probe, the schema's words and the docs.

export interface BackendProvider {
	/** Schemes of URLs that tell the provider by themselves, and whether they ask for TLS. */
	readonly schemes: Readonly<Record<string, "plain" | "tls">>;
	/** Schemes that the probe reads as well, where the provider is named. */
	readonly alsoReads: readonly string[];
	/** Where an address names none; undefined: the provider has no address, or nobody asks there. */
	readonly port: number | undefined;
	/** "probed": a pod asks the backend; "nature": there is nothing that could be down; "unknown": nobody asks. */
	readonly health: "probed" | "nature" | "unknown";
}

export const PROVIDERS = {
	memstore: { schemes: { memstore: "plain" }, alsoReads: [], port: undefined, health: "nature" },
	redis: { schemes: { redis: "plain", rediss: "tls" }, alsoReads: ["tls"], port: 6379, health: "probed" },
	nats: { schemes: { nats: "plain", tls: "tls" }, alsoReads: [], port: 4222, health: "probed" },
	postgres: { schemes: { postgres: "plain", postgresql: "plain" }, alsoReads: [], port: 5432, health: "probed" },
	kafka: { schemes: { kafka: "plain" }, alsoReads: ["tls"], port: 9092, health: "probed" },
	sqlite: { schemes: { sqlite: "plain", file: "plain" }, alsoReads: [], port: undefined, health: "unknown" },
	s3: { schemes: { s3: "plain" }, alsoReads: [], port: undefined, health: "unknown" },
} as const satisfies Record<string, BackendProvider>;

const TABLE: Readonly<Record<string, BackendProvider>> = PROVIDERS;

export const PROVIDER_NAMES: readonly string[] = Object.keys(TABLE);

/** The provider that a URL's scheme tells by itself. */
export const providerOfScheme = (scheme: string): string | undefined =>
	PROVIDER_NAMES.find((name) => Object.hasOwn(TABLE[name]?.schemes ?? {}, scheme));

/** Schemes that ask for TLS, whoever the provider is. */
export const TLS_SCHEMES: readonly string[] = [
	...Object.values(TABLE).flatMap(({ schemes }) =>
		Object.entries(schemes).flatMap(([scheme, kind]) => (kind === "tls" ? [scheme] : [])),
	),
	"https",
];

/** How a provider's health is found out; of one that the table does not have, nobody asks. */
export const healthOfProvider = (name: string): BackendProvider["health"] =>
	Object.hasOwn(TABLE, name) ? (TABLE[name]?.health ?? "unknown") : "unknown";

/** Whether a runner on it must be told an address; of a name that the table does not have, a typing error too, it must. */
export const needsAddress = (name: string): boolean => !Object.hasOwn(TABLE, name) || TABLE[name]?.port !== undefined;

type Names = keyof typeof PROVIDERS;
export type CheckedProvider = {
	[Name in Names]: (typeof PROVIDERS)[Name]["health"] extends "unknown" ? never : Name;
}[Names];

/** Providers whose health the probe can tell: those that it has a client for, and those that can't be down. */
export const CHECKED_PROVIDERS: readonly CheckedProvider[] = PROVIDER_NAMES.filter(
	(name): name is CheckedProvider => healthOfProvider(name) !== "unknown",
);

/** Providers that the probe has a client for. */
export const PROBED_PROVIDERS: readonly string[] = PROVIDER_NAMES.filter((name) => healthOfProvider(name) === "probed");
