import { valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { textAt } from "../cluster/fields.ts";
import { availableOf, metacontrollerContainer } from "../cluster/machinery.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";

// Metacontroller: is it there, which one, and with which flags?

const OLDEST = [4, 17] as const;
const INSTALL =
	"helm install metacontroller oci://ghcr.io/metacontroller/metacontroller-helm -n metacontroller --create-namespace";
const about = "metacontroller";

export const metacontroller = ({ machinery }: Facts): Finding[] => {
	const { metacontrollers, kindsInstalled, notes } = machinery;
	if (!kindsInstalled)
		return [
			{
				level: "bad",
				about,
				says: "is not installed: the cluster has none of its kinds, and nobody calls the hooks",
				fix: [
					INSTALL,
					"or let the operator's chart bring it along: metacontroller.enabled",
					"one that runs outside of the cluster (make run) is not seen",
				],
			},
		];
	if (notes.some((note) => note.startsWith("workloads")))
		return [
			{
				level: "unknown",
				about,
				says: "you may not read the workloads of all namespaces, so that it can't be looked for",
			},
		];
	if (metacontrollers.length === 0)
		return [
			{
				level: "bad",
				about,
				says: "its kinds are installed, and no Deployment or StatefulSet runs it",
				fix: [INSTALL, "one that runs outside of the cluster (make run) is not seen"],
			},
		];
	return [...metacontrollers.flatMap(one), ...rivals(metacontrollers)];
};

const one = (workload: KubeObject): Finding[] => {
	const container = metacontrollerContainer(workload);
	const name = `${workload.kind.toLowerCase()}/${workload.metadata.name} -n ${workload.metadata.namespace ?? ""}`;
	const available = availableOf(workload);
	const flags = flagsOf(container);
	const found = [...versionOf(container, name), ...flagFindings(flags, workload, name)];
	const down: Finding[] =
		available > 0
			? []
			: [
					{
						level: "bad",
						about,
						says: `${name} has no available pod: nobody calls the hooks`,
						fix: [`kubectl describe ${name}`, `kubectl logs ${name}`],
					},
				];
	const image = textAt(container, "image") ?? "";
	return [
		...down,
		...(found.length + down.length === 0
			? [{ level: "good" as const, about, says: `${image.split("/").at(-1)} runs: ${name}` }]
			: found),
	];
};

const versionOf = (container: Record<string, unknown> | undefined, name: string): Finding[] => {
	const [major, minor] =
		/:v?(\d+)\.(\d+)/
			.exec(textAt(container, "image") ?? "")
			?.slice(1)
			.map(Number) ?? [];
	if (major === undefined || minor === undefined)
		return [
			{
				level: "unknown",
				about,
				says: `the image of ${name} does not tell its version: it must be v${OLDEST.join(".")} or newer`,
			},
		];
	if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return [];
	return [
		{
			level: "bad",
			about,
			says: `${name} is v${major}.${minor}: the hooks speak to v${OLDEST.join(".")} and newer`,
			fix: ["upgrade it: docs/install.md"],
		},
	];
};

/** "--workers=20", and "--workers", "20". */
const flagsOf = (container: Record<string, unknown> | undefined): ReadonlyMap<string, string> => {
	const words = [container?.["command"], container?.["args"]].flatMap((list) =>
		Array.isArray(list) ? list.map(String) : [],
	);
	return new Map(
		words.flatMap((word, index): [string, string][] => {
			const [, flag, value] = /^--?([\w-]+)(?:=(.*))?$/.exec(word) ?? [];
			if (flag === undefined) return [];
			const next = words[index + 1];
			return [[flag, value ?? (next === undefined || next.startsWith("-") ? "true" : next)]];
		}),
	);
};

/** Metacontroller's own defaults are made for a handful of objects. */
const RATES = [
	{ flag: "workers", fallback: 5, least: 10, what: "objects of a controller at once" },
	{ flag: "client-go-qps", fallback: 5, least: 20, what: "requests per second to the API server" },
	{ flag: "client-go-burst", fallback: 10, least: 40, what: "requests at once to the API server" },
] as const;

const flagFindings = (flags: ReadonlyMap<string, string>, workload: KubeObject, name: string): Finding[] => {
	const slow = RATES.flatMap(({ flag, fallback, least, what }) => {
		const value = Number(flags.get(flag) ?? fallback);
		return value < least ? [`--${flag} is ${value}${flags.has(flag) ? "" : " by default"}: ${what}`] : [];
	});
	const replicas = valueAt(workload, "spec", "replicas");
	const strategy = flags.get("apply-strategy");
	return [
		...(slow.length > 0
			? [
					{
						level: "odd" as const,
						about,
						says: `${name} is slow beyond a few dozen objects`,
						details: slow,
						fix: [
							"the values of docs/install.md carry a few thousand: --workers=20 --client-go-qps=200 --client-go-burst=400",
						],
					},
				]
			: []),
		...(strategy === "server-side-apply"
			? [
					{
						level: "bad" as const,
						about,
						says: `${name} applies server-side: two parents then fight over one child without an error`,
						fix: ["take --apply-strategy away: dynamic apply is what the operator is made for"],
					},
				]
			: []),
		...(typeof replicas === "number" && replicas > 1 && flags.get("leader-election") !== "true"
			? [
					{
						level: "bad" as const,
						about,
						says: `${name} has ${replicas} pods that elect no leader: they undo each other's work`,
						fix: ["give it --leader-election, or one replica"],
					},
				]
			: []),
	];
};

const rivals = (metacontrollers: readonly KubeObject[]): Finding[] => {
	const open = metacontrollers.filter(
		(workload) => availableOf(workload) > 0 && !flagsOf(metacontrollerContainer(workload)).has("target-label-selector"),
	);
	if (open.length < 2) return [];
	return [
		{
			level: "bad",
			about,
			says: `${open.length} of them act on all controllers, each against the other`,
			details: open.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
			fix: ["leave one, or give each a --target-label-selector and label the controllers"],
		},
	];
};
