import { describe, expect, it } from "vitest";
import { viewOf } from "../../plugin/cluster/cluster-view.ts";
import { isOurs } from "../../plugin/cluster/kinds.ts";
import { readView } from "../../plugin/cluster/read-cluster.ts";
import { clusterChanges } from "../../plugin/diff/cluster.ts";
import { statusLines, statusOf } from "../../plugin/status/status.ts";
import { PLAIN } from "../../plugin/text/paint.ts";
import { treeLines } from "../../plugin/tree/text.ts";
import { rootsOf, treeOf } from "../../plugin/tree/topology.ts";
import { tenantPlacementsOf, whereLines } from "../../plugin/where/where.ts";
import { collectWhy, initial } from "../../plugin/why/command.ts";
import { whyLines } from "../../plugin/why/text.ts";
import { INSTALLATION } from "../installation.ts";
import { fakeKubectl } from "../plugin/fake-kubectl.ts";
import { FIRST_CAUSE_CASES } from "../plugin/first-cause-cases.ts";
import { WHY_CASES } from "../plugin/why-cases.ts";
import { NOW } from "../plugin/world.ts";

// Law: to a user who may not read all, the commands say what they may read, print only commands that this user may run, and
// never take for missing what they may not read.

const SPEECH = { program: "kubectl prism", flags: [] };
const READ = ["get", "list", "watch"];
const OURS = ["prismstacks", "patternrunners", "backendconfigs", "prismnamespaces", "prismshards", "prismplugins"];
const WORKLOADS = ["deployments", "statefulsets", "replicasets", "services", "configmaps"];
const USERS: readonly { readonly user: string; readonly reads: readonly string[] }[] = [
	{ user: "with the role view", reads: [...OURS, ...WORKLOADS, "pods", "pods/log", "events", "endpointslices"] },
	{ user: "without pods and events", reads: [...OURS, ...WORKLOADS] },
	{ user: "of custom resources", reads: OURS },
	{ user: "of tenants", reads: ["prismnamespaces", "prismstacks"] },
];
const ALL: Readonly<Record<string, string>> = {
	...Object.fromEntries([...OURS, "prismrosters"].map((plural) => [plural, `${plural}.prism.io`])),
	deployments: "deployments.apps",
	statefulsets: "statefulsets.apps",
	replicasets: "replicasets.apps",
	services: "services",
	configmaps: "configmaps",
	pods: "pods",
	events: "events",
	endpointslices: "endpointslices.discovery.k8s.io",
	compositecontrollers: "compositecontrollers.metacontroller.k8s.io",
	decoratorcontrollers: "decoratorcontrollers.metacontroller.k8s.io",
};

const CASES = [...FIRST_CAUSE_CASES, ...WHY_CASES].map(({ about, objects, ...rest }) => ({
	...rest,
	about,
	objects: objects.includes(about) ? objects : [...objects, about],
}));

/** What a reader of these resources may not run. */
const refused = (command: string, reads: readonly string[]): boolean => {
	const [program, verb = "", what = ""] = command.replace("kubectl prism", "prism").split(" ");
	if (program === "prism") return !["why", "where", "status", "doctor"].includes(verb);
	if (verb === "logs") return !reads.includes("pods/log");
	if (verb !== "get" && verb !== "describe") return true;
	const kind = what.split("/")[0]?.replace(/ie?s$|s$/, "") ?? "";
	return !reads.some((plural) => plural.startsWith(kind));
};

describe.each(USERS)("a user $user", ({ reads }) => {
	const forbidden = Object.keys(ALL).filter((plural) => !reads.includes(plural));
	const readable = CASES.filter(
		({ about }) => isOurs(about) && !forbidden.some((plural) => plural.startsWith(about.kind.toLowerCase())),
	);

	it.each(readable)("is told what they may know: $name", async ({ about, objects, ...world }) => {
		const rules = [{ verbs: READ, resources: reads }];
		const kubectl = fakeKubectl({
			...world,
			objects,
			rules,
			forbidden: forbidden.map((plural) => ALL[plural] ?? plural),
		});
		const namespace = about.metadata.namespace ?? "";
		const read = await readView(kubectl, { namespace }, { made: true, events: true });
		const view = viewOf({ ...read, now: NOW });
		const { diagnosis } = await collectWhy(kubectl, initial(view), SPEECH, about);
		const commands = (diagnosis.finding?.next ?? []).flatMap(({ command }) => command ?? []);
		expect(commands.filter((command) => refused(command, reads))).toEqual([]);
		const { cause = "" } = diagnosis.finding ?? {};
		if (!reads.includes("pods")) expect(cause).not.toMatch(/pods? exists? yet/);
		expect(cause).not.toMatch(/there is no PrismShard|there are no proxies|Metacontroller runs/);
		const status = statusOf(view, view.objects, { where: "in namespace shop", allNamespaces: false });
		const tenants = view.all("PrismNamespace").map((tenant) => tenantPlacementsOf(view, tenant));
		const text = [
			...whyLines(diagnosis, PLAIN, NOW),
			...statusLines(status, PLAIN, SPEECH),
			...treeLines(
				rootsOf(view).map((root) => treeOf(view, root, { wide: false })),
				PLAIN,
				{ wide: false, now: NOW },
			),
			...tenants.flatMap((tenant) => whereLines(tenant, PLAIN, NOW, SPEECH)),
		].join("\n");
		expect(text).not.toMatch(/\b0 of 0\b|undefined|\n {4}at |is missing$|not listed/);
		for (const resource of forbidden.filter((plural) => plural !== "prismrosters" && view.unread.includes(plural)))
			expect(text).toContain(resource);
		const changes = await clusterChanges({ kubectl, view, context: { now: NOW, installation: INSTALLATION } }, about);
		const created = changes.filter(({ what }) => what === "created").map(({ object }) => object.kind.toLowerCase());
		expect(created.filter((kind) => forbidden.some((plural) => plural.startsWith(kind)))).toEqual([]);
	});
});
