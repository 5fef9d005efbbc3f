import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../devcluster/free-port.ts";
import type { HookReply } from "../../devcluster/metacontroller/webhook.ts";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { at, NAMESPACE, RELEASE } from "./helm.ts";

// Replicas of the hooks as processes, a kubelet that starts and ends them as their Deployment says, and a Service whose
// connections stay with the replica to which they were made.

const ROOT = join(import.meta.dirname, "../..");

export interface Replica {
	readonly port: number;
	readonly process: ChildProcess;
	/** What it logged. */
	readonly log: () => string;
}

/** Runs the hooks with the container's environment, and waits until its readiness probe succeeds. */
export const startReplica = async (hooks: KubeObject, environment: Record<string, string>): Promise<Replica> => {
	const container = at(hooks, "spec", "template", "spec", "containers", 0);
	const port = await freePort();
	const child = spawn(process.execPath, [join(ROOT, "server/main.ts")], {
		env: { ...environment, PORT: String(port), HOST: "127.0.0.1" },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let log = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding("utf8").on("data", (text: string) => {
			log += text;
		});
	}
	const { path } = at(container, "readinessProbe", "httpGet") as { path: string };
	const deadline = performance.now() + 60_000;
	while (!(await probe(port, path))) {
		if (child.exitCode !== null || performance.now() > deadline) throw new Error(`a replica is not ready: ${log}`);
		await sleep(200);
	}
	return { port, process: child, log: () => log };
};

/** As the kubelet probes: over TLS, without looking at the certificate. */
const probe = (port: number, path: string): Promise<boolean> =>
	new Promise((resolve) => {
		request({ port, host: "127.0.0.1", path, rejectUnauthorized: false, agent: false }, (response) => {
			response.resume();
			resolve(response.statusCode === 200);
		})
			.once("error", () => resolve(false))
			.end();
	});

export interface End {
	readonly code: number | null;
	/** Whether it had to be killed when its time was over. */
	readonly killed: boolean;
	readonly seconds: number;
}

/** What the kubelet does with a pod that is deleted: the hook before the stop, then SIGTERM, and SIGKILL in the end. */
export const terminate = async (hooks: KubeObject, { process: child }: Replica): Promise<End> => {
	const pod = at(hooks, "spec", "template", "spec");
	const grace = Number(at(pod, "terminationGracePeriodSeconds")) * 1000;
	const preStop = at(pod, "containers", 0, "lifecycle", "preStop", "sleep");
	const began = performance.now();
	const exited = once(child, "exit");
	await sleep(isRecord(preStop) ? Number(preStop["seconds"]) * 1000 : 0);
	child.kill("SIGTERM");
	let killed = false;
	const killing = setTimeout(
		() => {
			killed = child.kill("SIGKILL");
		},
		grace - (performance.now() - began),
	);
	const [code] = (await exited) as [number | null];
	clearTimeout(killing);
	return { code, killed, seconds: (performance.now() - began) / 1000 };
};

// ── Service ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Service {
	readonly port: number;
	/** Its EndpointSlice names this replica as ready. */
	readonly add: (replica: Pick<Replica, "port">) => void;
	/** New connections go elsewhere from now on; the ones that there are stay. */
	readonly remove: (replica: Replica) => void;
	readonly close: () => void;
}

export const startService = async (): Promise<Service> => {
	const endpoints: number[] = [];
	const sockets = new Set<Socket>();
	let next = 0;
	const server = createServer((caller) => {
		const port = endpoints[next++ % endpoints.length] ?? 1;
		const replica = connect(port, "127.0.0.1");
		for (const [one, other] of [
			[caller, replica],
			[replica, caller],
		] as const) {
			one.setNoDelay(true);
			sockets.add(one);
			one.on("error", () => other.destroy());
			one.on("close", () => {
				sockets.delete(one);
				other.destroy();
			});
			one.pipe(other);
		}
	});
	await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
	return {
		port: (server.address() as AddressInfo).port,
		add: ({ port }) => {
			endpoints.push(port);
		},
		remove: ({ port }) => {
			endpoints.splice(endpoints.indexOf(port), 1);
		},
		close: () => {
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
};

/** How long after a pod was deleted the last node hears of it. */
const HEARD_OF_MS = 1500;

/** What a Deployment's rolling update does with one replica: another one, and when that is ready this one ends. */
export const replace = async (
	hooks: KubeObject,
	environment: Record<string, string>,
	service: Service,
	old: Replica,
): Promise<{ fresh: Replica; end: End }> => {
	const fresh = await startReplica(hooks, environment);
	service.add(fresh);
	// A tenth of what the Deployment waits before it goes on: the shorter, the harder.
	await sleep(Number(at(hooks, "spec", "minReadySeconds") ?? 0) * 100);
	const hearing = sleep(HEARD_OF_MS).then(() => service.remove(old));
	const [end] = await Promise.all([terminate(hooks, old), hearing]);
	return { fresh, end };
};

// ── Callers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Callers that know the token, trust the authority, and keep so many connections to what is at this port. */
export const callers = (port: number, { token, ca }: { token: string; ca: string }, connections: number) => {
	const agent = new Agent({
		keepAlive: true,
		maxSockets: connections,
		ca,
		servername: `${RELEASE}.${NAMESPACE}.svc`,
	});
	/** What Metacontroller would send; rejects when there is no answer. A connection that breaks is not tried again. */
	const post = (path: string, body: string): Promise<HookReply> =>
		new Promise((resolve, reject) => {
			const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
			const sending = request({ agent, host: "127.0.0.1", port, path, method: "POST", headers }, (reply) => {
				readText(reply).then((text) => resolve({ status: reply.statusCode ?? 0, body: text }), reject);
			});
			sending.once("error", reject);
			sending.end(body);
		});
	return { post, close: () => agent.destroy() };
};

/** The chart's controllers; how the hooks are reached is known to who calls them here. */
export const withoutEndpoints = (objects: readonly KubeObject[]): KubeObject[] =>
	objects
		.filter(({ kind }) => kind === "CompositeController" || kind === "DecoratorController")
		.map(({ spec, ...object }) => {
			const { endpointConfigs: _endpoints, ...rest } = isRecord(spec) ? spec : {};
			return { ...object, spec: rest };
		});
