import { compact } from "../../kube/object.ts";
import { countOf } from "../../kube/rollout.ts";
import { isOlder, OLDEST } from "../../kube/supported-versions.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { availableOf, metacontrollerContainer, type SeenContainer } from "../cluster/installation.ts";
import { INSTALL_METACONTROLLER, METACONTROLLER_VALUES } from "../text/installing.ts";
import type { ClusterState } from "./cluster-state.ts";
import { type DoctorFinding, findingsAbout } from "./finding.ts";

// Metacontroller: is it installed, in which version, and with which flags?

const OUTSIDE = "one that runs outside of the cluster (make run) is not detected";
const { good, odd, bad, unknown } = findingsAbout("metacontroller");

export const metacontroller = ({ machinery, isLocal }: ClusterState): DoctorFinding[] => {
	const { metacontrollers, kindsInstalled, unread } = machinery;
	if (isLocal && metacontrollers.length === 0) return [unknown("not checked: make run runs it outside of the cluster")];
	if (!kindsInstalled)
		return [
			bad(
				"is not installed: the cluster has none of its CRDs, and nothing calls the operator",
				INSTALL_METACONTROLLER,
				METACONTROLLER_VALUES,
				"or install it with the operator's chart: metacontroller.enabled",
				OUTSIDE,
			),
		];
	if (unread.includes("workloads"))
		return [unknown("you may not read the workloads of all namespaces, so this can't be checked")];
	if (metacontrollers.length === 0)
		return [
			bad(
				"its CRDs are installed, but no Deployment or StatefulSet runs it",
				INSTALL_METACONTROLLER,
				METACONTROLLER_VALUES,
				OUTSIDE,
			),
		];
	return [...metacontrollers.flatMap(one), ...competing(metacontrollers)];
};

const one = (workload: KubeObject): DoctorFinding[] => {
	const container = metacontrollerContainer(workload);
	const name = `${workload.kind.toLowerCase()}/${workload.metadata.name} -n ${workload.metadata.namespace ?? ""}`;
	const found = compact([
		availableOf(workload) === 0 &&
			bad(
				`${name} has no available pod: nothing calls the operator`,
				`kubectl describe ${name}`,
				`kubectl logs ${name}`,
			),
		versionOf(container, name),
		...flagFindings(flagsOf(container), workload, name),
	]);
	const { image = "" } = container ?? {};
	return found.length > 0 ? found : [good(`${image.split("/").at(-1)} runs: ${name}`)];
};

const VERSION = /:v?(\d+)\.(\d+)/;

const versionOf = ({ image = "" }: SeenContainer = {}, name: string): DoctorFinding | undefined => {
	const oldest = `v${OLDEST.metacontroller.join(".")}`;
	const isOld = isOlder(image, VERSION, OLDEST.metacontroller);
	if (isOld === undefined)
		return unknown(`the image of ${name} has no version in its tag: it must be ${oldest} or newer`);
	const [, major, minor] = VERSION.exec(image) ?? [];
	const says = `${name} is v${major}.${minor}: the operator requires ${oldest} or newer`;
	return isOld ? bad(says, "upgrade it: docs/install.md") : undefined;
};

/** "--workers=20", and "--workers", "20". */
const flagsOf = ({ command = [], args = [] }: SeenContainer = {}): ReadonlyMap<string, string> => {
	const words = [...command, ...args];
	return new Map(
		words.flatMap((word, index): [string, string][] => {
			const [, flag, value] = /^--?([\w-]+)(?:=(.*))?$/.exec(word) ?? [];
			if (flag === undefined) return [];
			const next = words[index + 1];
			return [[flag, value ?? (next === undefined || next.startsWith("-") ? "true" : next)]];
		}),
	);
};

/** The defaults of Metacontroller are for a small number of objects. */
const RATES = [
	{ flag: "workers", fallback: 5, least: 10, what: "objects of a controller at once" },
	{ flag: "client-go-qps", fallback: 5, least: 20, what: "requests per second to the API server" },
	{ flag: "client-go-burst", fallback: 10, least: 40, what: "requests at once to the API server" },
] as const;

const flagFindings = (flags: ReadonlyMap<string, string>, workload: KubeObject, name: string): DoctorFinding[] => {
	const slow = RATES.flatMap(({ flag, fallback, least, what }) => {
		const value = Number(flags.get(flag) ?? fallback);
		return value < least ? [`--${flag} is ${value}${flags.has(flag) ? "" : " by default"}: ${what}`] : [];
	});
	const replicas = countOf(workload["spec"], "replicas") ?? 1;
	return compact([
		slow.length > 0 && {
			...odd(
				`${name} is slow beyond a few dozen objects`,
				"the values of docs/install.md are enough for a few thousand: --workers=20 --client-go-qps=200 --client-go-burst=400",
			),
			details: slow,
		},
		flags.get("apply-strategy") === "server-side-apply" &&
			bad(
				`${name} uses server-side apply: it overwrites objects of other owners that have the name of a child, and deletes them with the parent`,
				"remove --apply-strategy: the operator requires dynamic apply",
			),
		replicas > 1 &&
			flags.get("leader-election") !== "true" &&
			bad(
				`${name} has ${replicas} pods without leader election: they revert each other's changes`,
				"set --leader-election, or one replica",
			),
	]);
};

const competing = (metacontrollers: readonly KubeObject[]): DoctorFinding[] => {
	const open = metacontrollers.filter(
		(workload) => availableOf(workload) > 0 && !flagsOf(metacontrollerContainer(workload)).has("target-label-selector"),
	);
	if (open.length < 2) return [];
	return [
		{
			...bad(
				`${open.length} of them run all controllers, and revert each other's changes`,
				"keep one, or set --target-label-selector on each and label the controllers",
			),
			details: open.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
		},
	];
};
