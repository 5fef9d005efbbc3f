import { writeFile } from "node:fs/promises";
import type { Store } from "../store.ts";
import { type Connection, connect } from "./api-server.ts";

// The file with the address of a cluster and the user's credentials for it.

export interface KubeconfigEntry {
	/** Name of the cluster, the user and the context. */
	readonly name: string;
	readonly server: string;
	readonly ca: string;
	readonly token: string;
}

export const writeKubeconfig = (path: string, { name, server, ca, token }: KubeconfigEntry): Promise<void> =>
	writeFile(
		path,
		`apiVersion: v1
kind: Config
current-context: ${name}
clusters:
- name: ${name}
  cluster:
    server: ${server}
    certificate-authority-data: ${Buffer.from(ca).toString("base64")}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
    namespace: default
users:
- name: ${name}
  user:
    token: ${token}
`,
		{ mode: 0o600 },
	);

/** Name of the context that kubectl would use. Throws when there is no kubeconfig. */
export const currentContext = async (): Promise<string> => (await readKubeconfig()).getCurrentContext();

/** Only here is @kubernetes/client-node used, for what it knows about credentials: certificates, tokens, exec plugins. */
const readKubeconfig = async () => {
	const { KubeConfig } = await import("@kubernetes/client-node");
	const config = new KubeConfig();
	config.loadFromDefault();
	return config;
};

/** A Store for the cluster of kubectl's current context. */
export const fromKubeconfig = async (): Promise<Store> => {
	const config = await readKubeconfig();
	const cluster = config.getCurrentCluster();
	if (!cluster)
		throw new Error(`cannot read the kubeconfig: it has no cluster for context "${config.getCurrentContext()}"`);
	const options: Parameters<typeof config.applyToHTTPSOptions>[0] = {};
	await config.applyToHTTPSOptions(options);
	const connection: Connection = {
		server: cluster.server,
		insecure: options.rejectUnauthorized === false,
		headers: textHeaders(options.headers),
		...pem("ca", options.ca),
		...pem("cert", options.cert),
		...pem("key", options.key),
	};
	return connect(connection);
};

const textHeaders = (headers: unknown): Record<string, string> =>
	Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));

const pem = (field: "ca" | "cert" | "key", value: unknown): Partial<Connection> =>
	typeof value === "string" || Buffer.isBuffer(value) ? { [field]: value } : {};
