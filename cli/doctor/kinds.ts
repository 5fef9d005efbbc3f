import { KINDS } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { customResourceDefinition } from "../../kube/crd.ts";
import { isRecord } from "../../kube/object.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";

// The kinds: are they there, are they served, and are they those of this release?

const OLDEST = [1, 28] as const;
const APPLY = "kubectl apply --server-side -f crds/";

export const clusterVersion = ({ version }: Facts): Finding => {
	const [major, minor] =
		/^v(\d+)\.(\d+)/
			.exec(version ?? "")
			?.slice(1)
			.map(Number) ?? [];
	if (version === undefined || major === undefined || minor === undefined)
		return { level: "unknown", about: "cluster", says: "the API server does not tell its version" };
	const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
	return old
		? {
				level: "bad",
				about: "cluster",
				says: `Kubernetes ${version} is older than v${OLDEST.join(".")}`,
				fix: ["upgrade the cluster"],
			}
		: { level: "good", about: "cluster", says: `Kubernetes ${version}` };
};

export const kinds = ({ definitions, served, release }: Facts): Finding[] => {
	const names = KINDS.map(({ plural, group }) => `${plural}.${group}`);
	if (definitions === undefined) return [withoutDefinitions(served, names)];
	const missing = names.filter((name) => !definitions.some(({ metadata }) => metadata.name === name));
	const unready = definitions.filter((definition) => conditionOf(definition, "Established")?.status === "False");
	const drifted = definitions.flatMap((definition) => {
		const kind = KINDS.find(({ plural, group }) => `${plural}.${group}` === definition.metadata.name);
		const differences =
			kind === undefined ? [] : differencesOf(customResourceDefinition(kind)["spec"], definition["spec"], "spec");
		return differences.length === 0 ? [] : [{ name: definition.metadata.name, differences: differences.map(inFields) }];
	});
	return [
		...(missing.length > 0
			? [{ level: "bad" as const, about: "kinds", says: `not installed: ${missing.join(", ")}`, fix: [APPLY] }]
			: []),
		...unready.map((definition) => ({
			level: "bad" as const,
			about: "kinds",
			says: `${definition.metadata.name} is not served: ${conditionOf(definition, "NamesAccepted")?.message ?? conditionOf(definition, "Established")?.message ?? ""}`,
			fix: [`kubectl describe crd ${definition.metadata.name}`],
		})),
		...drifted.map(({ name, differences }) => ({
			level: "odd" as const,
			about: "kinds",
			says: `${name} is not that of this release (v${release}): ${differences.length} difference${differences.length === 1 ? "" : "s"}`,
			details: differences.slice(0, 4),
			fix: ["if the operator is of this release:", APPLY],
		})),
		...(missing.length + unready.length + drifted.length === 0
			? [{ level: "good" as const, about: "kinds", says: `all ${names.length} are installed, as v${release} has them` }]
			: []),
	];
};

/** "spec.proxy.port.maximum: ...", as a user knows the field. */
const inFields = (difference: string): string =>
	difference
		.replace(/^spec\.versions\[0\]\.schema\.openAPIV3Schema\.properties\./, "")
		.replaceAll(/\.(?:properties|items)\./g, ".");

const withoutDefinitions = (served: Facts["served"], names: readonly string[]): Finding => {
	const missing = served === undefined ? [] : names.filter((name) => !served.has(name));
	if (missing.length > 0)
		return { level: "bad", about: "kinds", says: `not served: ${missing.join(", ")}`, fix: [APPLY] };
	return {
		level: "unknown",
		about: "kinds",
		says: "you may not read CustomResourceDefinitions: whether they are those of this release is not known",
	};
};

/**
 * Where `actual` does not have what is expected, and fields that only it has. The API server adds defaults of its own to a
 * definition, so that other things that are only there mean nothing.
 */
export const differencesOf = (expected: unknown, actual: unknown, path: string): string[] => {
	// The API server leaves out what is empty.
	if (actual === undefined && isEmpty(expected)) return [];
	if (Array.isArray(expected)) {
		if (!Array.isArray(actual) || actual.length !== expected.length) return [`${path}: another list`];
		return expected.flatMap((item, index) => differencesOf(item, actual[index], `${path}[${index}]`));
	}
	if (isRecord(expected)) {
		if (!isRecord(actual)) return [`${path}: is missing`];
		const strangers = path.endsWith(".properties") ? Object.keys(actual).filter((name) => !(name in expected)) : [];
		return [
			...Object.entries(expected).flatMap(([name, value]) => differencesOf(value, actual[name], `${path}.${name}`)),
			...strangers.map((name) => `${path}.${name}: is not of this release`),
		];
	}
	if (Object.is(expected, actual)) return [];
	return [actual === undefined ? `${path}: is missing` : `${path}: ${brief(actual)} in place of ${brief(expected)}`];
};

const isEmpty = (value: unknown): boolean =>
	(Array.isArray(value) && value.length === 0) || (isRecord(value) && Object.keys(value).length === 0);

const brief = (value: unknown): string => {
	const text = JSON.stringify(value) ?? "nothing";
	return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
};
