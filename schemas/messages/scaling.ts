import type { WarningOf } from "../findings/finding.ts";
import { listed, title } from "./words.ts";

export const rescaledText = ({ workload }: WarningOf<"Rescaled">): string =>
	`${title(workload)}: another client changes spec.replicas, and the operator reverts it; remove that autoscaler, or set autoscaling in the spec`;

export const replicasUnusedText = ({ path, replicas }: WarningOf<"ReplicasUnused">): string =>
	`${path}.replicas was set to ${replicas}, without effect while ${path}.autoscaling is on: change minReplicas or maxReplicas`;

export const replicasKeptText = ({ path, replicas, kept }: WarningOf<"ReplicasKept">): string =>
	`${path}.replicas is ${replicas}, and ${kept} pods are kept from the autoscaling that was switched off, until ${path}.replicas is changed`;

export const kedaMissingText = ({ path }: WarningOf<"KedaMissing">): string =>
	`${path}.autoscaling.scaler is "keda", and this installation has no KEDA: the pods run unscaled`;

export const nothingRequestedText = ({ field, resource, set }: WarningOf<"NothingRequested">): string =>
	`${field} is a share of the pods' requests, and they request no ${resource}: set ${set ?? `spec.resources.requests.${resource}`}`;

export const containerUnknownText = ({ field, container, known }: WarningOf<"ContainerUnknown">): string =>
	`${field} is ${container}, which is not among the pods' containers: ${listed(known)}`;

export const scalingInactiveText = ({ scaler, because }: WarningOf<"ScalingInactive">): string =>
	`${title(scaler)} does not scale: ${because}`;
