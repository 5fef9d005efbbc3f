import type { Named } from "../findings/command.ts";
import type { FindingOf, WarningOf } from "../findings/finding.ts";
import type { Held, WorkloadState } from "../findings/workloads.ts";
import { listed, title } from "./words.ts";

const countsOf = ({ available, desired }: Pick<WorkloadState, "available" | "desired">): string =>
	`${available} of ${desired} pods are available`;

const unreadyPart = ({ unready }: WorkloadState): string =>
	unready === undefined ? "" : `; not ready: ${listed(unready)}`;

export const sendingText = ({ workload }: { readonly workload: Named }): string =>
	`${title(workload)} is being created or changed`;

const updatedPart = ({ updated, updatedReady }: WorkloadState): string =>
	updated === 0 ? "" : `, ${updatedReady} of ${updated} updated pods are ready`;

export const growingText = (state: Pick<WorkloadState, "workload" | "available" | "desired">): string =>
	`${title(state.workload)} is scaled up: ${countsOf(state)}`;

export const rollingOutText = (state: WorkloadState): string =>
	`${title(state.workload)} is rolling out: ${state.updated} of ${state.desired} pods are updated${updatedPart(state)}${unreadyPart(state)}`;

export const unavailableText = (state: WorkloadState): string =>
	`${title(state.workload)}: ${countsOf(state)}${unreadyPart(state)}`;

export const deadlineText = (finding: FindingOf<"ProgressDeadlineExceeded">): string =>
	`${title(finding.workload)} makes no progress: ${countsOf(finding)}`;

export const replicaFailureText = ({ workload, words }: FindingOf<"ReplicaFailure">): string =>
	`${title(workload)} can't create its pods${words === undefined ? "" : `: ${words}`}`;

const holdText = ({ hold }: Held): string => {
	if (hold.by === "paused") return "spec.paused is true";
	if (hold.by === "pods")
		return `not ready, of an older revision, and not replaced by Kubernetes: ${listed(hold.pods ?? [])}`;
	return hold.by === "partition"
		? `spec.updateStrategy.rollingUpdate.partition is ${hold.partition}`
		: "spec.updateStrategy.type is OnDelete";
};

export const heldText = (held: Held): string => `${title(held.workload)} is not rolled out: ${holdText(held)}`;

export const holdInPlaceText = (held: Held): string =>
	`${title(held.workload)} will not be rolled out at the next change: ${holdText(held)}`;

export const imageText = ({ image }: WarningOf<"ImageNotPinned">): string =>
	`Image ${image} has no fixed version: pods that start later may run another one`;

export const antiAffinityText = ({ of, noun, selector, labels }: WarningOf<"IdleAntiAffinity">): string => {
	const where = "field" in of ? of.field : `The ${of.component}'s podAntiAffinity`;
	const whose = noun === "it" ? "its" : `this ${noun}'s`;
	const own = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
	return `${where} selects ${selector}, which matches none of ${whose} own pods (labels ${own.join(", ")})`;
};

export const metricsPortText = ({ field, other, port }: WarningOf<"MetricsPortShared">): string =>
	`${field} equals ${other} ${port}: one port serves both${field.endsWith(".metrics.port") ? "; give metrics a port of its own" : ""}`;
