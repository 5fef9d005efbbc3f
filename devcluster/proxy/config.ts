import { isRecord } from "../../kube/object.ts";
import type * as wire from "../../protos/gen/prism/control_plane.ts";
import type { BackendSettings, NamespaceConfig, PatternSettings } from "../../schemas/admin.ts";

// A namespace's configuration: as it comes over the wire, where nothing is ever absent, and as it is kept and hashed,
// without what is empty.

type Texts = Readonly<Record<string, string>>;

export const configFromWire = (config: wire.NamespaceConfig | undefined): NamespaceConfig => ({
	...(config && isFull(config.backends) && { backends: mapped(config.backends, backendFromWire) }),
	...(config && isFull(config.patterns) && { patterns: mapped(config.patterns, patternFromWire) }),
	...(config?.auth !== undefined && {
		auth: {
			enabled: config.auth.enabled,
			provider: config.auth.provider,
			...(isFull(config.auth.options) && { options: config.auth.options }),
		},
	}),
	...(config && isFull(config.metadata) && { metadata: config.metadata }),
});

const backendFromWire = (backend: wire.BackendConfig): BackendSettings => ({
	backendType: backend.backendType,
	...(backend.connectionString !== "" && { connectionString: backend.connectionString }),
	...(isFull(backend.credentials) && { credentials: backend.credentials }),
	...(isFull(backend.options) && { options: backend.options }),
});

const patternFromWire = (pattern: wire.PatternConfig): PatternSettings => ({
	patternName: pattern.patternName,
	...(isFull(pattern.settings) && { settings: pattern.settings }),
	...(pattern.requiredInterfaces.length > 0 && { requiredInterfaces: pattern.requiredInterfaces }),
});

export const configToWire = ({ backends = {}, patterns = {}, auth, metadata = {} }: NamespaceConfig) => ({
	backends: mapped(backends, ({ backendType, connectionString = "", credentials = {}, options = {} }) => ({
		backendType,
		connectionString,
		credentials: { ...credentials },
		options: { ...options },
	})),
	patterns: mapped(patterns, ({ patternName, settings = {}, requiredInterfaces = [] }) => ({
		patternName,
		settings: { ...settings },
		requiredInterfaces: [...requiredInterfaces],
	})),
	auth: auth && { enabled: auth.enabled, provider: auth.provider, options: { ...auth.options } },
	metadata: { ...metadata },
});

/** What has been kept was ours when it was written; another client may have put anything in its place since. */
export const configFromText = (text: string): NamespaceConfig => {
	try {
		const value: unknown = JSON.parse(text);
		return isConfig(value) ? value : {};
	} catch {
		return {};
	}
};

const isConfig = (value: unknown): value is NamespaceConfig => isRecord(value);

/** A configuration that lost something on its way: its last member. */
export const withoutLast = (config: wire.NamespaceConfig): wire.NamespaceConfig => {
	if (isFull(config.metadata)) return { ...config, metadata: {} };
	if (config.auth !== undefined) return { ...config, auth: undefined };
	if (isFull(config.patterns)) return { ...config, patterns: {} };
	return { ...config, backends: {} };
};

// ── Columns ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Columns {
	readonly backend: string;
	readonly pattern: string;
	readonly backend_config: string;
	readonly consistency: string | null;
	readonly cache_ttl_seconds: number | null;
	readonly rate_limit_rps: number | null;
	readonly tags: string;
}

/** The metadata that a tag becomes. */
const TAG = "tag.";

/** What a proxy's store keeps beside the whole configuration, for a developer with sqlite3. */
export const columnsOf = ({ backends = {}, patterns = {}, metadata = {} }: NamespaceConfig): Columns => {
	const [backend] = sortedValues(backends);
	const [pattern] = sortedValues(patterns);
	const tags = Object.entries(metadata).filter(([key]) => key.startsWith(TAG));
	const settings: Texts = { ...backend?.options, ...pattern?.settings, ...metadata };
	return {
		backend: backend?.backendType ?? "",
		pattern: pattern?.patternName ?? "",
		backend_config: JSON.stringify(backend?.options ?? {}),
		consistency: settings["consistency"] ?? null,
		cache_ttl_seconds: wholeNumber(settings["cache_ttl_seconds"]),
		rate_limit_rps: wholeNumber(settings["rate_limit_rps"]),
		tags: JSON.stringify(Object.fromEntries(tags.map(([key, value]) => [key.slice(TAG.length), value]))),
	};
};

const wholeNumber = (text: string | undefined): number | null =>
	text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;

const sortedValues = <Value>(map: Readonly<Record<string, Value>>): Value[] =>
	Object.entries(map)
		.toSorted(([left], [right]) => (left < right ? -1 : 1))
		.map(([, value]) => value);

const mapped = <From, To>(map: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> =>
	Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));

const isFull = (map: object): boolean => Object.keys(map).length > 0;
