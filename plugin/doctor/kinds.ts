import { KINDS } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { customResourceDefinition } from "../../kube/crd.ts";
import { isRecord } from "../../kube/object.ts";
import { isOlder, OLDEST } from "../../kube/supported-versions.ts";
import { counted } from "../../schemas/messages/words.ts";
import { resourceName } from "../cluster/kinds.ts";
import type { ClusterState } from "./cluster-state.ts";
import { type DoctorFinding, findingsAbout } from "./finding.ts";

// The CRDs: are they installed, served, and of this release?

const APPLY = "kubectl apply --server-side -f crds/";

const cluster = findingsAbout("cluster");
const { good, odd, bad, unknown } = findingsAbout("CRDs");

export const clusterVersion = ({ version }: ClusterState): DoctorFinding => {
	const isOld = isOlder(version ?? "", /^v(\d+)\.(\d+)/, OLDEST.kubernetes);
	if (isOld === undefined) return cluster.unknown("the API server does not report its version");
	return isOld
		? cluster.bad(`Kubernetes ${version} is older than v${OLDEST.kubernetes.join(".")}`, "upgrade the cluster")
		: cluster.good(`Kubernetes ${version}`);
};

export const kinds = ({ definitions, served, release }: ClusterState): DoctorFinding[] => {
	const names = KINDS.map(resourceName);
	if (definitions === undefined) return [withoutDefinitions(served, names)];
	const missing = names.filter((name) => !definitions.some(({ metadata }) => metadata.name === name));
	const unready = definitions.filter((definition) => conditionOf(definition, "Established")?.status === "False");
	const drifted = definitions.flatMap((definition) => {
		const kind = KINDS.find((descriptor) => resourceName(descriptor) === definition.metadata.name);
		const differences =
			kind === undefined ? [] : differencesOf(customResourceDefinition(kind)["spec"], definition["spec"], "spec");
		return differences.length === 0 ? [] : [{ name: definition.metadata.name, differences: differences.map(inFields) }];
	});
	const found = [
		...(missing.length > 0 ? [bad(`not installed: ${missing.join(", ")}`, APPLY)] : []),
		...unready.map((definition) => {
			const condition = conditionOf(definition, "NamesAccepted") ?? conditionOf(definition, "Established");
			const { name } = definition.metadata;
			return bad(`${name} is not served: ${condition?.message ?? ""}`, `kubectl describe crd ${name}`);
		}),
		...drifted.map(({ name, differences }) => ({
			...odd(
				`${name} differs from this release (v${release}): ${counted(differences.length, "difference")}`,
				"if the operator is of this release:",
				APPLY,
			),
			details: differences.slice(0, 4),
		})),
	];
	return found.length > 0 ? found : [good(`all ${names.length} are installed, and match v${release}`)];
};

/** "spec.proxy.port.maximum: ...": the path of the field in a manifest. */
const inFields = (difference: string): string =>
	difference
		.replace(/^spec\.versions\[0\]\.schema\.openAPIV3Schema\.properties\./, "")
		.replaceAll(/\.(?:properties|items)\./g, ".");

const withoutDefinitions = (served: ClusterState["served"], names: readonly string[]): DoctorFinding => {
	const missing = served === undefined ? [] : names.filter((name) => !served.has(name));
	return missing.length > 0
		? bad(`not served: ${missing.join(", ")}`, APPLY)
		: unknown("you may not read CustomResourceDefinitions, so their release is unknown");
};

/**
 * Differences of `actual` from `expected`, and properties that only `actual` has. Other additional fields are defaults of
 * the API server.
 */
export const differencesOf = (expected: unknown, actual: unknown, path: string): string[] => {
	// The API server omits empty values.
	if (actual === undefined && isEmpty(expected)) return [];
	if (Array.isArray(expected)) {
		if (!Array.isArray(actual) || actual.length !== expected.length) return [`${path}: a different list`];
		return expected.flatMap((item, index) => differencesOf(item, actual[index], `${path}[${index}]`));
	}
	if (isRecord(expected)) {
		if (!isRecord(actual)) return [`${path}: is missing`];
		const unexpected = path.endsWith(".properties") ? Object.keys(actual).filter((name) => !(name in expected)) : [];
		return [
			...Object.entries(expected).flatMap(([name, value]) => differencesOf(value, actual[name], `${path}.${name}`)),
			...unexpected.map((name) => `${path}.${name}: is not in this release`),
		];
	}
	if (Object.is(expected, actual)) return [];
	return [actual === undefined ? `${path}: is missing` : `${path}: ${brief(actual)} instead of ${brief(expected)}`];
};

const isEmpty = (value: unknown): boolean =>
	(Array.isArray(value) && value.length === 0) || (isRecord(value) && Object.keys(value).length === 0);

const brief = (value: unknown): string => {
	const text = JSON.stringify(value) ?? "nothing";
	return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
};
