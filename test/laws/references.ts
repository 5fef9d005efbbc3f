import type { CompositeRow } from "../../kube/hook.ts";
import { isRelatedKind } from "../../kube/namesakes.ts";
import { isRecord, kindKey } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeResponse } from "../../schemas/metacontroller.ts";
import { worldIn } from "./cluster.ts";
import type { Scenario } from "./scenario.ts";

// What children lead to by a name: each child of a parent in turn belongs to someone else, and then nothing may lead to it.

/** Where an object names another one, and of what kind that is. */
const REFERENCES: readonly (readonly [RegExp, string])[] = [
	[/\.configMap\.name$|\.configMapKeyRef\.name$|\.binding\.configMap$/, "ConfigMap"],
	[/\.secret\.secretName$|\.secretKeyRef\.name$/, "Secret"],
	[/\.serviceName$|\.backend\.service\.name$/, "Service"],
	[/\.backendConfig\.name$/, "BackendConfig"],
];

/** The kinds that are reached under their name in DNS: a runner's Service has the runner's. */
const REACHED: readonly string[] = ["Service", "PatternRunner"];

/** Where in an object something leads to the one that is someone else's. */
const leadingTo = (taken: KubeObject, value: unknown, path = ""): string[] => {
	const { kind, metadata } = taken;
	if (Array.isArray(value)) return value.flatMap((item, index) => leadingTo(taken, item, `${path}[${index}]`));
	if (typeof value === "string") {
		const isNamed = REFERENCES.some(([place, of]) => of === kind && place.test(path) && value === metadata.name);
		const host = `${metadata.name}.${metadata.namespace}.svc`;
		const isReached = REACHED.includes(kind) && new RegExp(`(^|[^-.a-z0-9])${host.replaceAll(".", "\\.")}`).test(value);
		return isNamed || isReached ? [path] : [];
	}
	if (!isRecord(value)) return [];
	const isScaled = path.endsWith(".scaleTargetRef") && value["kind"] === kind && value["name"] === metadata.name;
	const isCalled =
		path.endsWith(".controlPlane") &&
		kind === "Service" &&
		value["service"] === metadata.name &&
		value["foreign"] !== true;
	return [
		...(isScaled || isCalled ? [path] : []),
		...Object.entries(value).flatMap(([field, inner]) => leadingTo(taken, inner, `${path}.${field}`)),
	];
};

/** Objects that look themselves whose the one is that they name: with this mark, and namespaces by their owner. */
const looksItself = ({ kind, metadata }: KubeObject): boolean =>
	kind === "PrismNamespace" || metadata.annotations?.["prism.io/own-backend"] === "true";

/** The children that can be taken, and seen to be taken. */
export const takeable = (children: readonly KubeObject[]): KubeObject[] =>
	children.filter(({ kind }) => isRelatedKind(kind));

/** The same controller in an installation that does not watch the names of children. */
export const unwatching = (row: CompositeRow): CompositeRow => {
	const { namesUsedEarly = [] } = row;
	const unwatched = row.children
		.filter(({ kind }) => !namesUsedEarly.includes(kind))
		.map(({ apiVersion, kind }) => kindKey(apiVersion, kind));
	return {
		...row,
		sync: ({ related, ...request }, context, outside) => {
			const watched = Object.entries(related).filter(([key]) => !unwatched.includes(key));
			return row.sync({ ...request, related: Object.fromEntries(watched) }, context, outside);
		},
	};
};

/** What is answered in a cluster in which one of the children has been someone else's from the start. */
export const withTaken = (row: CompositeRow, start: Scenario, taken: KubeObject): CompositeResponse[] => {
	const { name, namespace = "default" } = taken.metadata;
	const metadata = {
		name,
		namespace,
		uid: "theirs",
		ownerReferences: [{ apiVersion: "v1", kind: "Other", name: "other", uid: "other", controller: true }],
	};
	const theirs = { ...taken, metadata };
	const world = worldIn(row, { ...start, related: [...start.related, theirs] }, []);
	world.isTaken = ({ kind, metadata: own }) => kind === taken.kind && own.name === name;
	return [0, 1, 1, 1, 40, 1].map((seconds) => {
		world.pass(seconds);
		return world.sync();
	});
};

/** What leads to what is taken. */
export const misled = ({ children, status }: CompositeResponse, taken: KubeObject): string[] => [
	...children
		.filter(
			(child) => !looksItself(child) && !(child.kind === taken.kind && child.metadata.name === taken.metadata.name),
		)
		.flatMap((child) => leadingTo(taken, child).map((path) => `${child.kind} ${child.metadata.name}${path}`)),
	...leadingTo(taken, { binding: status?.["binding"] }).map((path) => `status${path}`),
];
