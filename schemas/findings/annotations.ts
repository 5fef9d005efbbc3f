import type { Finding } from "./finding.ts";

// The annotations by which users control the operator.

export interface AnnotationFindings {
	PausedByAnnotation: /** The finding without the pause. */
		| { readonly about: "unfinished"; readonly before: Finding }
		| { readonly about: "children" | "pushes"; readonly annotation: string };
}

export interface AnnotationWarnings {
	/** An annotation whose value is neither true nor false; it counts as false. */
	UnreadableSwitch: { readonly annotation: string; readonly value: string };
}
