import { KINDS } from "../../hooks/index.ts";
import { timestampOf } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { MADE_RESOURCES, MADE_SELECTOR, resourceName } from "./kinds.ts";
import { type Kubectl, KubectlError, parseObjects } from "./kubectl.ts";
import { type ClusterView, viewOf } from "./view.ts";

// Reads what the commands look at: our objects, what the hooks made of them, and events if they are wanted. A few calls of
// kubectl side by side, for each of them costs a process and a round of discovery.

export interface Scope {
	/** undefined: the namespace that the context names. */
	readonly namespace?: string | undefined;
	readonly allNamespaces?: boolean | undefined;
	/** Label selector for our objects. */
	readonly selector?: string | undefined;
}

export interface Parts {
	/** Deployments, pods and the like. */
	readonly made?: boolean;
	readonly events?: boolean;
}

export const scopeFlags = ({ namespace, allNamespaces }: Scope): string[] => {
	if (allNamespaces === true) return ["--all-namespaces"];
	return namespace === undefined ? [] : ["--namespace", namespace];
};

export const readView = async (kubectl: Kubectl, scope: Scope, parts: Parts): Promise<ClusterView> => {
	const flags = scopeFlags(scope);
	const [ours, made, events] = await Promise.all([
		readOurs(kubectl, flags),
		parts.made === true
			? readAll(kubectl, MADE_RESOURCES, [...flags, "--selector", MADE_SELECTOR], "what the hooks made")
			: NOTHING,
		parts.events === true ? readAll(kubectl, ["events"], flags, "events") : NOTHING,
	]);
	return viewOf({
		objects: [...ours.objects, ...made.objects],
		events: events.objects,
		now: timestampOf(Date.now()),
		notes: [...ours.notes, ...made.notes, ...events.notes],
	});
};

interface Part {
	readonly objects: readonly KubeObject[];
	readonly notes: readonly string[];
}

const NOTHING: Part = { objects: [], notes: [] };

/** With who wrote which fields when, which kubectl leaves out unless it is asked. */
const FULL = ["-o", "json", "--show-managed-fields"] as const;

/** All kinds of ours. A cluster with an older release lacks some of them: that is told, and the others are read. */
const readOurs = async (kubectl: Kubectl, flags: readonly string[]): Promise<Part> => {
	let resources = KINDS.map(resourceName);
	const missing: string[] = [];
	for (;;) {
		const { code, stdout, stderr } = await kubectl.try(["get", resources.join(","), ...flags, ...FULL]);
		if (code === 0) return { objects: parseObjects(stdout), notes: missing.map(notInstalled) };
		const lacking = /doesn't have a resource type "([^"]+)"/.exec(stderr)?.[1];
		const left = resources.filter((resource) => resource.split(".")[0] !== lacking?.split(".")[0]);
		// Without a single one, or for any other reason, there is nothing to go on with.
		if (lacking === undefined || left.length === 0 || left.length === resources.length) {
			const refused = refusedResources(stderr);
			if (lacking === undefined && stdout.trim() !== "" && refused.length < resources.length)
				return { objects: parseObjects(stdout), notes: [...missing.map(notInstalled), ...refusals(stderr)] };
			await kubectl.run(["get", resources.join(","), ...flags, "-o", "name"]);
			throw new KubectlError("other", `cannot read the cluster: ${stderr.trim()}`, { code, stdout, stderr });
		}
		missing.push(lacking);
		resources = left;
	}
};

const notInstalled = (resource: string): string =>
	`${resource} can't be read: the kind is not installed (kubectl prism doctor says how to mend that)`;

/** Objects that help, and whose absence does not stop a command. */
const readAll = async (
	kubectl: Kubectl,
	resources: readonly string[],
	flags: readonly string[],
	what: string,
): Promise<Part> => {
	const { code, stdout, stderr } = await kubectl.try(["get", resources.join(","), ...flags, "-o", "json"]);
	if (code === 0) return { objects: parseObjects(stdout), notes: [] };
	return { objects: stdout.trim() === "" ? [] : parseObjects(stdout), notes: refusals(stderr, what) };
};

const refusedResources = (stderr: string): string[] =>
	[...new Set([...stderr.matchAll(/cannot list resource "([^"]+)"/g)].map(([, resource = ""]) => resource))].toSorted();

/** Each kind that may not be read, once. */
const refusals = (stderr: string, what = "some kinds"): string[] => {
	const refused = refusedResources(stderr);
	if (refused.length > 0) return [`you may not read ${refused.join(", ")}: what they would tell is missing here`];
	const [said = "no reason given"] = stderr.trim().split("\n").slice(-1);
	return [`${what} could not be read: ${said}`];
};

/** The object, or undefined when it is not there or can't be read. */
export const readOne = async (
	kubectl: Kubectl,
	resource: string,
	name: string,
	namespace: string | undefined,
): Promise<KubeObject | undefined> => {
	const flags = namespace === undefined ? [] : ["--namespace", namespace];
	const { code, stdout } = await kubectl.try(["get", resource, name, ...flags, ...FULL]);
	return code === 0 ? parseObjects(stdout)[0] : undefined;
};
