import type { KubeObject, OwnerReference } from "../schemas/common.ts";

/** What an object names its controller by. For development and tests only. */
export const controllerReference = (owner: KubeObject): OwnerReference => ({
	apiVersion: owner.apiVersion,
	kind: owner.kind,
	name: owner.metadata.name,
	uid: owner.metadata.uid ?? "",
	controller: true,
	blockOwnerDeletion: true,
});
