import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CHART } from "../../codegen/chart/files.ts";
import { isKubeObject, isRecord } from "../../kube/object.ts";
import { OLDEST } from "../../kube/supported-versions.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { parseManifests, printManifests } from "../../yaml/manifests.ts";

// install.yaml, with and without Metacontroller, and crds.yaml: the rendered chart without Helm's own labels and annotations.

const NAMESPACE = "prism-system";

/** The chart's values for install.yaml: Helm generates no token and no certificate with them. */
export const RELEASE_VALUES = { "tls.mode": "disabled", "auth.existingSecret.name": "prism-operator-tokens" };

/** With server-side apply, an older API server rejects unknown fields. Hence the files are rendered for the oldest supported version. */
export const OLDEST_KUBERNETES = `${OLDEST.kubernetes.join(".")}.0`;

const TOKEN = `# It needs a token that the webhook server and Metacontroller share. Make it once, before this file is applied:
#
#   token=$(openssl rand -hex 32)
#   kubectl create namespace ${NAMESPACE}
#   kubectl --namespace ${NAMESPACE} create secret generic prism-operator-tokens \\
#     --from-literal=tokens=$token --from-literal=token=$token
#
# The token crosses the cluster's network in plain text: the chart has TLS, too.
`;

export interface InstallFile {
	readonly name: string;
	readonly text: string;
}

/** Runs the given helm in the repository's root. */
export const installFiles = async (helm: string, root: string, version: string): Promise<InstallFile[]> => {
	const render = async (metacontroller: boolean) => {
		const values = { ...RELEASE_VALUES, "metacontroller.enabled": metacontroller };
		const { stdout } = await promisify(execFile)(
			helm,
			[
				"template",
				"prism-operator",
				CHART,
				"--namespace",
				NAMESPACE,
				"--kube-version",
				OLDEST_KUBERNETES,
				...(metacontroller ? ["--include-crds"] : []),
				...Object.entries(values).flatMap(([name, value]) => ["--set-json", `${name}=${JSON.stringify(value)}`]),
			],
			{ cwd: root, maxBuffer: 64 * 1024 * 1024 },
		);
		return parseManifests(stdout, "the chart").map(({ object }) => withoutHelm(object));
	};
	const [beside, whole] = [await render(false), await render(true)];
	const crds = beside.filter(isDefinition);
	return [
		{ name: "crds.yaml", text: `${title(version, "CRDs alone")}${printManifests(crds)}` },
		{
			name: "install.yaml",
			text: `${title(version, "for a cluster that runs Metacontroller")}${TOKEN}${printManifests(inOrder(beside))}`,
		},
		{
			name: "install-with-metacontroller.yaml",
			text: `${title(version, "with a Metacontroller of its own")}# Apply it twice: the first time makes the CRDs that the controllers at its end need.
#
${TOKEN}${printManifests(inOrder(whole))}`,
		},
	];
};

const title = (version: string, what: string): string =>
	`# Prism Operator ${version}, ${what}: kubectl apply --server-side --filename <this file>\n`;

const OF_HELM = new Set(["helm.sh/chart", "helm.sh/resource-policy", "app.kubernetes.io/managed-by"]);

/** Removes labels and annotations that name Helm, because users apply the file without Helm. */
export const withoutHelm = (object: KubeObject): KubeObject => {
	const copy = withoutKeys(object);
	if (!isKubeObject(copy))
		throw new TypeError(`cannot read ${object.kind} ${object.metadata.name} without Helm's labels`);
	return copy;
};

const withoutKeys = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(withoutKeys);
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.entries(value).flatMap(([key, inner]) => (OF_HELM.has(key) ? [] : [[key, withoutKeys(inner)]])),
	);
};

const isDefinition = ({ kind }: KubeObject): boolean => kind === "CustomResourceDefinition";

const NAMESPACE_OBJECT: KubeObject = {
	apiVersion: "v1",
	kind: "Namespace",
	metadata: { name: NAMESPACE, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
};

/** The order of installation: namespace and CRDs first. */
const inOrder = (objects: readonly KubeObject[]): KubeObject[] => [
	NAMESPACE_OBJECT,
	...objects.filter(isDefinition),
	...objects.filter((object) => !isDefinition(object)),
];
