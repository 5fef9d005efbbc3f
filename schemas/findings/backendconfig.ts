import type { Command, Named } from "./command.ts";

// Findings about a backend.

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
