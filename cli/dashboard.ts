import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { isRecord, recordsAt, valueAt } from "../kube/object.ts";
import { ManifestError } from "./manifests.ts";

// `dashboard`: forwards a port to the operator's pod, where the dashboard listens on loopback only.

export interface DashboardOptions {
	readonly namespace: string;
	readonly context?: string;
	/** Port on this machine. */
	readonly port: string;
	readonly say: (line: string) => void;
}

const SELECTOR = "app.kubernetes.io/name=prism-operator,app.kubernetes.io/component=hooks";
const VARIABLE = "PRISM_DASHBOARD";

/** Ends with the forwarding, and returns its exit code. */
export const dashboard = async ({ namespace, context, port, say }: DashboardOptions): Promise<number> => {
	const flags = ["-n", namespace, ...(context === undefined ? [] : ["--context", context])];
	const target = await deployed(flags, namespace);
	const forwarding = spawn(
		"kubectl",
		[...flags, "port-forward", `deployment/${target.name}`, `${port}:${target.port}`],
		{
			stdio: ["ignore", "pipe", "inherit"],
		},
	);
	createInterface({ input: forwarding.stdout }).once("line", () => {
		say(`the dashboard of deployment ${namespace}/${target.name} is at http://127.0.0.1:${port}`);
		if (target.replicas > 1)
			say(`it shows what one of ${target.replicas} replicas is asked; each is asked about a part of the objects`);
		say("Ctrl-C ends it");
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

const deployed = async (flags: readonly string[], namespace: string): Promise<Target> => {
	const list = await kubectl([...flags, "get", "deployments", "-l", SELECTOR, "-o", "json"]);
	const targets = recordsAt(list, "items").flatMap(targetOf);
	const [target] = targets.filter((found): found is Target => found.port !== undefined);
	if (target !== undefined) return target;
	if (targets.length === 0)
		throw new ManifestError(`there is no Deployment of the operator in namespace ${namespace}: -n names another one`);
	throw new ManifestError(
		[
			`the dashboard of deployment ${namespace}/${targets[0]?.name} is off. To switch it on:`,
			`  helm upgrade <release> charts/prism-operator -n ${namespace} --reuse-values --set config.${VARIABLE}=8090`,
		].join("\n"),
	);
};

const targetOf = (deployment: Record<string, unknown>) => {
	const name = valueAt(deployment, "metadata", "name");
	const replicas = valueAt(deployment, "spec", "replicas");
	const variables = recordsAt(deployment, "spec", "template", "spec", "containers").flatMap((container) =>
		recordsAt(container, "env"),
	);
	const value = variables.find((variable) => variable["name"] === VARIABLE)?.["value"];
	const port = typeof value === "string" && value !== "0" && value !== "" ? value : undefined;
	return [{ name: String(name), port, replicas: typeof replicas === "number" ? replicas : 1 }];
};

const kubectl = async (args: readonly string[]): Promise<unknown> => {
	const { stdout } = await promisify(execFile)("kubectl", [...args], { maxBuffer: 64 * 1024 * 1024 }).catch(
		(error: unknown) => {
			throw new ManifestError(`cannot run kubectl: ${reasonOf(error)}`, { cause: error });
		},
	);
	return JSON.parse(stdout);
};

const reasonOf = (error: unknown): string => {
	if (isRecord(error) && error["code"] === "ENOENT") return "it is not in PATH";
	const told = isRecord(error) && typeof error["stderr"] === "string" ? error["stderr"].trim() : "";
	return told === "" ? String(error) : told;
};
