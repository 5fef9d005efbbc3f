import type { Named } from "./command.ts";
import type { Quoted } from "./quoted-condition.ts";

// Findings about a stack.

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
