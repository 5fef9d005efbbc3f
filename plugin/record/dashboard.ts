import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { ManifestError } from "../../yaml/manifests.ts";
import { containersOf, HOOKS_SELECTOR } from "../cluster/installation.ts";
import { createKubectl, type Kubectl } from "../cluster/kubectl.ts";

// `dashboard`: forwards a port to each of the operator's pods, where the dashboard listens on loopback only. Each replica shows the
// calls that Metacontroller sent to it.

export interface DashboardOptions {
	readonly namespace: string;
	readonly context?: string;
	/** Port on this machine, of the first replica; the others have those after it. */
	readonly port: string;
	readonly say: (line: string) => void;
}

const VARIABLE = "PRISM_DASHBOARD";

/** Returns when all port forwardings have ended, with the highest of their exit codes. */
export const dashboard = async ({ namespace, context, port, say }: DashboardOptions): Promise<number> => {
	const kubectl = createKubectl({ context }, process.env);
	const target = await deployed(kubectl, namespace);
	const replicas = await runningPods(kubectl, namespace);
	const to = replicas.length > 1 ? replicas.map((name) => `pod/${name}`) : [`deployment/${target.name}`];
	if (to.length > 1)
		say(`Metacontroller sends a part of the calls to each of ${to.length} replicas: look at all of them`);
	const codes = await Promise.all(
		to.map((name, index) => {
			const own = String(Number(port) + index);
			const args = [...kubectl.flags, "-n", namespace, "port-forward", name, `${own}:${target.port}`];
			const forwarding = spawn(kubectl.program, args, { stdio: ["ignore", "pipe", "inherit"] });
			createInterface({ input: forwarding.stdout }).once("line", () =>
				say(`the dashboard of ${name} -n ${namespace} is at http://127.0.0.1:${own}. Press Ctrl-C to stop`),
			);
			return new Promise<number>((resolve, reject) => {
				forwarding.once("error", reject);
				// Not "exit": what it printed comes first.
				forwarding.once("close", (code) => resolve(code ?? 0));
			});
		}),
	);
	return Math.max(...codes);
};

const runningPods = async (kubectl: Kubectl, namespace: string): Promise<string[]> => {
	const pods = await kubectl.objects(["get", "pods", "-n", namespace, "-l", HOOKS_SELECTOR]);
	return pods
		.filter(
			({ metadata, ...pod }) =>
				metadata.deletionTimestamp === undefined && valueAt(pod, "status", "phase") === "Running",
		)
		.map(({ metadata }) => metadata.name)
		.toSorted();
};

interface Target {
	readonly name: string;
	readonly port: string;
}

const deployed = async (kubectl: Kubectl, namespace: string): Promise<Target> => {
	const list = await kubectl.objects(["get", "deployments", "-n", namespace, "-l", HOOKS_SELECTOR]);
	const targets = list.map(targetOf);
	const target = targets.find((found): found is Target => found.port !== undefined);
	if (target !== undefined) return target;
	if (targets.length === 0)
		throw new ManifestError(`cannot find the operator: namespace ${namespace} has no Deployment of it. Set -n`);
	throw new ManifestError(
		[
			`the dashboard of deployment ${namespace}/${targets[0]?.name} is disabled. To enable it:`,
			`  helm upgrade <release> charts/prism-operator -n ${namespace} --reset-then-reuse-values --set config.${VARIABLE}=8090`,
		].join("\n"),
	);
};

const targetOf = (deployment: KubeObject) => {
	const variables = containersOf(deployment).flatMap(({ env = [] }) => env);
	const { value = "" } = variables.find(({ name }) => name === VARIABLE) ?? {};
	const port = value === "0" || value === "" ? undefined : value;
	return { name: deployment.metadata.name, port };
};
