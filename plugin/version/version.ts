import type { KubeObject } from "../../schemas/common.ts";
import { RELEASE } from "../../server/release.ts";
import type { GivenFlags, Session } from "../cluster/context.ts";
import { containersOf, HOOKS_SELECTOR } from "../cluster/installation.ts";
import { type Kubectl, KubectlError } from "../cluster/kubectl.ts";
import { complain } from "../text/print.ts";

// `version`: the release of this program and of the operator in the cluster, and whether they match.

interface VersionFlags extends GivenFlags {
	readonly client?: true;
}

export const version = async (
	{ kubectl, print, json }: Session,
	_words: readonly string[],
	{ client, output }: VersionFlags,
): Promise<number> => {
	const own: Versions = { client: RELEASE };
	// Print this before the first call to the cluster: it is known without one.
	if (output !== "json") print(versionLines(own));
	else if (client === true) json(own);
	if (client === true) return 0;
	const operators = await operatorsIn(kubectl);
	const versions = operators === undefined ? own : { ...own, operators };
	if (output === "json") json(versions);
	else print(operators === undefined ? [UNREAD] : versionLines(versions).slice(1));
	for (const skew of skewsOf(versions)) complain(`warning: ${skew}`);
	return 0;
};

const UNREAD = "Operator  ? you may not list deployments in all namespaces";

/** undefined: without the permission to list them. */
const operatorsIn = async (kubectl: Kubectl): Promise<OperatorVersion[] | undefined> => {
	try {
		const found = await kubectl.objects(["get", "deployments.apps", "-A", "--selector", HOOKS_SELECTOR]);
		return found.map(operatorVersion);
	} catch (error) {
		if (error instanceof KubectlError && error.trouble === "forbidden") return undefined;
		throw error;
	}
};

export interface Versions {
	readonly client: string;
	/** undefined: not requested. */
	readonly operators?: readonly OperatorVersion[];
}

type OperatorVersion = ReturnType<typeof operatorVersion>;

export const operatorVersion = (deployment: KubeObject) => ({
	/** "prism-system/prism-operator-controller-manager" */
	deployment: `${deployment.metadata.namespace ?? ""}/${deployment.metadata.name}`,
	image: imageOf(deployment),
	/** undefined: a custom image. */
	release: releaseOf(deployment),
});

const imageOf = (deployment: KubeObject): string => containersOf(deployment)[0]?.image ?? "";

/** From the tag of the image, or, for an image with a digest, from the label of the chart. undefined: the tag is no release. */
export const releaseOf = (deployment: KubeObject): string | undefined => {
	const [, tag, digest] =
		/^[^@]*?(?::v?([\w.-]+))?(@sha256:[0-9a-f]{64})?$/.exec(imageOf(deployment).split("/").at(-1) ?? "") ?? [];
	const release = tag ?? (digest === undefined ? undefined : deployment.metadata.labels?.["app.kubernetes.io/version"]);
	return release !== undefined && /^\d+\.\d+\.\d+/.test(release) ? release : undefined;
};

/** Operators of another release: the checks of CRDs and controllers use the release of this program. */
export const skewsOf = ({ client, operators = [] }: Versions): string[] =>
	operators.flatMap(({ deployment, release }) =>
		release === undefined || release === client
			? []
			: `this program is v${client}, and ${deployment} is v${release}: use the kubectl-prism of the same release`,
	);

export const versionLines = ({ client, operators }: Versions): string[] => [
	`Client    v${client}`,
	...(operators === undefined
		? []
		: operators.length === 0
			? ["Operator  none runs in this cluster"]
			: operators.map(
					({ deployment, image, release }) =>
						`Operator  ${release === undefined ? `unknown, image ${image}` : `v${release}`}  ${deployment}`,
				)),
];
