import type { Named } from "./command.ts";

// Specs that the operator rejects.

/** An error in one field of a spec. */
export interface FieldProblem {
	/** Such as "spec.patterns[0].port". */
	readonly field: string;
	readonly expected:
		| { readonly oneOf: readonly string[] }
		| { readonly quantity: true }
		/** Must be a quantity above zero. */
		| { readonly positive: true }
		/** Must be a quantity in quotes: a number with a fraction is invalid. */
		| { readonly quoted: true }
		/** The API server would not store a larger quantity unchanged. */
		| { readonly quantityAtMost: string }
		/** Must be in quotes: an integer beyond 2^53. */
		| { readonly exact: true }
		/** A key that is lost when an object is copied. */
		| { readonly otherKey: true }
		/** An invalid key of a label, annotation or node label. */
		| { readonly key: "label" | "annotation" }
		/** An invalid resource name. `names`: names that need no domain. */
		| { readonly resource: "name"; readonly names: readonly string[] }
		/** A resource that containers cannot share: a whole amount, equal to the limit. */
		| { readonly resource: "whole" | "asLimit" }
		/** The values that a requirement's operator permits. */
		| { readonly operator: string; readonly values: "none" | "some" | "one" }
		/** A field that is valid only with a value of another field. */
		| { readonly goesWith: string }
		/** The most levels that a spec may nest. */
		| { readonly levels: number }
		/** The error in the words of the schema validator. */
		| { readonly words: string };
	/** The actual value. Absent if it could be a secret. */
	readonly got?: string | number | boolean;
}

export interface SpecFindings {
	InvalidSpec: /** Errors by field. */
		| { readonly about: "fields"; readonly problems: readonly FieldProblem[] }
		/** A child that is too large to apply. */
		| {
				readonly about: "size";
				/** The field that most of the size comes from. */
				readonly field: string;
				readonly child: Named;
				readonly bytes: number;
				readonly most: number;
		  };
	InlineCredentials: {
		/** The fields with credentials, sorted. */
		readonly fields: readonly string[];
		/** Where the credentials belong. */
		readonly instead:
			| "backendConfig"
			| "backendConfigSecret"
			| "connectionSecret"
			| "runnerFileSecret"
			| "secretKeyRef"
			| "never"
			| "nowhere";
	};
	/** The cluster's administrator did not permit it. `value` is absent if no value of the field is permitted. */
	Unsupported: {
		readonly about: "grant";
		readonly field: string;
		readonly value?: string;
		readonly allowed: readonly string[];
	};
}
