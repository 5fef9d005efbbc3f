// The known backend technologies: one table for the hooks, the probe, the schemas and the docs.

export interface BackendProvider {
	/** URL schemes that identify the provider, and whether they require TLS. */
	readonly schemes: Readonly<Record<string, "plain" | "tls">>;
	/** Further schemes that the probe accepts if the provider is named. */
	readonly alsoReads: readonly string[];
	/** Default port. undefined: the provider has no address, or the operator never connects to it. */
	readonly port: number | undefined;
	/** "probed": a pod checks the backend; "nature": the backend cannot be down; "unknown": no check. */
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

/** The provider that a URL scheme identifies. */
export const providerOfScheme = (scheme: string): string | undefined =>
	PROVIDER_NAMES.find((name) => Object.hasOwn(TABLE[name]?.schemes ?? {}, scheme));

/** Schemes that require TLS with any provider. */
export const TLS_SCHEMES: readonly string[] = [
	...Object.values(TABLE).flatMap(({ schemes }) =>
		Object.entries(schemes).flatMap(([scheme, kind]) => (kind === "tls" ? [scheme] : [])),
	),
	"https",
];

/** How a provider's health is checked. A provider that the table does not have is not checked. */
export const healthOfProvider = (name: string): BackendProvider["health"] =>
	Object.hasOwn(TABLE, name) ? (TABLE[name]?.health ?? "unknown") : "unknown";

/** Whether a runner on the provider needs an address. A provider that the table does not have needs one, so that a typo is found. */
export const needsAddress = (name: string): boolean => !Object.hasOwn(TABLE, name) || TABLE[name]?.port !== undefined;

type Names = keyof typeof PROVIDERS;
export type CheckedProvider = {
	[Name in Names]: (typeof PROVIDERS)[Name]["health"] extends "unknown" ? never : Name;
}[Names];

/** Providers with a health check: those that the probe has a client for, and those that cannot be down. */
export const CHECKED_PROVIDERS: readonly CheckedProvider[] = PROVIDER_NAMES.filter(
	(name): name is CheckedProvider => healthOfProvider(name) !== "unknown",
);

/** Providers that the probe has a client for. */
export const PROBED_PROVIDERS: readonly string[] = PROVIDER_NAMES.filter((name) => healthOfProvider(name) === "probed");
