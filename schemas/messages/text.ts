import type {
	Finding,
	FindingMap,
	FindingOf,
	FindingReason,
	Warning,
	WarningMap,
	WarningName,
	WarningOf,
} from "../findings/finding.ts";
import * as annotation from "./annotations.ts";
import * as backend from "./backendconfig.ts";
import * as child from "./children.ts";
import * as runner from "./patternrunner.ts";
import { printable } from "./printable.ts";
import * as namespace from "./prismnamespace.ts";
import * as plugin from "./prismplugin.ts";
import * as shard from "./prismshard.ts";
import * as stack from "./prismstack.ts";
import * as scaling from "./scaling.ts";
import * as service from "./services.ts";
import * as spec from "./specs.ts";
import * as volume from "./volumes.ts";
import * as workload from "./workloads.ts";

// Findings in English. Only this folder contains sentences about objects: another wording changes no other file
// (test/laws/rewording.test.ts).

type Texts<Map> = { readonly [Name in keyof Map]: (of: Map[Name]) => string };

const FINDINGS: Texts<FindingMap> = {
	// Of any kind.
	Progressing: (finding) => progressingText(finding),
	ReplicasUnavailable: (finding) =>
		finding.about === "workload" ? workload.unavailableText(finding) : plugin.unsettledText(finding),
	ProgressDeadlineExceeded: workload.deadlineText,
	ReplicaFailure: workload.replicaFailureText,
	NameTaken: child.nameTakenText,
	RolloutHeld: workload.heldText,
	VolumeUnavailable: volume.volumeText,
	NoAddress: service.noAddressText,
	ChildRefused: child.refusedText,
	ChildTerminating: child.terminatingText,
	PausedByAnnotation: (finding) =>
		finding.about === "unfinished"
			? annotation.unfinishedText(findingText(finding.before))
			: annotation.pausedText(finding),
	InvalidSpec: (finding) => {
		if (finding.about === "fields") return spec.problemsText(finding.problems);
		if (finding.about === "size") return spec.sizeText(finding);
		return finding.about === "variables" ? runner.sameVariableText(finding) : shard.pluginPortText(finding);
	},
	InlineCredentials: spec.inlineCredentialsText,
	CrossNamespaceReference: (finding) =>
		finding.about === "secret" ? backend.foreignSecretText(finding) : runner.foreignBackendText(finding),
	Unsupported: spec.unsupportedText,
	ScaledToZero: runner.scaledToZeroText,
	Warnings: ({ warnings }) => warningsText(warnings),

	StackReady: stack.stackReadyText,
	PatternNotReady: stack.partNotReadyText,
	NamespaceNotReady: stack.partNotReadyText,
	Terminating: (finding) =>
		finding.about === "stack" ? stack.stackLeavingText(finding) : shard.shardLeavingText(finding),

	DeploymentReady: runner.deploymentReadyText,
	BackendConfigNotFound: runner.backendNotFoundText,
	BackendNotReady: (finding) =>
		finding.about === "part" ? stack.partNotReadyText(finding) : runner.backendNotReadyText(finding),

	BackendHealthy: backend.healthyText,
	NotChecked: backend.notCheckedText,
	BackendUnhealthy: backend.unhealthyText,

	NamespaceReady: namespace.servedText,
	Unverified: (finding) =>
		finding.about === "served"
			? namespace.servedText(finding)
			: namespace.unverifiedText(finding.about, finding.unverifiable),
	NamespaceCreated: () => namespace.doneText("namespace"),
	QuotasApplied: () => namespace.doneText("limits"),
	Expired: namespace.expiredText,
	NotAccepting: namespace.notAcceptingText,
	NotPermitted: namespace.notPermittedText,
	NoMatchingProxy: namespace.noMatchingProxyText,
	NoMatchingShard: namespace.noMatchingShardText,
	NamespaceIdTaken: namespace.idTakenText,
	ProvisioningRefused: namespace.rejectedText,
	InstancesNotReady: namespace.noneReadyText,
	InstancesUnreachable: (finding) =>
		finding.about === "shard" ? shard.unreachableText(finding) : namespace.unreachableText(finding),
	PartiallyProvisioned: namespace.partlyText,
	Revoking: namespace.revokingText,

	ShardReady: shard.shardReadyText,
	PluginNotReady: (finding) => shard.waitingText(finding, findingText),
	NamespacesDiffer: shard.differText,
	NamespacesRemain: shard.remainText,
	NamespacesUnknown: shard.unknownText,

	PluginReady: plugin.pluginReadyText,
	NotFollowed: plugin.notFollowedText,
	PluginInUse: plugin.inUseText,
	RolloutStalled: plugin.stalledText,
	RolledBack: plugin.rolledBackText,
	RollbackFailed: plugin.rollbackFailedText,
	RollingBack: plugin.rollingBackText,
};

const progressingText = (finding: FindingOf<"Progressing">): string => {
	switch (finding.about) {
		case "children":
			return child.childrenText(finding);
		case "sending":
			return workload.sendingText(finding);
		case "growing":
			return workload.growingText(finding);
		case "workload":
			return workload.rollingOutText(finding);
		case "part":
			return stack.partPendingText(finding);
		case "namespaces":
			return stack.behindText(finding);
		case "probe":
			return backend.probeText(finding);
		case "namespace":
			return namespace.provisioningText(finding);
		case "rollout":
			return plugin.rolloutText(finding);
		case "place":
			return plugin.unsettledText(finding);
		default:
			return finding satisfies never;
	}
};

/** A condition's message. `kubectl get` prints it unchanged, including what a tenant or a proxy wrote into a quoted text. */
export const findingText = (finding: Finding): string => printable(textOf(finding.reason, finding));

const textOf = <Reason extends FindingReason>(reason: Reason, finding: FindingOf<Reason>): string =>
	FINDINGS[reason](finding);

const WARNINGS: Texts<WarningMap> = {
	HoldInPlace: workload.holdInPlaceText,
	VolumeUnavailable: volume.volumeWarningText,
	NoAddress: service.noAddressText,
	ForeignSelector: service.foreignSelectorText,
	Rewritten: child.rewrittenText,
	UnreadableSwitch: annotation.switchText,
	Rescaled: scaling.rescaledText,
	ReplicasUnused: scaling.replicasUnusedText,
	ReplicasKept: scaling.replicasKeptText,
	KedaMissing: scaling.kedaMissingText,
	ImageNotPinned: workload.imageText,
	IdleAntiAffinity: workload.antiAffinityText,
	MetricsPortShared: workload.metricsPortText,
	NothingRequested: scaling.nothingRequestedText,
	ContainerUnknown: scaling.containerUnknownText,
	ScalingInactive: scaling.scalingInactiveText,
	RecordsForgotten: stack.recordsForgottenText,
	ProxyIdsNotKept: stack.proxyIdsNotKeptText,
	BackendUnused: stack.backendUnusedText,
	BackendUnknown: stack.backendUnknownText,
	UnknownPattern: runner.unknownPatternText,
	BackendConfigMissing: runner.backendMissingText,
	UrlInClearText: backend.clearTextText,
	UrlUnused: backend.urlUnusedText,
	NotProbed: backend.notProbedText,
	Reservation: namespace.reservationText,
	RecordKept: namespace.recordKeptText,
	NotRevoked: namespace.notRevokedText,
	CannotMove: (warning) => namespace.cannotMoveText(warning, findingText(warning.because)),
	OnlyDraining: namespace.onlyDrainingText,
	TooManyPlaces: namespace.tooManyPlacesText,
	NoOtherPlace: namespace.noOtherPlaceText,
	TooManyShards: namespace.tooManyShardsText,
	PluginNotServed: shard.pluginNotServedText,
	PluginMissing: shard.pluginMissingText,
	VolumesKept: shard.volumesKeptText,
	Unverifiable: shard.unverifiableText,
	DifferentTag: plugin.differentTagText,
	StrangeCanary: plugin.strangeCanaryText,
	RemoteNotServed: plugin.remoteNotServedText,
	TooManyFollowers: plugin.tooManyFollowersText,
};

export const warningText = (warning: Warning): string => printable(warningTextOf(warning.warning, warning));

const warningTextOf = <Name extends WarningName>(name: Name, warning: WarningOf<Name>): string =>
	WARNINGS[name](warning);

/** Sorted and without duplicates, so that the text does not depend on the order of discovery. */
const warningsText = (warnings: readonly Warning[]): string =>
	[...new Set(warnings.map(warningText))].toSorted().join("; ");
