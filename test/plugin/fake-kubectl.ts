import { KINDS } from "../../hooks/index.ts";
import type { Kubectl, KubectlOutcome } from "../../plugin/cluster/kubectl.ts";
import type { KubeObject } from "../../schemas/common.ts";

// kubectl over a list of objects, as far as the commands use it: so that all but the process is exercised.

export interface World {
	readonly objects: readonly KubeObject[];
	/** Logs by "namespace/pod/container", with " previous" behind those of the run before. */
	readonly logs?: Readonly<Record<string, string>>;
	/** Resources that the cluster does not know, such as "compositecontrollers.metacontroller.k8s.io". */
	readonly unknown?: readonly string[];
	/** What admission makes of an object that is written; "...": how the API server refuses it. */
	readonly admission?: (object: KubeObject) => KubeObject | string;
	/** Resources that may not be listed. */
	readonly forbidden?: readonly string[];
	/** What the user may do, as a SelfSubjectRulesReview has it; without them that can't be told. */
	readonly rules?: readonly Record<string, unknown>[];
	/** What Metacontroller's ServiceAccount may do. */
	readonly accountRules?: readonly Record<string, unknown>[];
	/** The resources that the cluster serves. */
	readonly served?: readonly string[];
}

const PLURALS: Readonly<Record<string, string>> = {
	...Object.fromEntries(KINDS.map(({ kind, plural, group }) => [kind, `${plural}.${group}`])),
	Deployment: "deployments.apps",
	StatefulSet: "statefulsets.apps",
	ReplicaSet: "replicasets.apps",
	Pod: "pods",
	Service: "services",
	ConfigMap: "configmaps",
	Event: "events",
	EndpointSlice: "endpointslices.discovery.k8s.io",
	CompositeController: "compositecontrollers.metacontroller.k8s.io",
	IngressClass: "ingressclass",
	DecoratorController: "decoratorcontrollers.metacontroller.k8s.io",
};

const ok = (stdout: string): KubectlOutcome => ({ code: 0, stdout, stderr: "" });
const failed = (stderr: string, stdout = ""): KubectlOutcome => ({ code: 1, stdout, stderr });

export const fakeKubectl = (world: World): Kubectl => {
	const attempt: Kubectl["try"] = async (args, { input = "" } = {}): Promise<KubectlOutcome> => {
		if (args[0] === "get") return get(world, args.slice(1));
		if (args[0] === "logs") return logs(world, args.slice(1));
		if (args[0] === "config") return ok("");
		if (args[0] === "api-resources" && world.served !== undefined) return ok(world.served.join("\n"));
		const rules = args.some((word) => word.startsWith("--as=")) ? world.accountRules : world.rules;
		if (args[0] === "create" && args[1] === "--raw" && rules !== undefined)
			return ok(JSON.stringify({ status: { incomplete: false, resourceRules: rules } }));
		if (args[0] === "replace" && args.includes("--dry-run=server")) {
			const object = JSON.parse(input) as KubeObject;
			const admitted = world.admission?.(object) ?? object;
			return typeof admitted === "string" ? failed(admitted) : ok(JSON.stringify(admitted));
		}
		return failed(`error: unknown command "${args.join(" ")}"`);
	};
	const run = async (args: readonly string[]) => {
		const { code, stdout, stderr } = await attempt(args);
		if (code !== 0) throw new Error(stderr);
		return stdout;
	};
	return {
		program: "kubectl",
		flags: [],
		try: attempt,
		run,
		objects: async (args) => (JSON.parse(await run(args)) as { items: KubeObject[] }).items,
	};
};

const flagOf = (args: readonly string[], ...flags: readonly string[]): string | undefined => {
	const index = args.findIndex((word) => flags.includes(word));
	return index === -1 ? undefined : args[index + 1];
};

const get = ({ objects, unknown = [], forbidden = [] }: World, args: readonly string[]): KubectlOutcome => {
	const [resources = "", second = ""] = args;
	const wanted = resources.split(",");
	const missing = wanted.find((resource) => unknown.includes(resource));
	if (missing !== undefined) return failed(`error: the server doesn't have a resource type "${missing.split(".")[0]}"`);
	const namespace = flagOf(args, "-n", "--namespace");
	const everywhere = args.includes("-A") || args.includes("--all-namespaces");
	const place = everywhere ? undefined : (namespace ?? "shop");
	const selector = flagOf(args, "--selector");
	const found = objects.filter(
		(object) =>
			wanted.some((resource) => resource === PLURALS[object.kind] || resource === object.kind.toLowerCase()) &&
			!forbidden.includes(PLURALS[object.kind] ?? "") &&
			(place === undefined || object.metadata.namespace === undefined || object.metadata.namespace === place) &&
			matches(object, selector),
	);
	if (second !== "" && !second.startsWith("-")) {
		const one = found.find(({ metadata }) => metadata.name === second);
		return one === undefined
			? failed(`Error from server (NotFound): ${resources} "${second}" not found`)
			: ok(JSON.stringify(one));
	}
	const refused = wanted.filter((resource) => forbidden.includes(resource));
	const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: found });
	if (refused.length === 0) return ok(list);
	const said = refused.map(
		(resource) =>
			`Error from server (Forbidden): ${resource} is forbidden: User "jane" cannot list resource "${resource.split(".")[0]}" in API group "" in the namespace "shop"`,
	);
	return failed(said.join("\n"), list);
};

const matches = ({ metadata: { labels = {} } }: KubeObject, selector: string | undefined): boolean =>
	selector === undefined ||
	selector.split(",").every((term) => {
		const [key = "", value] = term.split("=");
		return labels[key] === value;
	});

const logs = ({ logs: known = {} }: World, args: readonly string[]): KubectlOutcome => {
	const [pod] = args;
	const container = flagOf(args, "-c");
	const key = `${flagOf(args, "-n")}/${pod}${container === undefined ? "" : `/${container}`}${args.includes("--previous") ? " previous" : ""}`;
	const text = known[key];
	return text === undefined ? failed("Error from server (BadRequest): container has no log") : ok(text);
};
