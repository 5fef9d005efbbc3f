import type { AnnotationFindings, AnnotationWarnings } from "./annotations.ts";
import type { BackendFindings, BackendWarnings } from "./backendconfig.ts";
import type { ChildFindings, ChildWarnings } from "./children.ts";
import type { RunnerFindings, RunnerWarnings } from "./patternrunner.ts";
import type { NamespaceFindings, NamespaceWarnings } from "./prismnamespace.ts";
import type { PluginFindings, PluginWarnings } from "./prismplugin.ts";
import type { ShardFindings, ShardWarnings } from "./prismshard.ts";
import type { StackFindings, StackWarnings } from "./prismstack.ts";
import type { ScalingWarnings } from "./scaling.ts";
import type { ServiceFindings, ServiceWarnings } from "./services.ts";
import type { SpecFindings } from "./specs.ts";
import type { VolumeFindings, VolumeWarnings } from "./volumes.ts";
import type { WorkloadFindings, WorkloadWarnings } from "./workloads.ts";

// What the hooks find, as data: a documented reason (REASONS in ../vocabulary.ts) with its parameters. ../messages/ renders it as text
// when the operator writes a status. No code parses the text.

/** Parameters of one reason, in all kinds that have it. */
type Of<Sources extends readonly unknown[], Name extends PropertyKey> = Sources extends readonly [
	infer First,
	...infer Rest,
]
	? (Name extends keyof First ? First[Name] : never) | Of<Rest, Name>
	: never;

type NamesOf<Sources extends readonly unknown[]> = {
	[Index in keyof Sources]: keyof Sources[Index];
}[number];

type FindingSources = [
	WorkloadFindings,
	VolumeFindings,
	ServiceFindings,
	ChildFindings,
	SpecFindings,
	AnnotationFindings,
	{ Warnings: { readonly warnings: readonly Warning[] } },
	NamespaceFindings,
	ShardFindings,
	PluginFindings,
	StackFindings,
	RunnerFindings,
	BackendFindings,
];

type WarningSources = [
	WorkloadWarnings,
	VolumeWarnings,
	ServiceWarnings,
	ChildWarnings,
	ScalingWarnings,
	AnnotationWarnings,
	NamespaceWarnings,
	ShardWarnings,
	PluginWarnings,
	StackWarnings,
	RunnerWarnings,
	BackendWarnings,
];

export type FindingReason = NamesOf<FindingSources>;

/** The finding of each reason. */
export type FindingMap = {
	readonly [Reason in FindingReason]: { readonly reason: Reason } & Of<FindingSources, Reason>;
};

export type FindingOf<Reason extends FindingReason> = FindingMap[Reason];

/** A finding that determines a condition. */
export type Finding = FindingOf<FindingReason>;

export type WarningName = NamesOf<WarningSources>;

/** The warning of each name. */
export type WarningMap = {
	readonly [Name in WarningName]: { readonly warning: Name } & Of<WarningSources, Name>;
};

export type WarningOf<Name extends WarningName> = WarningMap[Name];

/** A setting that works, but is probably not intended. */
export type Warning = WarningOf<WarningName>;

/** Reasons of specs that the operator cannot implement. */
export type RefusalReason = "InvalidSpec" | "InlineCredentials" | "CrossNamespaceReference" | "Unsupported";
