import { inspect } from "node:util";
import { pino } from "pino";
import { type Cluster, type ClusterName, pictureOf, snapshotOf, startCluster } from "../../devcluster/cluster.ts";
import { isFree } from "../../devcluster/free-port.ts";
import { startController } from "../../devcluster/metacontroller/start.ts";
import { onceServed } from "../../devcluster/retry-until-served.ts";
import { KINDS, REGISTRY } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { controllerObject } from "../../kube/controllers.ts";
import { customResourceDefinition } from "../../kube/crd.ts";
import { isReady } from "../../kube/health.ts";
import { describeObject, placedIn } from "../../kube/object.ts";
import { rowOf } from "../../plugin/render/render.ts";
import { confirmed } from "../../plugin/text/confirm.ts";
import { paintFor } from "../../plugin/text/paint.ts";
import { complain, print } from "../../plugin/text/print.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readConfig } from "../../server/config.ts";
import { RELEASE } from "../../server/release.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { systemTime, timestamp } from "../../server/time.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { causeLines } from "./causes.ts";
import { createView, type View } from "./view.ts";

// `run`: a cluster, the hooks, something that plays Metacontroller, and a sample; then a live picture of what becomes of it.

export interface RunOptions {
	readonly cluster: ClusterName | "auto";
	readonly filename: readonly string[];
	readonly once?: boolean;
	/** Seconds within which all must be Ready; with `once` only. */
	readonly timeout: string;
	/** Answer yes to what would be asked. */
	readonly yes?: boolean;
}

const FIELD_MANAGER = "prism-operator-run";
const PROBE = new URL("../../probe/start.ts", import.meta.url).pathname;

/** Returns the exit code: 0 when all became Ready, or when a user ended it. */
export const run = async (options: RunOptions): Promise<number> => {
	const manifests = options.filename.flatMap(readManifests).map(({ object }) => withNamespace(object));
	const ended = interruption();
	const undo: (() => Promise<unknown>)[] = [];
	const view = createView(process.stdout);
	try {
		const cluster = await startCluster({
			clock: systemTime,
			name: options.cluster,
			environment: process.env,
			log: (message) => view.say(message),
			confirm: (question) => (options.yes === true ? Promise.resolve(true) : confirmed(question)),
			wellKnownPorts: true,
		});
		undo.push(() => cluster.stop());
		await install(cluster);
		await cluster.startControllers({ probeCommand: [process.execPath, PROBE], log: (message) => view.say(message) });
		const { installation, dashboard, tracing } = readConfig(process.env);
		// Loopback, no token, no TLS: whatever the environment sets for production, only this process calls.
		const config = {
			...readConfig({}),
			installation,
			tracing,
			port: 0,
			dashboard: dashboard ?? (await localDashboard()),
		};
		const server = await startServer(config, REGISTRY, {
			release: RELEASE,
			log: quietLog(),
			resolve: (address) => cluster.proxies?.resolve(address),
		});
		undo.push(() => server.close());
		view.say(`the webhook server listens at ${server.url}`);
		view.say(`the dashboard is at ${server.dashboardUrl}`);
		const controllers = REGISTRY.map((row) => controllerObject(row, { origin: server.url, features: installation }));
		const controller = await startController({
			cluster,
			controllers,
			environment: process.env,
			log: (message) => view.say(message),
		});
		undo.push(() => controller.stop());
		await applyAll(cluster, manifests);
		if (cluster.name === "current") undo.push(() => removeAll(cluster, manifests));
		view.say(`applied ${options.filename.join(", ")}`);
		return await watch(cluster, manifests, view, { ...options, dashboardUrl: server.dashboardUrl }, ended);
	} catch (error) {
		view.close();
		complain(`cannot run: ${error instanceof Error ? error.message : String(error)}`);
		return 1;
	} finally {
		view.close();
		// Last in, first out: what uses the cluster ends before it.
		for (const step of undo.toReversed()) await step().catch((error: unknown) => complain(inspect(error)));
	}
};

const withNamespace = (object: KubeObject): KubeObject => (rowOf(object) === undefined ? object : placedIn(object));

const DASHBOARD_PORT = 8090;
/** At the same address each time, unless another process has it: two clusters may run at once. */
const localDashboard = async () => ({
	port: (await isFree(DASHBOARD_PORT)) ? DASHBOARD_PORT : 0,
	callsPerObject: 10,
	bytes: 64 * 1024 * 1024,
});

/** Warnings and failures of the hooks only; the picture shows the rest. */
const quietLog = () => pino({ level: process.env["LOG_LEVEL"] ?? "warn" }, pino.destination(2));

/** Further signals change nothing: a terminal's Ctrl-C may come twice, by way of make, and cleaning up must be finished. */
const interruption = (): AbortSignal => {
	const controller = new AbortController();
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => controller.abort());
	return controller.signal;
};

// ── Installing ──────────────────────────────────────────────────────────────────────────────────────────────────────

const install = async ({ store }: Cluster): Promise<void> => {
	for (const kind of KINDS) await store.apply(customResourceDefinition(kind), { fieldManager: FIELD_MANAGER });
	for (const { group, version, plural } of KINDS) {
		const resource = await onceServed(() => store.resourceNamed(`${group}/${version}`, plural));
		await onceServed(() => store.list(resource));
	}
};

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const applyAll = async ({ store }: Cluster, manifests: readonly KubeObject[]): Promise<void> => {
	const namespaces = new Set(manifests.map(({ metadata }) => metadata.namespace).filter((name) => name !== undefined));
	for (const name of namespaces)
		await store.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } }, { fieldManager: FIELD_MANAGER });
	for (const manifest of manifests) {
		const { status: _status, ...object } = manifest;
		await store.apply(object, { fieldManager: FIELD_MANAGER });
	}
};

/** Until they are gone: their finalizers are released only while the hooks answer. */
const removeAll = async ({ store }: Cluster, manifests: readonly KubeObject[]): Promise<void> => {
	print(["removing what was applied"]);
	const deadline = systemTime.monotonic() + REMOVAL_MS;
	const isThere = async ({ apiVersion, kind, metadata }: KubeObject): Promise<boolean> =>
		(await store.get(await store.resourceOf(apiVersion, kind), metadata.namespace, metadata.name)) !== undefined;
	for (const { apiVersion, kind, metadata } of manifests)
		await store.delete(await store.resourceOf(apiVersion, kind), metadata.namespace, metadata.name);
	for (const manifest of manifests) {
		while (await isThere(manifest)) {
			if (systemTime.monotonic() > deadline)
				throw new Error(`cannot remove ${describeObject(manifest)}: its finalizer is not released`);
			await pause(REFRESH_MS);
		}
	}
};

/** Namespaces release proxies that don't answer after 60 s. */
const REMOVAL_MS = 90_000;

// ── Watching ────────────────────────────────────────────────────────────────────────────────────────────────────────

const REFRESH_MS = 250;

const watch = async (
	cluster: Cluster,
	manifests: readonly KubeObject[],
	view: View,
	options: RunOptions & Pick<RunningServer, "dashboardUrl">,
	ended: AbortSignal,
): Promise<number> => {
	const ours = manifests.filter((manifest) => rowOf(manifest) !== undefined);
	const picture = await pictureOf(cluster, ours);
	const deadline = systemTime.monotonic() + Number(options.timeout) * 1000;
	while (!ended.aborted) {
		const roots = picture.roots();
		view.show({ roots, owned: (owner) => picture.owned(owner) });
		const waiting = roots.filter((root) => !isReady(root));
		if (waiting.length === 0 && roots.length === ours.length) {
			if (options.once === true) {
				view.say(roots.map((root) => readyLine(root, "is Ready")).join("\n"));
				return 0;
			}
			view.foot(`${readyMessage(cluster, ours)}\n${seeAlso(options)}`);
		}
		if (options.once === true && (waiting.some(isStalled) || systemTime.monotonic() > deadline)) {
			for (const root of waiting) view.say(readyLine(root, "is not Ready"));
			for (const lines of await causes(cluster, waiting)) view.say(["", ...lines].join("\n"));
			return 1;
		}
		await pause(REFRESH_MS);
	}
	view.foot("");
	view.say("stopping");
	return 0;
};

const readyLine = (root: KubeObject, what: string): string => {
	const ready = conditionOf(root, "Ready");
	return `${describeObject(root)} ${what}: ${ready === undefined ? "no status" : `${ready.reason}: ${ready.message}`}`;
};

/** The first cause of each, with the way to it. */
const causes = async (cluster: Cluster, roots: readonly KubeObject[]): Promise<string[][]> => {
	const namespaces = [...new Set(roots.map(({ metadata }) => metadata.namespace ?? ""))];
	const { kubeconfig, name } = cluster;
	const flags = kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig];
	return causeLines(roots, {
		objects: await snapshotOf(cluster, namespaces),
		now: timestamp(),
		paint: paintFor(process.stdout, process.env),
		speech: name === "memory" ? undefined : { program: "kubectl prism", flags },
	});
};

const isStalled = (object: KubeObject): boolean => {
	const stalled = conditionOf(object, "Stalled");
	return stalled?.status === "True" && stalled.observedGeneration === object.metadata.generation;
};

const seeAlso = ({ dashboardUrl = "" }: Pick<RunningServer, "dashboardUrl">): string => `In a browser: ${dashboardUrl}`;

const readyMessage = ({ kubeconfig }: Cluster, ours: readonly KubeObject[]): string => {
	if (kubeconfig === undefined)
		return "All objects are Ready. kubectl can't reach this in-memory cluster: `make control-plane` installs a real control plane. Press Ctrl-C to stop.";
	const [first] = ours;
	return [
		"All objects are Ready. In another terminal:",
		"",
		`  export KUBECONFIG=${kubeconfig}`,
		"  kubectl get prism -A",
		`  kubectl describe ${first?.kind.toLowerCase()} ${first?.metadata.name}`,
		`  kubectl get all -l stack=${first?.metadata.name}`,
		"",
		"Press Ctrl-C to stop and remove everything.",
	].join("\n");
};
