import { placedIn } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context, Installation } from "../../schemas/installation.ts";
import { readConfig } from "../../server/config.ts";
import { timestamp } from "../../server/time.ts";
import { manifestFiles } from "../../yaml/manifest-files.ts";
import { ManifestError, readManifests } from "../../yaml/manifests.ts";
import { currentNamespace, type Session } from "../cluster/context.ts";
import { containersOf, readMachinery } from "../cluster/installation.ts";
import { KubectlError, parseObjects } from "../cluster/kubectl.ts";
import { readView } from "../cluster/read-cluster.ts";
import { rowOf } from "../render/render.ts";
import { complain } from "../text/print.ts";
import { objectErrors } from "../validate/index.ts";
import { clusterChanges } from "./cluster.ts";
import type { Change } from "./compare.ts";
import { offlineChanges, withDefaults } from "./offline.ts";
import { diffText } from "./text.ts";

// `diff`: what applying files would change, down to the last child.

interface DiffFlags {
	readonly filename: string[];
	readonly recursive?: true;
	readonly offline?: true;
	readonly from?: string[];
	readonly exitCode?: true;
}

export const diff = async (session: Session, _words: readonly string[], flags: DiffFlags): Promise<number> => {
	const manifests = manifestFiles(flags.filename, { recursive: flags.recursive === true }).flatMap(readManifests);
	const errors = manifests.flatMap(objectErrors);
	if (errors.length > 0) throw new ManifestError(`cannot compare: fix these errors first:\n${errors.join("\n")}`);
	const objects = manifests.map(({ object }) => object);
	const ours = objects.filter((object) => rowOf(object) !== undefined);
	if (ours.length === 0) throw new ManifestError("cannot compare: no file has a Prism custom resource");
	const changes =
		flags.offline === true || flags.from !== undefined ? fromFiles(ours, flags) : await fromCluster(ours, session);
	session.print(diffText(changes, session.paint));
	if (ours.length < objects.length)
		complain(`${objects.length - ours.length} of other kinds skipped: kubectl diff compares those`);
	return flags.exitCode === true && changes.length > 0 ? 2 : 0;
};

const contextOf = (installation: Installation): Context => ({ now: timestamp(), installation });

const fromFiles = (ours: readonly KubeObject[], { from, recursive }: DiffFlags): Change[] => {
	const before =
		from === undefined
			? ours.map(withDefaults)
			: manifestFiles(from, { recursive: recursive === true })
					.flatMap(readManifests)
					.map(({ object }) => object);
	return offlineChanges(before, ours, contextOf(readConfig(process.env).installation));
};

const fromCluster = async (ours: readonly KubeObject[], session: Session): Promise<Change[]> => {
	const { kubectl, scope } = session;
	const home = scope.namespace ?? (await currentNamespace(kubectl));
	const [installation, ...wanted] = await Promise.all([
		installationOf(session),
		...ours.map((object) => asStored(session, placedIn(object, home))),
	]);
	const changes: Change[] = [];
	const views = new Map<string, Awaited<ReturnType<typeof readView>>>();
	for (const object of wanted) {
		const namespace = object.metadata.namespace ?? home;
		const view = views.get(namespace) ?? (await readView(kubectl, { namespace }, { made: true }));
		views.set(namespace, view);
		changes.push(...(await clusterChanges({ kubectl, view, context: contextOf(installation) }, object)));
	}
	const unread = [...new Set([...views.values()].flatMap((view) => view.unread))].toSorted();
	if (unread.length > 0) complain(`warning: you may not read ${unread.join(", ")}: their changes are not shown`);
	return changes;
};

/** The object as the API server would store it; unchanged without the permission for a dry run. */
const asStored = async ({ kubectl }: Session, object: KubeObject): Promise<KubeObject> => {
	const { status: _status, ...sent } = object;
	const args = ["apply", "--dry-run=server", "-o", "json", "-f", "-"];
	const outcome = await kubectl.try(args, { input: JSON.stringify(sent) });
	if (outcome.code === 0) return parseObjects(outcome.stdout)[0] ?? object;
	if (/\(Forbidden\)|forbidden:/.test(outcome.stderr)) return object;
	// The namespace does not exist yet: then all objects in it are new.
	if (/namespaces? "[^"]+" not found/.test(outcome.stderr)) return object;
	await kubectl.run(args, { input: JSON.stringify(sent) });
	throw new KubectlError("other", `cannot compare ${object.kind} ${object.metadata.name}: ${outcome.stderr.trim()}`);
};

/** The settings of the installation, from the environment variables of the operator's Deployment. */
const installationOf = async ({ kubectl }: Session): Promise<Installation> => {
	const { hooks, notes } = await readMachinery(kubectl);
	const [deployment] = hooks;
	if (deployment === undefined && notes.length > 0)
		complain("warning: you may not read the operator's Deployment: its default settings are assumed");
	if (deployment === undefined) return readConfig(process.env).installation;
	const variables = containersOf(deployment)
		.flatMap(({ env = [] }) => env)
		.filter(({ name = "" }) => INSTALLATION_VARIABLE.test(name));
	return readConfig(Object.fromEntries(variables.map(({ name, value }) => [name, value]))).installation;
};

const INSTALLATION_VARIABLE =
	/^PRISM_(IMAGE_REGISTRY|IMAGE_TAG|PROBE_IMAGE|CLUSTER_ID|INLINE_CREDENTIALS|KEDA|SERVICE_MONITORS)$/;
