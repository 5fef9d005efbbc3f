import { sha256Hex } from "../../kube/hash.ts";
import { recommendedLabels } from "../../kube/labels.ts";
import { controllerOf, kindKey, stamped } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import type { Placement } from "../../schemas/prismnamespace.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";

// Who has an identifier where instances can't be read back. Such a server does not say whose a record is, and replaces it, whoever
// asks. So an object sends it nothing before it has a ConfigMap whose name follows from place and identifier: of that name there can
// be one in a Kubernetes namespace, and the API server sees to that. Nobody has to look at all namespaces for it.

export const CLAIM = { apiVersion: "v1", resource: "configmaps", kind: "ConfigMap" } as const;

type Place = Pick<Placement, "namespace" | "roster">;

export const claimName = ({ namespace, roster }: Place, namespaceId: string): string =>
	`prism-claim-${sha256Hex(`${namespace}/${roster}/${namespaceId}`).slice(0, 32)}`;

export const claimOn = ({ namespace, roster }: Place, namespaceId: string, object: KubeObject): KubeObject =>
	stamped(
		{
			apiVersion: CLAIM.apiVersion,
			kind: CLAIM.kind,
			metadata: {
				name: claimName({ namespace, roster }, namespaceId),
				namespace: object.metadata.namespace ?? "default",
				labels: {
					component: "claim",
					...recommendedLabels({
						name: "prism-claim",
						instance: object.metadata.name,
						component: "claim",
						partOf: "prism",
						managedBy: "prism-operator",
					}),
				},
			},
			immutable: true,
			data: { namespaceId, place: `${namespace}/${roster}`, prismNamespace: object.metadata.name },
		},
		DESIRED_HASH_ANNOTATION,
	);

/** Whether the object has its claim on an identifier, as observed: one that is on its way out is none. */
export const isClaimed = (attachments: ObjectMap, object: KubeObject, place: Place, namespaceId: string): boolean => {
	const { namespace = "default", uid } = object.metadata;
	const found = attachments[kindKey(CLAIM.apiVersion, CLAIM.kind)]?.[`${namespace}/${claimName(place, namespaceId)}`];
	return (
		found !== undefined &&
		found.metadata.deletionTimestamp === undefined &&
		[undefined, uid].includes(controllerOf(found)?.uid)
	);
};
