import { recordsAt } from "../kube/object.ts";
import { timestampOf } from "../kube/time.ts";
import type { KubeObject } from "../schemas/common.ts";
import type { Context, Installation } from "../schemas/installation.ts";
import { readConfig } from "../server/config.ts";
import { currentNamespace, type GivenFlags, type Session, sessionOf } from "./cluster/context.ts";
import { KubectlError, parseObjects } from "./cluster/kubectl.ts";
import { containersOf, readMachinery } from "./cluster/machinery.ts";
import { readView } from "./cluster/read.ts";
import { clusterChanges } from "./diff/cluster.ts";
import type { Change } from "./diff/compare.ts";
import { offlineChanges, withDefaults } from "./diff/offline.ts";
import { diffText } from "./diff/text.ts";
import { manifestFiles } from "./files.ts";
import { ManifestError, readManifests } from "./manifests.ts";
import { rowOf } from "./render.ts";
import { objectErrors } from "./validate/index.ts";

// `diff`: what applying files would change, down to the last child.

interface DiffFlags extends GivenFlags {
	readonly filename: string[];
	readonly recursive?: true;
	readonly offline?: true;
	readonly from?: string[];
	readonly exitCode?: true;
}

export const diff = async (_words: readonly string[], flags: DiffFlags, program: string): Promise<number> => {
	const session = sessionOf(flags, program);
	const manifests = manifestFiles(flags.filename, { recursive: flags.recursive === true }).flatMap(readManifests);
	const errors = manifests.flatMap(objectErrors);
	if (errors.length > 0) throw new ManifestError(`what is wrong must be mended first:\n${errors.join("\n")}`);
	const objects = manifests.map(({ object }) => object);
	const ours = objects.filter((object) => rowOf(object) !== undefined);
	if (ours.length === 0) throw new ManifestError("nothing to compare: no object of a Prism kind was given");
	const changes =
		flags.offline === true || flags.from !== undefined ? fromFiles(ours, flags) : await fromCluster(ours, session);
	session.print(diffText(changes, session.paint));
	if (ours.length < objects.length)
		console.error(`${objects.length - ours.length} of other kinds passed over: kubectl diff compares those`);
	return flags.exitCode === true && changes.length > 0 ? 2 : 0;
};

const contextOf = (installation: Installation): Context => ({ now: timestampOf(Date.now()), installation });

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
	const placed = ours.map((object) => ({
		...object,
		metadata: { ...object.metadata, namespace: object.metadata.namespace ?? home },
	}));
	const [installation, ...wanted] = await Promise.all([
		installationOf(session),
		...placed.map((object) => asStored(session, object)),
	]);
	const changes: Change[] = [];
	const views = new Map<string, Awaited<ReturnType<typeof readView>>>();
	for (const object of wanted) {
		const namespace = object.metadata.namespace ?? home;
		const view = views.get(namespace) ?? (await readView(kubectl, { namespace }, { made: true }));
		views.set(namespace, view);
		changes.push(...(await clusterChanges({ kubectl, view, context: contextOf(installation) }, object)));
	}
	return changes;
};

/** As the API server would store it, were it applied; where that may not be asked, as it is written. */
const asStored = async ({ kubectl }: Session, object: KubeObject): Promise<KubeObject> => {
	const { status: _status, ...sent } = object;
	const args = ["apply", "--dry-run=server", "-o", "json", "-f", "-"];
	const outcome = await kubectl.try(args, { input: JSON.stringify(sent) });
	if (outcome.code === 0) return parseObjects(outcome.stdout)[0] ?? object;
	if (/\(Forbidden\)|forbidden:/.test(outcome.stderr)) return object;
	// A namespace that is not there yet is made by whoever applies the files: all is new then.
	if (/namespaces? "[^"]+" not found/.test(outcome.stderr)) return object;
	await kubectl.run(args, { input: JSON.stringify(sent) });
	throw new KubectlError(
		"other",
		`cannot compare ${object.kind} ${object.metadata.name}: ${outcome.stderr.trim()}`,
		outcome,
	);
};

/** What the installation in the cluster decides for all objects: the variables of the hooks' Deployment. */
const installationOf = async ({ kubectl }: Session): Promise<Installation> => {
	const { hooks } = await readMachinery(kubectl);
	const [deployment] = hooks;
	if (deployment === undefined) return readConfig(process.env).installation;
	const variables = containersOf(deployment)
		.flatMap((container) => recordsAt(container, "env"))
		.flatMap(({ name, value }): [string, string][] =>
			typeof value === "string" && INSTALLATION_VARIABLE.test(String(name)) ? [[String(name), value]] : [],
		);
	return readConfig(Object.fromEntries(variables)).installation;
};

const INSTALLATION_VARIABLE =
	/^PRISM_(IMAGE_REGISTRY|IMAGE_TAG|OPERATOR_IMAGE|CLUSTER_ID|INLINE_CREDENTIALS|KEDA|SERVICE_MONITORS)$/;
