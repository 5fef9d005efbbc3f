import { styleText } from "node:util";
import { conditionOf } from "../kube/conditions.ts";
import { isRecord } from "../kube/object.ts";
import { countOf } from "../kube/rollout.ts";
import type { KubeObject } from "../schemas/common.ts";

// A tree of objects and what they own, as text. Pure: what prints it decides about colour and place.

export interface TreeOptions {
	readonly colour: boolean;
	/** Width to cut lines at; undefined: never. */
	readonly columns?: number | undefined;
}

/** One line per object: roots in the given order, below them what they own, by kind and name. */
export const treeLines = (
	roots: readonly KubeObject[],
	owned: (owner: KubeObject) => readonly KubeObject[],
	options: TreeOptions,
): string[] => roots.flatMap((root) => branch(root, owned, options, "", ""));

const branch = (
	object: KubeObject,
	owned: (owner: KubeObject) => readonly KubeObject[],
	options: TreeOptions,
	head: string,
	indent: string,
): string[] => {
	const children = owned(object).toSorted(byKindAndName);
	return [
		line(object, head, options),
		...children.flatMap((child, index) => {
			const last = index === children.length - 1;
			return branch(child, owned, options, `${indent}${last ? "└─ " : "├─ "}`, `${indent}${last ? "   " : "│  "}`);
		}),
	];
};

const byKindAndName = (left: KubeObject, right: KubeObject): number =>
	`${left.kind}/${left.metadata.name}` < `${right.kind}/${right.metadata.name}` ? -1 : 1;

const line = (object: KubeObject, head: string, { colour, columns }: TreeOptions): string => {
	const { mark, text } = stateOf(object);
	const plain = `${head}${MARKS[mark]} ${object.kind} ${object.metadata.name}${text === "" ? "" : `  ${text}`}`;
	const cut = columns !== undefined && plain.length > columns ? `${plain.slice(0, Math.max(columns - 1, 1))}…` : plain;
	if (!colour) return cut;
	return cut.replace(MARKS[mark], styleText(COLOURS[mark], MARKS[mark]));
};

type Mark = "good" | "waiting" | "bad" | "plain";
/** Told apart by shape as well as by colour. */
const MARKS: Readonly<Record<Mark, string>> = { good: "✔", waiting: "…", bad: "✖", plain: "·" };
const COLOURS: Readonly<Record<Mark, "green" | "yellow" | "red" | "dim">> = {
	good: "green",
	waiting: "yellow",
	bad: "red",
	plain: "dim",
};

const stateOf = (object: KubeObject): { mark: Mark; text: string } => {
	const ready = conditionOf(object, "Ready");
	if (ready !== undefined && object.kind !== "Pod") {
		const stalled = conditionOf(object, "Stalled")?.status === "True";
		const mark = ready.status === "True" ? "good" : stalled ? "bad" : "waiting";
		return { mark, text: ready.status === "True" ? ready.message : `${ready.reason}: ${ready.message}` };
	}
	if (object.kind === "Deployment" || object.kind === "StatefulSet") return replicaState(object);
	if (["PatternRunner", "BackendConfig", "PrismStack", "PrismShard", "PrismPlugin"].includes(object.kind))
		return { mark: "waiting", text: "no status yet" };
	return { mark: "plain", text: "" };
};

const replicaState = (object: KubeObject): { mark: Mark; text: string } => {
	const wanted = countOf(object["spec"], "replicas") ?? 1;
	const status = isRecord(object["status"]) ? object["status"] : {};
	const available = countOf(status, "availableReplicas") ?? 0;
	return { mark: available >= wanted ? "good" : "waiting", text: `${available}/${wanted} available` };
};
