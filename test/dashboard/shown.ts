import { REGISTRY } from "../../hooks/index.ts";
import { prismStack } from "../../hooks/prismstack/index.ts";
import { hookPath, type Row } from "../../kube/hook.ts";
import { objectMap } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { readConfig } from "../../server/config.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { captureLog } from "../server/toy.ts";

// A server with a dashboard, over real sockets, and calls of its hooks as Metacontroller would make them.

export interface Shown {
	readonly server: RunningServer;
	readonly url: string;
	readonly log: () => string;
	/** Calls an object's sync hook; answers what it says. */
	readonly sync: (row: Row, parent: KubeObject, more?: SyncParts) => Promise<unknown>;
	readonly page: (path?: string) => Promise<string>;
}

export interface SyncParts {
	readonly observed?: readonly KubeObject[];
	readonly related?: readonly KubeObject[];
}

export const startShown = async (env: Record<string, string> = {}): Promise<Shown> => {
	const captured = captureLog();
	const config = readConfig({ ...env });
	const dashboard = { port: 0, callsPerObject: 3, bytes: 8 * 1024 * 1024 };
	const server = await startServer({ ...config, port: 0, dashboard }, REGISTRY, { log: captured.log });
	const url = server.dashboardUrl ?? "";
	const post = async (path: string, body: unknown): Promise<unknown> => {
		const response = await fetch(`${server.url}${path}`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify(body),
		});
		if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
		return response.json();
	};
	return {
		server,
		url,
		log: captured.text,
		sync: (row, parent, { observed = [], related = [] } = {}) => {
			const common = { controller: {}, related: objectMap(related), finalizing: false };
			return post(
				hookPath(row, "sync"),
				row.type === "composite"
					? { ...common, parent, children: objectMap(observed) }
					: { ...common, object: parent, attachments: objectMap(observed) },
			);
		},
		page: async (path = "/") => (await fetch(`${url}${path}`)).text(),
	};
};

export const stack = (
	change: Record<string, unknown> = {},
	metadata: Partial<KubeObject["metadata"]> = {},
): KubeObject => ({
	apiVersion: API_VERSION,
	kind: prismStack.parent.kind,
	metadata: {
		name: "orders",
		namespace: "shop",
		uid: "11111111-1111-1111-1111-111111111111",
		generation: 1,
		creationTimestamp: "2026-01-01T00:00:00Z",
		...metadata,
	},
	spec: { patterns: [{ name: "kv", type: "keyvalue", backend: "memstore" }], ...change },
});
