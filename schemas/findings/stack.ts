import type { Command, Named } from "./command.ts";
import type { Quoted } from "./common.ts";

// What may be found of a stack and of its parts that have no pods of their own to speak of: runners and backends.

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
	Progressing: /** A part that is on its way itself. */
		| { readonly about: "part"; readonly part: Named }
		/** Namespaces that are not on all ready proxies yet. */
		| {
				readonly about: "namespaces";
				readonly namespaces: readonly { readonly name: string; readonly proxies: readonly string[] }[];
		  };
	/** Of a stack that is being deleted: namespaces that are still there; none: they are about to hear of it. */
	Terminating: { readonly about: "stack"; readonly namespaces: readonly string[] };
}

export interface StackWarnings {
	/** A control plane without a volume: its pods forget, and several share nothing. */
	RecordsForgotten: { readonly replicas: number };
	/** Proxies that register by the names of a Deployment's pods. */
	ProxyIdsNotKept: unknown;
	BackendUnused: { readonly backend: string };
	/** A pattern on a backend that its stack does not have, though it has others. */
	BackendUnknown: {
		readonly field: string;
		readonly backend: string;
		/** Those that the stack has; absent on the runner, which does not know them. */
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
	/** Absent: it has no status yet. */
	BackendNotReady:
		| { readonly about: "backend"; readonly name: string; readonly its?: Quoted }
		/** It is not of the stack that the runner is of. */
		| { readonly about: "foreign"; readonly name: string };
	CrossNamespaceReference: {
		readonly about: "backendConfig";
		readonly field: "spec.backendConfig.namespace";
		readonly name: string;
		readonly namespace: string;
		readonly home: string;
	};
	/** The cluster's administrator did not allow it; `value` is absent where the field is not taken at all. */
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
		/** Because it is switched off, or because there is no probe for its provider. */
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
