import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KINDS } from "../../hooks/index.ts";
import { customResourceDefinition } from "../../kube/crd.ts";
import { isRecord } from "../../kube/object.ts";
import { admitted } from "../../kube/offline.ts";
import { rowOf } from "../../plugin/render/render.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import { readConfig } from "../../server/config.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { settle } from "../laws/cluster.ts";
import { NOW, type Scenario } from "../laws/scenario.ts";
import { asComposite } from "../world/decorators.ts";

// The version before, as it is remembered: what its hooks made of every sample and golden case once all had come to rest,
// and its kinds. `make skew-baseline` writes it anew when a version is released; tests compare today's with it.

export interface Baseline {
	readonly version: string;
	/** Where its sources are, for those who have the history. */
	readonly commit: string;
	readonly cases: readonly Case[];
	/** Without descriptions. */
	readonly definitions: readonly KubeObject[];
}

export interface Case {
	readonly name: string;
	readonly parent: KubeObject;
	readonly related: readonly KubeObject[];
	/** The last answer; the status is what it would be given back with. */
	readonly children: readonly KubeObject[];
	readonly status: Record<string, unknown>;
}

const ROOT = join(import.meta.dirname, "../..");
export const BASELINE_FILE = join(import.meta.dirname, "baseline.json");

export const CONTEXT: Context = {
	now: NOW,
	// A probe's image is the installation's to say: with the chart, it bears the release, and is another with each.
	installation: { ...readConfig({}).installation, probeImage: "ghcr.io/prism/prism-operator:v1.0.0" },
};

export const readBaseline = (): Baseline => JSON.parse(readFileSync(BASELINE_FILE, "utf8")) as Baseline;

/** What the sources make of it all now. */
export const casesOfToday = (): Case[] =>
	inputs().flatMap(({ name, objects, related }) => objects.flatMap((object) => casesOf(name, object, related)));

const inputs = () => {
	const objectsIn = (path: string) => (existsSync(path) ? readManifests(path).map(({ object }) => object) : []);
	const files = (folder: string, ending: string) =>
		readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
			.filter((name) => name.endsWith(ending))
			.toSorted();
	return [
		...files("samples", ".yaml").map((name) => ({
			name,
			objects: objectsIn(join(ROOT, "samples", name)),
			related: [],
		})),
		...files("test/golden", ".in.yaml").map((name) => {
			const file = join(ROOT, "test/golden", name);
			return { name, objects: objectsIn(file), related: objectsIn(file.replace(/in\.yaml$/, "related.yaml")) };
		}),
	];
};

/** An object, and those of its children that have hooks of their own. */
const casesOf = (name: string, { status: _status, ...object }: KubeObject, related: readonly KubeObject[]): Case[] => {
	const row = rowOf(object);
	if (row === undefined) return [];
	const parent = admitted(row.parent, object, NOW);
	const title = `${name}: ${object.kind} ${object.metadata.name}`;
	const { children, status } = settle(asComposite(row), { parent, related, context: CONTEXT }).answer;
	return [
		{ name: title, parent, related, children, status },
		...children.flatMap((child) => casesOf(`${title} >`, child, related)),
	];
};

export const scenarioOf = ({ parent, related, status }: Case): Scenario => ({
	parent: { ...parent, status },
	related,
	context: CONTEXT,
});

export const definitionsOfToday = (): KubeObject[] =>
	KINDS.map((kind) => withoutDescriptions(customResourceDefinition(kind)) as KubeObject);

/** A field of that name is a map of schemas, not a text. */
const withoutDescriptions = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(withoutDescriptions);
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([name, field]) => name !== "description" || typeof field !== "string")
			.map(([name, field]) => [name, withoutDescriptions(field)]),
	);
};
