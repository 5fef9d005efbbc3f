import { SETTLED_FAILURES, type SettledFailure } from "../admin.ts";
import type { Command } from "./command.ts";
import type { Finding } from "./finding.ts";

// Findings about a shard.

/** Why an instance of a shard does not answer. */
export type Silence =
	| "PodNotReady"
	| "CannotList"
	| SettledFailure
	/** The instance is not a ready endpoint of this Service. */
	| { readonly service: string };

/** Why a running instance of a shard is doubtful: `status.doubtfulInstances[].cause`. */
export const DOUBTS = ["NotListed", "NamespacesMissing", ...SETTLED_FAILURES] as const;
export type Doubt = (typeof DOUBTS)[number];

export interface SilentInstance {
	readonly name: string;
	readonly silence: Silence;
}

/** Why a shard waits for its plugin. */
export type WaitingPlugin =
	| { readonly plugin: string; readonly why: "Unreadable"; readonly finding: Finding }
	| { readonly plugin: string; readonly why: "NoVersion" }
	/** Another owner has an object with the name of the plugin's Service. */
	| { readonly plugin: string; readonly why: "ServiceTaken"; readonly service: string };

export interface ShardFindings {
	ShardReady: { readonly instances: number };
	PluginNotReady: { readonly plugins: readonly WaitingPlugin[] };
	InstancesUnreachable: { readonly about: "shard"; readonly instances: readonly SilentInstance[] };
	NamespacesDiffer: {
		readonly instances: readonly { readonly name: string; readonly lacks: number; readonly of: number }[];
	};
	Terminating: { readonly about: "nothing" | "leaving" | "asking" };
	NamespacesRemain: { readonly namespaces: number };
	NamespacesUnknown:
		| { readonly about: "noPods"; readonly remedy: Command }
		| { readonly about: "silence"; readonly instances: readonly SilentInstance[] };
	InvalidSpec:
		| {
				readonly about: "pluginPorts";
				readonly field: "spec.plugins";
				readonly plugins: readonly [string, string];
				readonly port: number;
		  }
		| {
				readonly about: "pluginPort";
				readonly field: "spec.plugins";
				readonly plugin: string;
				readonly port: number;
				/** The field with the same port. */
				readonly other: string;
		  };
}

export interface ShardWarnings {
	PluginNotServed: { readonly plugin: string; readonly type: string | undefined };
	PluginMissing: { readonly plugin: string; readonly image: string | undefined };
	VolumesKept: { readonly wanted: string; readonly has: string };
	Unverifiable: { readonly instances: readonly string[] };
}
