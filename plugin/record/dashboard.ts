import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ManifestError } from "../../common/manifests.ts";
import { countOf } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { createKubectl, type Kubectl } from "../cluster/kubectl.ts";
import { containersOf, HOOKS_SELECTOR } from "../cluster/machinery.ts";

// `dashboard`: forwards a port to the operator's pod, where the dashboard listens on loopback only.

export interface DashboardOptions {
	readonly namespace: string;
	readonly context?: string;
	/** Port on this machine. */
	readonly port: string;
	readonly say: (line: string) => void;
}

const VARIABLE = "PRISM_DASHBOARD";

/** Returns the exit code of the port forwarding when it ends. */
export const dashboard = async ({ namespace, context, port, say }: DashboardOptions): Promise<number> => {
	const kubectl = createKubectl({ context }, process.env);
	const target = await deployed(kubectl, namespace);
	const forwarding = spawn(
		kubectl.program,
		[...kubectl.flags, "-n", namespace, "port-forward", `deployment/${target.name}`, `${port}:${target.port}`],
		{
			stdio: ["ignore", "pipe", "inherit"],
		},
	);
	createInterface({ input: forwarding.stdout }).once("line", () => {
		say(`the dashboard of deployment ${namespace}/${target.name} is at http://127.0.0.1:${port}`);
		if (target.replicas > 1)
			say(`it shows the calls of one of ${target.replicas} replicas; each replica gets a part of the calls`);
		say("Press Ctrl-C to stop");
	});
	return new Promise((resolve, reject) => {
		forwarding.once("error", reject);
		forwarding.once("exit", (code) => resolve(code ?? 0));
	});
};

interface Target {
	readonly name: string;
	readonly port: string;
	readonly replicas: number;
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
	return { name: deployment.metadata.name, port, replicas: countOf(deployment["spec"], "replicas") ?? 1 };
};
