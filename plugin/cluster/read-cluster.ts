import { KINDS } from "../../hooks/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import { timestamp } from "../../server/time.ts";
import { type ClusterView, viewOf } from "./cluster-view.ts";
import { MADE_RESOURCES, MADE_SELECTOR, resourceName, USER_KINDS } from "./kinds.ts";
import { type Kubectl, KubectlError, listed, parseObjects } from "./kubectl.ts";

// Reads custom resources and, on request, their children and events, with few parallel calls of kubectl: each costs a process
// and a discovery.

export interface Scope {
	/** undefined: the namespace of the context. */
	readonly namespace?: string | undefined;
	readonly allNamespaces?: boolean | undefined;
	/** Label selector for custom resources. */
	readonly selector?: string | undefined;
}

export interface Parts {
	/** Deployments, pods and other children. */
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
			? readAll(kubectl, MADE_RESOURCES, [...flags, "--selector", MADE_SELECTOR], "the children")
			: NOTHING,
		parts.events === true ? readAll(kubectl, ["events"], flags, "events") : NOTHING,
	]);
	return viewOf({
		objects: [...ours.objects, ...made.objects],
		events: events.objects,
		now: timestamp(),
		notes: [...ours.notes, ...made.notes, ...events.notes],
		unread: [...ours.unread, ...made.unread, ...events.unread],
	});
};

/** The objects that the selector matches: the API server evaluates selectors. */
export const withLabels = async (kubectl: Kubectl, scope: Scope, view: ClusterView): Promise<readonly KubeObject[]> => {
	const { selector } = scope;
	if (selector === undefined) return view.objects;
	const kinds = USER_KINDS.map(resourceName).join(",");
	const found = await kubectl.objects(["get", kinds, ...scopeFlags(scope), "--selector", selector]);
	const uids = new Set(found.map(({ metadata }) => metadata.uid));
	return view.objects.filter(({ metadata }) => uids.has(metadata.uid));
};

interface Part {
	readonly objects: readonly KubeObject[];
	readonly notes: readonly string[];
	readonly unread: readonly string[];
}

const NOTHING: Part = { objects: [], notes: [], unread: [] };

/** With managedFields, which kubectl omits by default. */
const FULL = ["-o", "json", "--show-managed-fields"] as const;

/** All Prism kinds. If an older release lacks some CRDs, the others are read, and a note names the missing ones. */
const readOurs = async (kubectl: Kubectl, flags: readonly string[]): Promise<Part> => {
	let resources = KINDS.map(resourceName);
	const missing: string[] = [];
	for (;;) {
		const { code, stdout, stderr } = await kubectl.try(["get", resources.join(","), ...flags, ...FULL]);
		if (code === 0) return { objects: parseObjects(stdout), notes: missing.map(notInstalled), unread: [] };
		const lacking = /doesn't have a resource type "([^"]+)"/.exec(stderr)?.[1];
		const left = resources.filter((resource) => resource.split(".")[0] !== lacking?.split(".")[0]);
		// If no kind can be read, or for any other error, the command fails.
		if (lacking === undefined || left.length === 0 || left.length === resources.length) {
			const forbidden = forbiddenResources(stderr);
			if (lacking === undefined && stdout.trim() !== "" && forbidden.length < resources.length)
				return {
					objects: parseObjects(stdout),
					notes: [...missing.map(notInstalled), ...permissionNotes(stderr)],
					unread: forbidden,
				};
			await kubectl.run(["get", resources.join(","), ...flags, "-o", "name"]);
			throw new KubectlError("other", `cannot read the cluster: ${stderr.trim()}`);
		}
		missing.push(lacking);
		resources = left;
	}
};

const notInstalled = (resource: string): string =>
	`${resource} can't be read: the CRD is not installed (see kubectl prism doctor)`;

/** Objects without which a command can continue. */
const readAll = async (
	kubectl: Kubectl,
	resources: readonly string[],
	flags: readonly string[],
	what: string,
): Promise<Part> => {
	const { objects, ok, stderr } = await listed(kubectl, "get", resources.join(","), ...flags);
	return { objects, notes: ok ? [] : permissionNotes(stderr, what), unread: ok ? [] : forbiddenResources(stderr) };
};

const forbiddenResources = (stderr: string): string[] =>
	[...new Set([...stderr.matchAll(/cannot list resource "([^"]+)"/g)].map(([, resource = ""]) => resource))].toSorted();

/** Each kind without the permission to list it, once. */
const permissionNotes = (stderr: string, what = "some kinds"): string[] => {
	const forbidden = forbiddenResources(stderr);
	// Rosters are internal, and the role view has none of them. Commands that need them report it.
	const missed = forbidden.filter((resource) => resource !== PrismRoster.plural);
	if (forbidden.length > 0)
		return missed.length === 0 ? [] : [`you may not read ${missed.join(", ")}: their data is missing here`];
	const [message = "no reason given"] = stderr.trim().split("\n").slice(-1);
	return [`${what} could not be read: ${message}`];
};

/** A namespace without the permission to read it. */
export const unreadNamespace = (view: ClusterView, namespace: string): ClusterView =>
	viewOf({
		...view,
		notes: [...view.notes, `you may not read namespace ${namespace}: its data is missing here`],
		unread: [...view.unread, ...KINDS.map(({ plural }) => plural), "pods"],
	});

/** The object; undefined if it does not exist or can't be read. */
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

/** The resources that the cluster serves: "deployments.apps", "pods"; undefined if unknown. */
export const readServed = async (kubectl: Kubectl): Promise<ReadonlySet<string> | undefined> => {
	// If the server of one API group is down, the command fails, but lists all other groups.
	const { stdout } = await kubectl.try(["api-resources", "--no-headers", "-o", "name"]);
	const names = stdout.split("\n").filter((name) => name !== "");
	return names.length === 0 ? undefined : new Set(names);
};
