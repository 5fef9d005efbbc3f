import type { Command, Named } from "./command.ts";
import type { Quoted } from "./common.ts";

// Findings about a stack, and about its runners and backends.

interface PartNotReady {
	readonly about: "part";
	readonly part: Named;
	readonly its: Quoted;
}

export interface StackFindings {
	StackReady: {
		readonly deployments: number;
		readonly patterns: number;
		readonly backends: number;
		readonly namespaces: number;
	};
	PatternNotReady: PartNotReady;
	NamespaceNotReady: PartNotReady;
	BackendNotReady: PartNotReady;
	Progressing: /** A part that is Progressing itself. */
		| { readonly about: "part"; readonly part: Named }
		/** Namespaces that some ready proxies do not have yet. */
		| {
				readonly about: "namespaces";
				readonly namespaces: readonly { readonly name: string; readonly proxies: readonly string[] }[];
		  };
	/** The remaining namespaces of a stack that is being deleted. Empty: their deletion has not begun. */
	Terminating: { readonly about: "stack"; readonly namespaces: readonly string[] };
}

export interface StackWarnings {
	/** A control plane without a volume: its pods lose their records when they restart, and do not share them. */
	RecordsForgotten: { readonly replicas: number };
	/** The proxies' IDs are the names of a Deployment's pods, which change. */
	ProxyIdsNotKept: unknown;
	BackendUnused: { readonly backend: string };
	/** A pattern's backend is not among its stack's backends. */
	BackendUnknown: {
		readonly field: string;
		readonly backend: string;
		/** The stack's backends. Absent on a runner, which does not know them. */
		readonly known?: readonly string[];
	};
}

export interface RunnerFindings {
	DeploymentReady: { readonly available: number; readonly desired: number };
	BackendConfigNotFound: {
		readonly field: "spec.backendConfig.name";
		readonly name: string;
		readonly namespace: string;
	};
	/** Absent: the backend has no status yet. */
	BackendNotReady:
		| { readonly about: "backend"; readonly name: string; readonly its?: Quoted }
		/** The backend belongs to another stack than the runner. */
		| { readonly about: "foreign"; readonly name: string };
	CrossNamespaceReference: {
		readonly about: "backendConfig";
		readonly field: "spec.backendConfig.namespace";
		readonly name: string;
		readonly namespace: string;
		readonly home: string;
	};
	/** The cluster's administrator did not permit it. `value` is absent if no value of the field is permitted. */
	Unsupported: {
		readonly about: "grant";
		readonly field: string;
		readonly value?: string;
		readonly allowed: readonly string[];
	};
	InvalidSpec: {
		readonly about: "variables";
		readonly field: "spec.config";
		readonly keys: readonly string[];
		readonly variable: string;
	};
}

export interface RunnerWarnings {
	UnknownPattern: { readonly pattern: string; readonly known: readonly string[] };
	BackendConfigMissing: { readonly name: string };
}

export interface BackendFindings {
	Progressing: { readonly about: "probe"; readonly probe: Named };
	BackendUnhealthy: { readonly provider: string; readonly remedy: Command };
	NotChecked: {
		readonly provider: string;
		readonly configMap: string;
		/** The check is disabled, or the provider has no probe. */
		readonly because: "off" | "noProbe";
	};
	BackendHealthy: { readonly provider: string; readonly configMap: string; readonly by: "nature" | "probe" };
	CrossNamespaceReference: {
		readonly about: "secret";
		readonly field: string;
		readonly name: string;
		readonly namespace: string;
		readonly home: string;
		readonly remedy: Command;
	};
}

export interface BackendWarnings {
	UrlInClearText: unknown;
	UrlUnused: { readonly key: string; readonly secret: string };
	NotProbed: { readonly provider: string; readonly probed: readonly string[] };
}
