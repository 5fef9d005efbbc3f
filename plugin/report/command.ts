import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { millisOf } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { RELEASE } from "../../server/release.ts";
import { describeError } from "../../server/sync-log.ts";
import { type ClusterView, namespaceOf } from "../cluster/cluster-view.ts";
import { type Session, whereOf } from "../cluster/context.ts";
import { isPodReady } from "../cluster/pods.ts";
import { readView } from "../cluster/read-cluster.ts";
import { readClusterState } from "../doctor/cluster-state.ts";
import { doctorLines } from "../doctor/finding.ts";
import { examined } from "../doctor/index.ts";
import { statusLines, statusOf } from "../status/status.ts";
import { PLAIN } from "../text/paint.ts";
import { treeLines } from "../tree/text.ts";
import { rootsOf, treeOf } from "../tree/topology.ts";
import { collectWhy, initial } from "../why/command.ts";
import { causesIn } from "../why/first-causes.ts";
import { whyLines } from "../why/text.ts";
import { bundleFiles } from "./bundle.ts";
import { type TextFile, tarGz } from "./tar.ts";

// `report`: writes a support bundle, and lists its content.

interface ReportFlags {
	readonly to?: string;
	readonly logs: boolean;
}

const LOG_LINES = "200";
/** Maximum number of explanations in a bundle. */
const MOST_EXPLAINED = 20;
const MOST_LOGS = 20;

export const report = async (session: Session, _words: readonly string[], flags: ReportFlags): Promise<number> => {
	const { kubectl, scope } = session;
	const progress = progressOn(process.stderr);
	progress("reading objects and events");
	const view = await readView(kubectl, scope, { made: true, events: true });
	progress("checking Metacontroller and the operator");
	const state = await readClusterState(kubectl, RELEASE);
	const where = await whereOf(session);
	const logs = flags.logs
		? await logsOf(session, view, state.machinery.pods, progress)
		: { found: new Map<string, string>(), gaps: [] };
	const gaps = [...logs.gaps];
	const attempt = attempting(gaps);
	const files = bundleFiles({
		view,
		state,
		texts: [
			...(await attempt("status.txt", () => {
				const status = statusOf(view, view.objects, { where, allNamespaces: scope.allNamespaces === true });
				return statusLines(status, PLAIN, session.speech);
			})),
			...(await attempt("tree.txt", () => {
				const trees = rootsOf(view).map((root) => treeOf(view, root, { wide: true }));
				return treeLines(trees, PLAIN, { wide: true, now: view.now });
			})),
			...(await attempt("doctor.txt", () => doctorLines(examined(state, session.speech), PLAIN))),
			...(await explanations(session, view, attempt, progress)),
		],
		logs: logs.found,
		gaps,
		scope: where,
	});
	progress(undefined);
	const name = `prism-report-${view.now.replaceAll(/[-:]/g, "").replace("Z", "")}`;
	const target = flags.to ?? `${name}.tar.gz`;
	write(target, name, files, millisOf(view.now) / 1000);
	session.print([
		`written ${target}: ${files.length} files`,
		...files.map((file) => `  ${file.path} (${sizeText(file.text)})`),
		"",
		"The bundle has no Secrets, and possible credentials are REDACTED. Check the content before you share it.",
	]);
	return 0;
};

type Attempt = (path: string, linesOf: () => readonly string[] | Promise<readonly string[]>) => Promise<TextFile[]>;

/** A file, or an entry in gaps.txt if the command fails: an unreadable object must not keep out the others. */
export const attempting =
	(gaps: string[]): Attempt =>
	async (path, linesOf) => {
		try {
			return [{ path, text: `${(await linesOf()).join("\n")}\n` }];
		} catch (error) {
			gaps.push(`${path}: ${describeError(error).message}`);
			return [];
		}
	};

const sizeText = (content: string): string => {
	const bytes = Buffer.byteLength(content);
	return bytes < 1024 ? `${bytes} B` : `${Math.ceil(bytes / 1024)} kB`;
};

/** An archive if the name ends with .tar.gz or .tgz, otherwise a folder. */
const write = (target: string, name: string, files: readonly TextFile[], seconds: number): void => {
	if (/\.(tar\.gz|tgz)$/.test(target)) {
		const named = files.map((file) => ({ ...file, path: `${name}/${file.path}` }));
		writeFileSync(target, tarGz(named, Math.floor(seconds)), { mode: 0o600 });
		return;
	}
	for (const file of files) {
		const path = join(target, file.path);
		mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
		writeFileSync(path, file.text, { mode: 0o600 });
	}
};

type Progress = (doing: string | undefined) => void;

/** One line that is overwritten, on a terminal only. */
const progressOn = (stream: NodeJS.WriteStream): Progress => {
	if (!stream.isTTY) return () => {};
	return (doing) => stream.write(`\r\u001b[K${doing === undefined ? "" : `… ${doing}`}`);
};

export const explanations = async (
	{ kubectl, speech }: Session,
	view: ClusterView,
	attempt: Attempt,
	progress: Progress,
): Promise<TextFile[]> => {
	const late = causesIn(view)
		.map(({ cause }) => cause)
		.slice(0, MOST_EXPLAINED);
	const files: TextFile[] = [];
	let known = initial(view);
	for (const object of late) {
		progress(`explaining ${object.kind} ${object.metadata.name}`);
		const path = `why/${namespaceOf(object)}_${object.kind.toLowerCase()}_${object.metadata.name}.txt`;
		const explained = await attempt(path, async () => {
			const { diagnosis, known: read } = await collectWhy(kubectl, known, speech, object);
			known = read;
			return whyLines(diagnosis, PLAIN, view.now);
		});
		files.push(...explained);
	}
	return files;
};

/** Logs of the operator, and of pods that are not ready. */
const logsOf = async ({ kubectl }: Session, view: ClusterView, hooks: readonly KubeObject[], progress: Progress) => {
	const found = new Map<string, string>();
	const gaps: string[] = [];
	const pods = [...hooks, ...view.all("Pod").filter((pod) => !isPodReady(pod))].slice(0, MOST_LOGS);
	for (const pod of pods) {
		progress(`reading the log of ${pod.metadata.name}`);
		const name = `${namespaceOf(pod)}/${pod.metadata.name}`;
		const place = [pod.metadata.name, "-n", namespaceOf(pod)];
		const which = ["--all-containers", "--prefix", `--tail=${LOG_LINES}`];
		const { code, stdout, stderr } = await kubectl.try(["logs", ...place, ...which]);
		if (code === 0 && stdout !== "") found.set(name, stdout);
		if (code !== 0) gaps.push(`log of ${name}: ${stderr.trim().split("\n").at(-1) ?? ""}`);
	}
	return { found, gaps };
};
