import type { BackendFindings, BackendWarnings } from "./backendconfig.ts";
import type { CommonFindings, CommonWarnings } from "./common.ts";
import type { RunnerFindings, RunnerWarnings } from "./patternrunner.ts";
import type { NamespaceFindings, NamespaceWarnings } from "./prismnamespace.ts";
import type { PluginFindings, PluginWarnings } from "./prismplugin.ts";
import type { ShardFindings, ShardWarnings } from "./prismshard.ts";
import type { StackFindings, StackWarnings } from "./prismstack.ts";

// What the hooks find, as data: a reason of the documented list (REASONS in ../vocabulary.ts) with its parameters. It is put into
// words in ../messages/, the only place with sentences, when a status is written; nobody reads those back.

/** Parameters of one reason, whatever the kinds are that give it. */
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
	CommonFindings,
	NamespaceFindings,
	ShardFindings,
	PluginFindings,
	StackFindings,
	RunnerFindings,
	BackendFindings,
];

type WarningSources = [
	CommonWarnings,
	NamespaceWarnings,
	ShardWarnings,
	PluginWarnings,
	StackWarnings,
	RunnerWarnings,
	BackendWarnings,
];

export type FindingReason = NamesOf<FindingSources>;

/** Each reason's finding. */
export type FindingMap = {
	readonly [Reason in FindingReason]: { readonly reason: Reason } & Of<FindingSources, Reason>;
};

export type FindingOf<Reason extends FindingReason> = FindingMap[Reason];

/** What decides a condition. */
export type Finding = FindingOf<FindingReason>;

export type WarningName = NamesOf<WarningSources>;

/** Each name's warning. */
export type WarningMap = {
	readonly [Name in WarningName]: { readonly warning: Name } & Of<WarningSources, Name>;
};

export type WarningOf<Name extends WarningName> = WarningMap[Name];

/** What works, but is probably not what was meant. */
export type Warning = WarningOf<WarningName>;

/** Reasons of specs that can't be carried out. */
export type RefusalReason = "InvalidSpec" | "InlineCredentials" | "CrossNamespaceReference" | "Unsupported";
