import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { millisOf } from "../kube/time.ts";
import type { KubeObject } from "../schemas/common.ts";
import { type GivenFlags, type Session, sessionOf, whereOf } from "./cluster/context.ts";
import { isReady } from "./cluster/health.ts";
import { USER_KINDS } from "./cluster/kinds.ts";
import { isPodReady } from "./cluster/pods.ts";
import { readView } from "./cluster/read.ts";
import { type ClusterView, namespaceOf } from "./cluster/view.ts";
import { readFacts } from "./doctor/facts.ts";
import { doctorLines } from "./doctor/finding.ts";
import { examined } from "./doctor/index.ts";
import { RELEASE } from "./release.ts";
import { bundleFiles } from "./report/bundle.ts";
import { type TextFile, tarGz } from "./report/tar.ts";
import { statusLines, statusOf } from "./status.ts";
import { PLAIN } from "./text/paint.ts";
import { rootsOf, treeOf } from "./topology.ts";
import { treeLines } from "./topology-text.ts";
import { collectWhy } from "./why/collect.ts";
import { whyLines } from "./why/text.ts";

// `report`: a support bundle, and a list of what is in it.

interface ReportFlags extends GivenFlags {
	readonly to?: string;
	readonly logs: boolean;
}

const LOG_LINES = "200";
/** Explanations in a bundle; more of them say the same again. */
const MOST_EXPLAINED = 20;
const MOST_LOGS = 20;

export const report = async (_words: readonly string[], flags: ReportFlags, program: string): Promise<number> => {
	const session = sessionOf(flags, program);
	const { kubectl, scope } = session;
	const progress = progressOn(process.stderr);
	progress("reading objects and events");
	const view = await readView(kubectl, scope, { made: true, events: true });
	progress("examining Metacontroller and the hooks");
	const facts = await readFacts(kubectl, RELEASE);
	const where = await whereOf(session);
	const explained = await explanations(session, view, progress);
	const logs = flags.logs
		? await logsOf(session, view, facts.machinery.pods, progress)
		: { found: new Map<string, string>(), gaps: [] };
	progress(undefined);
	const files = bundleFiles({
		view,
		facts,
		texts: [
			text(
				"status.txt",
				statusLines(
					statusOf(view, view.objects, { where, allNamespaces: scope.allNamespaces === true }),
					PLAIN,
					session.speech,
				),
			),
			text(
				"tree.txt",
				treeLines(
					rootsOf(view).map((root) => treeOf(view, root, { wide: true })),
					PLAIN,
					{ wide: true, now: view.now },
				),
			),
			text("doctor.txt", doctorLines(examined(facts, session.speech), PLAIN)),
			...explained,
		],
		logs: logs.found,
		gaps: logs.gaps,
		scope: where,
	});
	const name = `prism-report-${view.now.replaceAll(/[-:]/g, "").replace("Z", "")}`;
	const target = flags.to ?? `${name}.tar.gz`;
	write(target, name, files, millisOf(view.now) / 1000);
	session.print([
		`written ${target}: ${files.length} files`,
		...files.map((file) => `  ${file.path} (${sizeText(file.text)})`),
		"",
		"Secrets were not read, and what looks like a credential is [redacted]. Look it through before you hand it on.",
	]);
	return 0;
};

const text = (path: string, lines: readonly string[]): TextFile => ({ path, text: `${lines.join("\n")}\n` });

const sizeText = (content: string): string => {
	const bytes = Buffer.byteLength(content);
	return bytes < 1024 ? `${bytes} B` : `${Math.ceil(bytes / 1024)} kB`;
};

/** An archive by its name's ending, else a folder. */
const write = (target: string, name: string, files: readonly TextFile[], seconds: number): void => {
	if (/\.(tar\.gz|tgz)$/.test(target)) {
		writeFileSync(
			target,
			tarGz(
				files.map((file) => ({ ...file, path: `${name}/${file.path}` })),
				Math.floor(seconds),
			),
			{ mode: 0o600 },
		);
		return;
	}
	for (const file of files) {
		const path = join(target, file.path);
		mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
		writeFileSync(path, file.text, { mode: 0o600 });
	}
};

type Progress = (doing: string | undefined) => void;

/** One line that is replaced, on a terminal only. */
const progressOn = (stream: NodeJS.WriteStream): Progress => {
	if (!stream.isTTY) return () => {};
	return (doing) => stream.write(`\r\u001b[K${doing === undefined ? "" : `… ${doing}`}`);
};

const explanations = async (
	{ kubectl, speech }: Session,
	view: ClusterView,
	progress: Progress,
): Promise<TextFile[]> => {
	const late = view.objects
		.filter((object) => USER_KINDS.some(({ kind }) => kind === object.kind) && !isReady(object))
		.slice(0, MOST_EXPLAINED);
	const files: TextFile[] = [];
	for (const object of late) {
		progress(`explaining ${object.kind} ${object.metadata.name}`);
		const { diagnosis, view: read } = await collectWhy(kubectl, view, speech, object);
		files.push(
			text(
				`why/${namespaceOf(object)}_${object.kind.toLowerCase()}_${object.metadata.name}.txt`,
				whyLines(diagnosis, PLAIN, read.now),
			),
		);
	}
	return files;
};

/** Of the hooks, and of pods that are not ready. */
const logsOf = async ({ kubectl }: Session, view: ClusterView, hooks: readonly KubeObject[], progress: Progress) => {
	const found = new Map<string, string>();
	const gaps: string[] = [];
	const pods = [...hooks, ...view.all("Pod").filter((pod) => !isPodReady(pod))].slice(0, MOST_LOGS);
	for (const pod of pods) {
		progress(`reading the log of ${pod.metadata.name}`);
		const name = `${namespaceOf(pod)}/${pod.metadata.name}`;
		const args = [
			"logs",
			pod.metadata.name,
			"-n",
			namespaceOf(pod),
			"--all-containers",
			"--prefix",
			`--tail=${LOG_LINES}`,
		];
		const { code, stdout, stderr } = await kubectl.try(args);
		if (code === 0 && stdout !== "") found.set(name, stdout);
		if (code !== 0) gaps.push(`log of ${name}: ${stderr.trim().split("\n").at(-1) ?? ""}`);
	}
	return { found, gaps };
};
