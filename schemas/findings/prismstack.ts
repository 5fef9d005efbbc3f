import type { Named } from "./command.ts";
import type { Quoted } from "./common.ts";

// What may be found of a stack.

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
