import { KINDS } from "../../hooks/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { LOCAL_CONTEXT } from "../../schemas/installation.ts";
import { timestamp } from "../../server/time.ts";
import { type ClusterView, viewOf } from "../cluster/cluster-view.ts";
import { currentNamespace } from "../cluster/context.ts";
import { hookUrl, type Machinery, readMachinery } from "../cluster/installation.ts";
import { resourceName } from "../cluster/kinds.ts";
import { type Kubectl, KubectlError, listed } from "../cluster/kubectl.ts";
import { readServed, readView, type Scope } from "../cluster/read-cluster.ts";

// Everything that `doctor` checks, read with few parallel calls.

export interface ClusterState {
	readonly machinery: Machinery;
	/** Whether `make run` started the cluster: then Metacontroller and the operator run outside it. */
	readonly isLocal: boolean;
	/** Our CustomResourceDefinitions; undefined without the permission to read them. */
	readonly definitions: readonly KubeObject[] | undefined;
	/** "deployments.apps", "pods": all resources that the cluster serves; undefined if unknown. */
	readonly served: ReadonlySet<string> | undefined;
	/** Version of the API server: v1.31.2. */
	readonly version: string | undefined;
	readonly view: ClusterView;
	/** Of the view. */
	readonly scope: Scope;
	/** The health of each Service of the operator, read through the API server. */
	readonly health: readonly HookHealth[];
	/** Release of this program. */
	readonly release: string;
}

export type HookHealth = Awaited<ReturnType<typeof readHealth>>;

export const readClusterState = async (kubectl: Kubectl, release: string): Promise<ClusterState> => {
	const [machinery, definitions, served, version, { view, scope }, context] = await Promise.all([
		readMachinery(kubectl),
		readDefinitions(kubectl),
		readServed(kubectl),
		readVersion(kubectl),
		readObjects(kubectl),
		kubectl.try(["config", "current-context"]),
	]);
	const isLocal = context.stdout.trim() === LOCAL_CONTEXT;
	const health = await Promise.all(
		machinery.services
			.filter(({ spec }) => spec !== undefined)
			.map((service) => readHealth(kubectl, service, machinery)),
	);
	return { machinery, isLocal, definitions, served, version, view, scope, health, release };
};

const readDefinitions = async (kubectl: Kubectl): Promise<readonly KubeObject[] | undefined> => {
	const what = ["customresourcedefinitions.apiextensions.k8s.io", ...KINDS.map(resourceName), "--ignore-not-found"];
	const { objects, ok } = await listed(kubectl, "get", ...what);
	return ok ? objects : undefined;
};

const readVersion = async (kubectl: Kubectl): Promise<string | undefined> => {
	// The first call that fails without a cluster, with a helpful error.
	return /^Server Version: (\S+)/m.exec(await kubectl.run(["version"]))?.[1];
};

/** The objects of all namespaces, or of one namespace if the permissions allow no more; none without our CRDs. */
const readObjects = async (kubectl: Kubectl): Promise<{ view: ClusterView; scope: Scope }> => {
	const notes: string[] = [];
	for (const scope of [{ allNamespaces: true }, { namespace: await currentNamespace(kubectl) }]) {
		try {
			const view = await readView(kubectl, scope, { events: true });
			return { view: viewOf({ ...view, notes: [...notes, ...view.notes] }), scope };
		} catch (error) {
			if (!(error instanceof KubectlError) || (error.trouble !== "forbidden" && error.trouble !== "noKind"))
				throw error;
			if (error.trouble === "forbidden")
				notes.push(
					`you may not read ${scope.namespace === undefined ? "all namespaces" : `namespace ${scope.namespace}`}`,
				);
		}
	}
	return { view: viewOf({ objects: [], now: timestamp(), notes }), scope: {} };
};

/** Through the proxy of the API server, which needs no access to the cluster network. */
const readHealth = async (
	kubectl: Kubectl,
	{ metadata: { name, namespace } }: KubeObject,
	{ controllers = [] }: Machinery,
) => {
	const url = controllers.map(hookUrl).find((found) => found?.hostname.startsWith(`${name}.${namespace}.`) === true);
	const scheme = url?.protocol === "https:" ? "https:" : "";
	const port = url === undefined || url.port === "" ? "hooks" : url.port;
	const ask = (path: string) =>
		kubectl.try(["get", "--raw", `/api/v1/namespaces/${namespace}/services/${scheme}${name}:${port}/proxy${path}`]);
	const [ready, metrics] = await Promise.all([ask("/readyz"), ask("/metrics")]);
	const failed = [ready, metrics].find(({ code }) => code !== 0);
	return {
		service: `${namespace}/${name}`,
		/** Result of /readyz; undefined if unreachable. */
		ready: ready.code === 0 ? true : /\(ServiceUnavailable\)|no endpoints/.test(ready.stderr) ? false : undefined,
		/** /metrics in the text format of Prometheus; undefined if unreachable. */
		metrics: metrics.code === 0 ? metrics.stdout : undefined,
		/** The error, if a path was unreachable. */
		problem: failed?.stderr.trim().split("\n").at(-1),
	};
};
