import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { type Cluster, startCluster } from "../../devcluster/cluster.ts";
import { systemTime } from "../../server/time.ts";
import { testBinaries } from "../cluster.ts";

// etcd and kube-apiserver alone, which count what is asked of them. Nothing becomes ready there: what is measured is what an
// operator does itself.

export interface BareCluster {
	readonly cluster: Cluster;
	/** Reads and writes of single objects so far: neither lists nor watches, and nothing that the API server does for itself. */
	requests(): Promise<number>;
	/** Seconds of processor time so far; NaN where that is not told. */
	cpuSeconds(): CpuSeconds;
	stop(): Promise<void>;
}

export interface CpuSeconds {
	readonly apiServer: number;
	/** Of all other processes that were started from here, and still run: an operator's. */
	readonly operator: number;
	/** The part of it that is Metacontroller's. */
	readonly metacontroller: number;
}

export const startBareCluster = async (): Promise<BareCluster> => {
	const { kubectl } = await testBinaries();
	const cluster = await startCluster({
		clock: systemTime,
		name: "local",
		environment: process.env,
		log: () => {},
		confirm: async () => false,
	});
	const kubeconfig = cluster.kubeconfig ?? "";
	return {
		cluster,
		async requests() {
			const args = ["--kubeconfig", kubeconfig, "get", "--raw", "/metrics"];
			const { stdout } = await promisify(execFile)(kubectl, args, { maxBuffer: 64 * 1024 * 1024 });
			return requestsIn(stdout);
		},
		cpuSeconds: () => cpuOf(descendants(process.pid)),
		stop: () => cluster.stop(),
	};
};

// ── Requests ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the API server reads and writes by itself, all the time. */
const ITS_OWN: readonly string[] = [
	"",
	"apiservices",
	"configmaps",
	"customresourcedefinitions",
	"endpoints",
	"endpointslices",
	"flowschemas",
	"ipaddresses",
	"leases",
	"namespaces",
	"prioritylevelconfigurations",
	"servicecidrs",
];

export const requestsIn = (metrics: string): number =>
	metrics
		.split("\n")
		.filter((line) => {
			if (!line.startsWith("apiserver_request_total{")) return false;
			const [, resource = ""] = /resource="([^"]*)"/.exec(line) ?? [];
			return !ITS_OWN.includes(resource) && /verb="(GET|POST|PUT|PATCH|APPLY|DELETE)"/.test(line);
		})
		.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);

// ── Processor time ──────────────────────────────────────────────────────────────────────────────────────────────────

interface Running {
	readonly pid: number;
	readonly parent: number;
	readonly name: string;
	readonly seconds: number;
}

/** Linux counts in hundredths of a second, whatever its own clock does. */
const TICKS = 100;

/** /proc/<pid>/stat: the name is in parentheses, and may have any in it. */
export const runningIn = (stat: string): Running => {
	const end = stat.lastIndexOf(")");
	const fields = stat.slice(end + 2).split(" ");
	return {
		pid: Number.parseInt(stat, 10),
		parent: Number(fields[1]),
		name: stat.slice(stat.indexOf("(") + 1, end),
		seconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
	};
};

const allRunning = (): Running[] => {
	const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
	return pids.flatMap((pid) => {
		try {
			return [runningIn(readFileSync(`/proc/${pid}/stat`, "utf8"))];
		} catch {
			// It has just ended.
			return [];
		}
	});
};

/** undefined: this system does not tell. */
const descendants = (root: number): readonly Running[] | undefined => {
	if (process.platform !== "linux") return undefined;
	const all = allRunning();
	const below = (parent: number): Running[] =>
		all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
	return below(root);
};

const CONTROL_PLANE: readonly string[] = ["kube-apiserver", "etcd"];

const cpuOf = (running: readonly Running[] | undefined): CpuSeconds => {
	const sum = (chosen: (name: string) => boolean) =>
		running === undefined
			? Number.NaN
			: running.filter(({ name }) => chosen(name)).reduce((total, { seconds }) => total + seconds, 0);
	return {
		apiServer: sum((name) => name === "kube-apiserver"),
		operator: sum((name) => !CONTROL_PLANE.includes(name)),
		metacontroller: sum((name) => name === "metacontroller"),
	};
};
