import { credentialPaths } from "../../kube/connection.ts";
import { canonicalJson, contentHash } from "../../kube/object.ts";
import type { PrismShard } from "../../schemas/prismshard.ts";
import { CONFIG_FILE } from "../../schemas/vocabulary.ts";

/** The proxies' configuration file, on its way to the pods. */
export interface ShardConfig {
	/** Child that holds the file: a Secret, if the user's settings have credentials. */
	readonly kind: "ConfigMap" | "Secret";
	readonly data: Readonly<Record<string, string>>;
	readonly checksum: string;
}

export const DATA_FOLDER = "/var/lib/prism";

/** No address of a backend is in it: a namespace brings those along. */
export const shardConfig = ({ metadata, spec }: PrismShard): ShardConfig => {
	const configuration = {
		shard: metadata.name,
		port: spec.port,
		adminPort: spec.adminPort,
		metrics: { port: spec.metricsPort },
		dataFolder: DATA_FOLDER,
		...(spec.config !== undefined && { settings: spec.config }),
	};
	const data = { [CONFIG_FILE]: `${canonicalJson(configuration)}\n` };
	return {
		kind: credentialPaths(spec.config).length > 0 ? "Secret" : "ConfigMap",
		data,
		checksum: contentHash(data),
	};
};
