import type { Finding, FindingOf, WarningOf } from "../findings/finding.ts";
import type { ShardFindings, SilentInstance, WaitingPlugin } from "../findings/prismshard.ts";
import { silenceText } from "./admin.ts";
import { listed } from "./words.ts";

// Messages about a shard.

export const shardReadyText = ({ instances }: FindingOf<"ShardReady">): string =>
	`${instances} of ${instances} pods are ready and answer`;

export const waitingText = ({ plugins }: FindingOf<"PluginNotReady">, textOf: (finding: Finding) => string): string =>
	plugins.map((waiting) => waitingForText(waiting, textOf)).join("; ");

const waitingForText = (waiting: WaitingPlugin, textOf: (finding: Finding) => string): string => {
	if (waiting.why === "Unreadable") return `PrismPlugin ${waiting.plugin} is invalid: ${textOf(waiting.finding)}`;
	return waiting.why === "ServiceTaken"
		? `Service ${waiting.service} does not belong to PrismPlugin ${waiting.plugin}`
		: `PrismPlugin ${waiting.plugin} has not set a version for this shard yet`;
};

const silentText = ({ instances }: { readonly instances: readonly SilentInstance[] }): string =>
	listed(instances.map(silenceText));

export const unreachableText = (finding: ShardFindings["InstancesUnreachable"]): string =>
	`Instances unreachable: ${silentText(finding)}`;

export const differText = ({ instances }: FindingOf<"NamespacesDiffer">): string =>
	`Namespaces differ: ${listed(instances.map(({ name, lacks, of }) => `${name} lacks ${lacks} of ${of}`))}`;

// ── Deletion ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const LEAVING = {
	nothing: "Being deleted: no namespaces are left",
	leaving: "Being deleted: its namespaces are moving away",
	asking: "Being deleted: its pods are queried again for the namespaces that are left",
} as const satisfies Record<ShardFindings["Terminating"]["about"], string>;

export const shardLeavingText = ({ about }: ShardFindings["Terminating"]): string => LEAVING[about];

export const remainText = (finding: FindingOf<"NamespacesRemain">): string =>
	`Namespaces left: ${finding.namespaces}. Each moves to another shard that matches, or is revoked with its PrismNamespace`;

export const unknownText = (finding: FindingOf<"NamespacesUnknown">): string =>
	finding.about === "noPods"
		? "No pod can report which namespaces are left"
		: `Whether namespaces are left is unknown: ${silentText(finding)}`;

// ── Plugins ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const pluginPortText = (finding: ShardFindings["InvalidSpec"]): string =>
	finding.about === "pluginPorts"
		? `spec.plugins "${finding.plugins[0]}" and "${finding.plugins[1]}" both serve on port ${finding.port} of the same pod: change healthCheck.grpc.port of one PrismPlugin`
		: `spec.plugins "${finding.plugin}" serves on port ${finding.port}, which is ${finding.other} of the same pod: change either, or healthCheck.grpc.port of the PrismPlugin`;

export const pluginNotServedText = ({ plugin, type }: WarningOf<"PluginNotServed">): string =>
	type === undefined
		? `spec.plugins "${plugin}" is remote, and there is no PrismPlugin ${plugin}: nothing serves it`
		: `spec.plugins "${plugin}" is remote, but PrismPlugin ${plugin} has type ${type}: nothing serves it`;

export const pluginMissingText = ({ plugin, image }: WarningOf<"PluginMissing">): string =>
	`spec.plugins "${plugin}" has no PrismPlugin ${plugin} in this namespace: image ${image} is used`;

export const volumesKeptText = ({ wanted, has }: WarningOf<"VolumesKept">): string =>
	`spec.storage.size is ${wanted}, but the StatefulSet was made with volumes of ${has}, and keeps them`;

export const unverifiableText = ({ instances }: WarningOf<"Unverifiable">): string =>
	`Namespaces are not verified on instances that can't list them: ${listed(instances)}`;
