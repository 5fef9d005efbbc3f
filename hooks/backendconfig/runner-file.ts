import type { ConnectionParts } from "../../kube/connection.ts";
import { canonicalJson } from "../../kube/object.ts";
import type { RunnerFile } from "../../schemas/backendconfig.ts";
import { PROVIDERS } from "../../schemas/providers.ts";

/** What the address is rendered from. */
export interface RunnerFilePlan {
	readonly file: RunnerFile;
	readonly provider: string;
	/** Without credentials; undefined: there is none, or it is in a Secret. */
	readonly url: string | undefined;
	readonly parts: ConnectionParts | undefined;
}

/** The file that runners are started with, as the programs of docs/images.md read it. */
export const runnerFileText = (plan: RunnerFilePlan): string => {
	const { file, provider } = plan;
	const namespaces = file.namespaces.map(({ name, pattern, options }) => ({
		name,
		pattern,
		backend: provider,
		backend_config: { ...ADDRESSES[provider]?.(plan), ...options },
	}));
	return `${canonicalJson({ namespaces })}\n`;
};

/** What each driver calls its address. Kafka's is in variables, and others have none. */
const ADDRESSES: Readonly<Record<string, (plan: RunnerFilePlan) => object>> = {
	redis: ({ url = "", parts }) => ({
		...(parts?.host !== undefined && { address: `${parts.host}:${parts.port ?? PROVIDERS.redis.port}` }),
		...databaseOf(url),
	}),
	nats: ({ url }) => ({ url }),
	postgres: ({ url }) => ({ database_url: url }),
};

/** redis://host/2 means the database 2. */
const databaseOf = (url: string): { readonly db?: number } => {
	const [, number] = /^[^/?#]*\/\/[^/?#]*\/(\d{1,6})(?:[?#]|$)/.exec(url) ?? [];
	return number === undefined ? {} : { db: Number(number) };
};
