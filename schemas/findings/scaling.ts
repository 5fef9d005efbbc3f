import type { Command, Named } from "./command.ts";

// Replica counts and autoscalers.

export interface ScalingWarnings {
	/** Another client changes the replica count, and the operator restores it. */
	Rescaled: { readonly workload: Named };
	/** A replica count that is set while an autoscaler controls it. */
	ReplicasUnused: { readonly path: string; readonly replicas: number };
	/** The replica count of an autoscaler that has been disabled. */
	ReplicasKept: { readonly path: string; readonly replicas: number; readonly kept: number };
	/** A spec requests KEDA, but the installation does not enable it. */
	KedaMissing: { readonly path: string };
	/** An autoscaler's target is a percentage of a resource that the pods do not request. */
	NothingRequested: {
		readonly field: string;
		readonly resource: "cpu" | "memory";
		/** The field to set. Absent: that of the spec itself. */
		readonly set?: string;
	};
	/** An autoscaler measures a container that the pods do not have. */
	ContainerUnknown: { readonly field: string; readonly container: string; readonly known: readonly string[] };
	/** The autoscaler reports that it is inactive. `because` is the autoscaler's reason. */
	ScalingInactive: { readonly scaler: Named; readonly because: string; readonly remedy: Command };
}
