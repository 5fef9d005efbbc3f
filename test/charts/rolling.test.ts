import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster } from "../../devcluster/cluster.ts";
import { startMetacontroller } from "../../devcluster/metacontroller/index.ts";
import { prismStack } from "../../hooks/prismstack/index.ts";
import { isRecord, valueAt } from "../../kube/object.ts";
import { admitted, syncRequest } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { systemTime } from "../../server/time.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { eventually, installKinds } from "../integration/installed.ts";
import { describeWith, REAL_METACONTROLLER } from "../needs.ts";
import { at, HELM_TIMEOUT, hooksOf, list, only, RELEASE, template } from "./helm.ts";
import { installRelease, podEnvironment, type Release, writeVolume } from "./release.ts";
import {
	callers,
	type End,
	type Replica,
	replace,
	type Service,
	startReplica,
	startService,
	withoutEndpoints,
} from "./replicas.ts";

// A rolling restart under load, as the chart arranges it: two replicas over TLS with a token, a Service in front, callers
// that keep their connections. Nobody's call may fail, and no change may be lost.

const METACONTROLLER = process.env["METACONTROLLER"] ?? "";

let folder: string;
let manifest: readonly KubeObject[];
let hooks: KubeObject;
let environment: Record<string, string>;
let secrets: { token: string; ca: string };
const running: Replica[] = [];

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "prism-rolling-"));
	manifest = await template();
	hooks = hooksOf(manifest);
	const dataOf = (name: unknown) => {
		const secret = only(manifest, "Secret").find(({ metadata }) => metadata.name === name);
		return at(secret, "data");
	};
	for (const { name, secret } of list(at(hooks, "spec", "template", "spec", "volumes"))) {
		writeVolume(folder, String(name), secret, dataOf(at(secret, "secretName")));
	}
	environment = podEnvironment(hooks, folder);
	const decoded = (secret: string, key: string) =>
		Buffer.from(String(at(dataOf(`${RELEASE}-${secret}`), key)), "base64").toString();
	secrets = { token: decoded("tokens", "token-1"), ca: decoded("tls", "ca.crt") };
}, HELM_TIMEOUT);
afterAll(() => {
	for (const { process } of running) process.kill("SIGKILL");
	rmSync(folder, { recursive: true, force: true });
});

/** Two replicas behind a Service. */
const deploy = async () => {
	const service = await startService();
	const replicas = await Promise.all([startReplica(hooks, environment), startReplica(hooks, environment)]);
	running.push(...replicas);
	for (const replica of replicas) service.add(replica);
	return { service, replicas };
};

/** Replaces one after the other, as a rolling update does. */
const rollingRestart = async (service: Service, replicas: readonly Replica[]): Promise<End[]> => {
	const ends: End[] = [];
	for (const old of replicas) {
		const { fresh, end } = await replace(hooks, environment, service, old);
		running.push(fresh);
		ends.push(end);
	}
	return ends;
};

const stack = (name: string, version: number): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismStack",
	metadata: { name, namespace: "default" },
	spec: {
		proxy: { replicas: 1 + (version % 3), image: `ghcr.io/prism/prism-proxy:v1.${version}.0` },
		admin: { enabled: true, replicas: 1 },
	},
});

interface Load {
	readonly calls: number;
	readonly failures: readonly string[];
}

/** Callers that use their connections again and again, with a pause in between; until it is told to end. */
const hammer = async (service: Service, signal: AbortSignal): Promise<Load> => {
	const { post, close } = callers(service.port, secrets, 24);
	const parent = admitted(prismStack.parent, stack("hammered", 0), "2026-01-01T00:00:00Z");
	const body = JSON.stringify(syncRequest(parent, prismStack.children, [], []));
	const failures: string[] = [];
	let calls = 0;
	const one = async (): Promise<void> => {
		while (!signal.aborted) {
			calls++;
			try {
				const { status, body: text } = await post("/prismstack/sync", body);
				if (status !== 200 || !text.includes("Deployment")) failures.push(`${status} ${text.slice(0, 200)}`);
			} catch (error) {
				failures.push(String(error));
			}
			await sleep(Math.random() * 40);
		}
	};
	await Promise.all(Array.from({ length: 24 }, one));
	close();
	return { calls, failures };
};

describe("a rolling restart of the hooks", () => {
	it("fails no call", { timeout: 240_000 }, async () => {
		const { service, replicas } = await deploy();
		const stop = new AbortController();
		const load = hammer(service, stop.signal);
		const ends = await rollingRestart(service, replicas);
		await sleep(500);
		stop.abort();
		const { calls, failures } = await load;
		service.close();
		expect(failures).toEqual([]);
		expect(calls).toBeGreaterThan(200);
		for (const { code, killed } of ends) expect({ code, killed }).toEqual({ code: 0, killed: false });
		for (const { log } of replicas) expect(log()).toContain('"msg":"shut down"');
	});

	it("would be noticed if it were none: a replica that is killed fails calls", { timeout: 120_000 }, async () => {
		const { service, replicas } = await deploy();
		const stop = new AbortController();
		const load = hammer(service, stop.signal);
		await sleep(1000);
		replicas[0].process.kill("SIGKILL");
		await sleep(1000);
		stop.abort();
		expect((await load).failures.length).toBeGreaterThan(0);
		service.close();
	});
});

// ── Metacontroller ──────────────────────────────────────────────────────────────────────────────────────────────────

const STACKS = Array.from({ length: 8 }, (_, index) => `stack-${index}`);

/** Edits all stacks over and over until it is told to end; answers the last version of each. */
const edits = async (cluster: Cluster, signal: AbortSignal): Promise<Map<string, number>> => {
	const versions = new Map<string, number>();
	for (let version = 1; !signal.aborted; version++) {
		for (const name of STACKS) {
			await cluster.store.apply(stack(name, version), { fieldManager: "test" });
			versions.set(name, version);
			await sleep(40);
		}
	}
	return versions;
};

const untilConverged = (cluster: Cluster, versions: ReadonlyMap<string, number>) =>
	eventually(async () => {
		const deployments = await cluster.store.resourceOf("apps/v1", "Deployment");
		for (const [name, version] of versions) {
			const spec = (await cluster.store.get(deployments, "default", `${name}-proxy`))?.["spec"];
			expect(JSON.stringify(spec)).toContain(`prism-proxy:v1.${version}.0`);
			expect(valueAt(spec, "replicas")).toBe(1 + (version % 3));
		}
	}, 60);

const syncErrors = async (cluster: Cluster): Promise<unknown[]> => {
	const events = (await cluster.store.list(await cluster.store.resourceOf("v1", "Event"))).items;
	return events
		.filter(({ reason }) => reason === "SyncError")
		.map((event) => [event["message"], isRecord(event["involvedObject"]) ? event["involvedObject"]["name"] : ""]);
};

describe("a rolling restart while stacks are edited", () => {
	it("loses no change and shows no error of a sync", { timeout: 240_000 }, async () => {
		const cluster = await startCluster({
			clock: systemTime,
			name: "memory",
			environment: {},
			log: () => {},
			confirm: async () => false,
		});
		await installKinds(cluster.store);
		await cluster.startControllers();
		const { service, replicas } = await deploy();
		const { post, close } = callers(service.port, secrets, 16);
		const errors: string[] = [];
		const metacontroller = await startMetacontroller({
			store: cluster.store,
			informers: cluster.informers,
			clock: cluster.clock,
			controllers: withoutEndpoints(manifest),
			call: (url, body) => post(new URL(url).pathname, JSON.stringify(body)),
			resyncPeriodMs: 1000,
			log: ({ level, message }) => {
				if (level === "error") errors.push(message);
			},
		});
		const stop = new AbortController();
		const editing = edits(cluster, stop.signal);
		const ends = await rollingRestart(service, replicas);
		stop.abort();
		await untilConverged(cluster, await editing);
		expect(errors).toEqual([]);
		expect(metacontroller.stats.errors).toBe(0);
		expect(await syncErrors(cluster)).toEqual([]);
		expect(ends.map(({ killed }) => killed)).toEqual([false, false]);
		await metacontroller.stop();
		close();
		service.close();
		await cluster.stop();
	});
});

describeWith(REAL_METACONTROLLER, "a rolling restart under the real Metacontroller", () => {
	let release: Release;
	beforeAll(async () => {
		release = await installRelease({});
		await release.mount();
	}, CLUSTER_TIMEOUT + HELM_TIMEOUT);
	afterAll(() => release?.stop(), 60_000);

	it("loses no change and shows no error of a sync", { timeout: 240_000 }, async () => {
		const { cluster } = release;
		({ hooks } = release);
		environment = release.environment();
		const { service, replicas } = await deploy();
		await release.startMetacontroller(METACONTROLLER, service.port);
		await cluster.store.apply(stack("first", 1), { fieldManager: "test" });
		await untilConverged(cluster, new Map([["first", 1]]));
		const stop = new AbortController();
		const editing = edits(cluster, stop.signal);
		const ends = await rollingRestart(service, replicas);
		stop.abort();
		await untilConverged(cluster, await editing);
		expect(await syncErrors(cluster)).toEqual([]);
		expect(release.complaints()).toEqual([]);
		expect(ends.map(({ killed }) => killed)).toEqual([false, false]);
		service.close();
	});
});
