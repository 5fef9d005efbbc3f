import { KINDS, REGISTRY } from "../../hooks/index.ts";
import type { ChildKind, Row } from "../../kube/hook.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { generatedPage } from "../generated.ts";

// Diagrams of children and related objects, from the registry that the server and the controllers are made of.

export const diagramPage = (): string =>
	generatedPage("Objects and their owners", [
		"A solid arrow leads from a custom resource to the children that the operator creates for it. A dotted arrow leads to related objects that the",
		"operator watches. Kubernetes objects are round. A dashed frame: only if the installation enables the feature. The operator calls proxies over",
		"their [admin API](../admin-api.md).",
		"",
		"## All custom resources",
		"",
		...graph(REGISTRY.flatMap((row) => [...childEdges(row).filter(isOwn), ...relatedEdges(row), ...outsideEdges(row)])),
		...REGISTRY.flatMap((row) => [
			"",
			`## ${row.parent.kind}`,
			"",
			...graph([...childEdges(row), ...relatedEdges(row), ...outsideEdges(row)]),
		]),
	]);

interface Edge {
	readonly from: string;
	readonly to: string;
	readonly arrow: "makes" | "watches" | "reads" | "reads and writes";
	/** The feature of an installation without which there is none. */
	readonly onlyWith?: string | undefined;
}

const childEdges = (row: Row): Edge[] =>
	row.children.map(({ kind, onlyWith }) => ({ from: row.parent.kind, to: kind, arrow: "makes", onlyWith }));

const relatedEdges = (row: Row): Edge[] => {
	const seen = new Set(SPECS.flatMap((spec) => relatedKinds(row, spec)));
	return [...seen].map((to) => ({ from: row.parent.kind, to, arrow: "watches" }));
};

const outsideEdges = ({ parent, outside }: Row): Edge[] =>
	outside === undefined ? [] : [{ from: parent.kind, to: "proxies", arrow: CALLS[outside] }];

const CALLS = { asks: "reads", "asks and tells": "reads and writes" } as const;

const CLAIMS = [{ name: "any", persistentVolumeClaim: { claimName: "any" } }];

/** Fields of a spec that select the related objects; each hook takes what it knows. */
const SPECS: readonly Readonly<Record<string, unknown>>[] = [
	{
		backendConfig: { name: "any" },
		plugins: [{ name: "any" }],
		backend: "any",
		storage: { storageClassName: "any" },
		volumes: CLAIMS,
		proxy: { volumes: CLAIMS },
		admin: { enabled: true, storage: { storageClassName: "any" } },
		deployment: { volumes: CLAIMS },
	},
	{ proxyRef: { name: "any-proxy" } },
];

const relatedKinds = (row: Row, spec: unknown): string[] => {
	const parent: KubeObject = {
		apiVersion: API_VERSION,
		kind: row.parent.kind,
		metadata: { name: "any", namespace: "any" },
		spec,
	};
	const answer = row.customize?.({ controller: {}, parent });
	const kinds = (answer?.relatedResources ?? []).map(({ apiVersion, resource }) => kindOf(apiVersion, resource));
	// Of its children's kinds, it looks only at what stands in their way.
	return kinds.filter((kind) => !row.children.some((child) => child.kind === kind));
};

const kindOf = (apiVersion: string, resource: string): string => {
	const ours = KINDS.find(({ group, version, plural }) => `${group}/${version}` === apiVersion && plural === resource);
	const children: readonly ChildKind[] = REGISTRY.flatMap((row) => row.children);
	return ours?.kind ?? children.find((child) => child.resource === resource)?.kind ?? KIND_OF[resource] ?? resource;
};

/** Kinds that no hook creates. */
const KIND_OF: Readonly<Record<string, string>> = {
	endpointslices: "EndpointSlice",
	persistentvolumeclaims: "PersistentVolumeClaim",
	storageclasses: "StorageClass",
};

const isOwnKind = (kind: string): boolean => KINDS.some((known) => known.kind === kind);
const isOwn = ({ to }: Edge): boolean => isOwnKind(to);

const graph = (edges: readonly Edge[]): string[] => {
	const nodes = [...new Set(edges.flatMap(({ from, to }) => [from, to]))];
	const optional = edges.filter(({ onlyWith }) => onlyWith !== undefined).map(({ to }) => to);
	return [
		"```mermaid",
		"flowchart LR",
		...nodes.map((kind) => `    ${kind}${isOwnKind(kind) ? `[${kind}]` : `(${kind})`}`),
		...edges.map(line),
		...(optional.length > 0
			? ["    classDef optional stroke-dasharray: 4 4", `    class ${optional.join(",")} optional`]
			: []),
		"```",
	];
};

const line = ({ from, to, arrow, onlyWith }: Edge): string => {
	const label = onlyWith === undefined ? "" : `|${onlyWith}| `;
	return arrow === "makes" ? `    ${from} -->${label === "" ? " " : label}${to}` : `    ${from} -. ${arrow} .-> ${to}`;
};
