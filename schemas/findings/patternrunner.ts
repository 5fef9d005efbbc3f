import type { Quoted } from "./quoted-condition.ts";

// Findings about a runner.

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
