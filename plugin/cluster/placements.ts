import { seenOf } from "../../kube/partial-object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import {
	type PlacedInstance,
	type Placement as PlacementStatus,
	PrismNamespace,
} from "../../schemas/prismnamespace.ts";
import { namespaceOf } from "./cluster-view.ts";

// The placements of a PrismNamespace, from its status.

export interface Placement extends Pick<PlacementStatus, "roster" | "namespace" | "state"> {
	readonly since: string | undefined;
	/** Since when an instance that has to revoke the namespace can't be reached. */
	readonly unreachableSince: string | undefined;
	readonly controlPlane: boolean;
	readonly instances: readonly PlacedInstance[];
}

export const placementsOf = (object: KubeObject): Placement[] => {
	if (object.kind !== PrismNamespace.kind) return [];
	const { placements = [] } = seenOf(PrismNamespace, object).status;
	return placements.map(
		({ roster = "", namespace, state = "Assigning", since, unreachableSince, controlPlane, instances = [] }) => ({
			roster,
			namespace: namespace ?? namespaceOf(object),
			state,
			since,
			unreachableSince,
			controlPlane: controlPlane === true,
			instances: instances.map(({ name = "", ...instance }) => ({ ...instance, name })),
		}),
	);
};

/** Identifier on the proxies. */
export const identifierOf = (object: KubeObject): string => {
	const { spec, status } = seenOf(PrismNamespace, object);
	return status.namespaceId ?? spec.namespaceId ?? object.metadata.name;
};
