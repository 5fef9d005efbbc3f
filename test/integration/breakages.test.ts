import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { causeLines } from "../../cli/run/causes.ts";
import { snapshotOf } from "../../devcluster/cluster.ts";
import { isReady, judge } from "../../kube/health.ts";
import { describeObject } from "../../kube/object.ts";
import type { ClusterView } from "../../plugin/cluster/cluster-view.ts";
import { isOurs } from "../../plugin/cluster/kinds.ts";
import { createKubectl, type Kubectl } from "../../plugin/cluster/kubectl.ts";
import { readView } from "../../plugin/cluster/read-cluster.ts";
import { report } from "../../plugin/report/command.ts";
import { PLAIN } from "../../plugin/text/paint.ts";
import { collectWhy, initial } from "../../plugin/why/command.ts";
import { NO_EXTRA } from "../../plugin/why/diagnosis.ts";
import { type Diagnosis, diagnose } from "../../plugin/why/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { BREAKAGES, type Breakage, brokenOn, reasonOf, taintOneNode } from "./breakages.ts";
import { ensureNamespaces, pause } from "./installed.ts";
import { type Line, METACONTROLLER, startLine } from "./line.ts";

// Every kind of breakage on the real control plane, all at once: `why` finds the cause and what helps, and the dashboard, `run` and
// `report` name the same first cause of ours.

const TIMEOUT = 300_000;
const SPEECH = { program: "kubectl prism", flags: [] };
const PROBE = join(import.meta.dirname, "../../probe/start.ts");
/** What was read is looked at by all who wait. */
const READ_AGAIN_MS = 3000;

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("broken clusters", () => {
	let line: Line;
	let kubectl: Kubectl;
	const folder = mkdtempSync(join(tmpdir(), "prism-breakages-"));
	const broken = new Map<string, Promise<unknown>>();
	let read: { readonly at: number; readonly view: Promise<ClusterView> } | undefined;

	beforeAll(async () => {
		line = await startLine({
			name: "local",
			metacontroller: METACONTROLLER,
			resyncSeconds: 15,
			dashboard: true,
			probeCommand: [process.execPath, PROBE],
		});
		const { kubectl: program } = await testBinaries();
		kubectl = createKubectl({ kubeconfig: line.cluster.kubeconfig }, { ...process.env, KUBECTL: program });
		await taintOneNode(line);
		await ensureNamespaces(
			line.cluster.store,
			BREAKAGES.map(({ name }) => name),
		);
		for (const { name, breaks } of BREAKAGES) {
			const done = breaks(brokenOn(line, name));
			done.catch(() => {});
			broken.set(name, done);
		}
	}, CLUSTER_TIMEOUT);
	afterAll(async () => {
		rmSync(folder, { recursive: true, force: true });
		await line?.stop();
	}, 60_000);

	const latest = (): Promise<ClusterView> => {
		if (read === undefined || Date.now() - read.at > READ_AGAIN_MS)
			read = { at: Date.now(), view: readView(kubectl, { allNamespaces: true }, { made: true, events: true }) };
		return read.view;
	};

	/** What `why` finds of the object, once it is what is expected or time is up. */
	const explained = async ({ name, about: [kind, object], ...expected }: Breakage): Promise<Diagnosis> => {
		const deadline = performance.now() + TIMEOUT / 2;
		for (;;) {
			const view = await latest();
			const about = view.get(kind, name, object);
			const isLast = performance.now() > deadline;
			if (about !== undefined) {
				const first = diagnose(view, NO_EXTRA, SPEECH, about);
				const found =
					first.needs.length > 0 || isLast
						? (await collectWhy(kubectl, initial(view), SPEECH, about)).diagnosis
						: first;
				const isTold = expected.reason === undefined || reasonOf(about) === expected.reason;
				if (isLast || (isTold && isExpected(found, expected))) return found;
			}
			if (about === undefined && isLast) throw new Error(`${kind} ${name}/${object} is not there`);
			await pause(READ_AGAIN_MS);
		}
	};

	it.concurrent.each(BREAKAGES)("$name", { timeout: TIMEOUT }, async (breakage) => {
		await broken.get(breakage.name);
		const { object, finding } = await explained(breakage);
		const { shownBy, word, remedy, field, reason } = breakage;
		const last = finding?.steps.at(-1);
		expect(last && describeObject(last.object).replace(/ [^ ]*\//, " ")).toMatch(new RegExp(`^${shownBy}`));
		expect(last?.word).toBe(word);
		if (reason !== undefined) expect(reasonOf(object)).toBe(reason);
		const next = finding?.next ?? [];
		expect(next.map(({ command = "" }) => command.replace(/^kubectl (?=prism )|^kubectl /, ""))).toContainEqual(
			expect.stringMatching(new RegExp(`^${remedy}( |$)`)),
		);
		if (field !== undefined) expect(next.map((advice) => advice.field)).toContain(field);
		if (["gone", "suspended"].includes(judge(object))) return;
		const cause = lastOfOurs(object, finding);
		expect(await byDashboard(line, object)).toBe(cause);
		expect(await byRun(line, object)).toContain(cause.split("/")[1]);
	});

	it("are told of by a report, first causes only", { timeout: TIMEOUT }, async () => {
		await Promise.allSettled(broken.values());
		const reported = async (namespace: string): Promise<string[]> => {
			const to = join(folder, namespace);
			const session = { kubectl, scope: { namespace }, paint: PLAIN, speech: SPEECH, print() {}, json() {} };
			expect(await report(session, [], { to, logs: false })).toBe(0);
			const files = readdirSync(join(to, "why"));
			for (const file of files) expect(readFileSync(join(to, "why", file), "utf8")).toMatch(/^Cause {5}\S/m);
			return files;
		};
		expect(await reported("backend-refuses-connections")).toEqual([
			"backend-refuses-connections_backendconfig_redis.txt",
		]);
		expect(await reported("image-of-a-shard")).toEqual(["image-of-a-shard_prismshard_live.txt"]);
	});
});

const isExpected = ({ finding }: Diagnosis, { shownBy, word }: Pick<Breakage, "shownBy" | "word">): boolean => {
	const last = finding?.steps.at(-1);
	return (
		last?.word === word &&
		describeObject(last.object)
			.replace(/ [^ ]*\//, " ")
			.startsWith(shownBy)
	);
};

/** The last object of ours on the way that is not ready: further than that a page without pods does not see. */
const lastOfOurs = (about: KubeObject, finding: Diagnosis["finding"]): string => {
	const way = [about, ...(finding?.steps ?? []).map(({ object }) => object)];
	const last = way.findLast((object) => isOurs(object) && object.kind !== "PrismRoster" && !isReady(object));
	return describeObject(last ?? about);
};

/** The end of the way that the page of an object shows. */
const byDashboard = async ({ dashboardUrl }: Line, about: KubeObject): Promise<string> => {
	const { kind, metadata } = about;
	const page = await (await fetch(`${dashboardUrl}/object/${kind}/${metadata.namespace}/${metadata.name}`)).text();
	const [, way = ""] = /<section aria-labelledby="cause">(.*?)<\/section>/s.exec(page) ?? [];
	const links = [...way.matchAll(/href="\/object\/([^/"]+)\/([^/"]+)\/([^/"]+)"/g)];
	const [, lastKind = kind, namespace = metadata.namespace, name = metadata.name] = links.at(-1) ?? [];
	return `${lastKind} ${namespace}/${name}`;
};

/** What `run --once` prints of it. */
const byRun = async ({ cluster }: Line, about: KubeObject): Promise<string> => {
	const objects = await snapshotOf(cluster, [about.metadata.namespace ?? ""]);
	const [lines = []] = causeLines([about], { objects, now: new Date().toISOString(), paint: PLAIN, speech: undefined });
	return lines.join("\n");
};
