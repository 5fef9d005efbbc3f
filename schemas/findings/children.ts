import type { Command, Named } from "./command.ts";

// Children of any kind that are missing, or that differ from what the operator applies.

/** A field that the API server stores with another value than was sent. `stored` absent: it drops the field. */
export interface RewrittenField {
	readonly path: string;
	readonly sent: string;
	readonly stored?: string;
}

export interface ChildFindings {
	ChildRefused: {
		readonly child: Named;
		readonly change: "creation" | "update" | "correction";
		/** The field to correct. */
		readonly field?: { readonly path: string; readonly isMissing: boolean };
		/** Whether the name may be in use: not every kind of child is checked. */
		readonly isNameUnknown?: boolean;
		readonly seconds: number;
		readonly remedy: Command;
	};
	ChildTerminating: {
		readonly child: Named;
		readonly since: string;
		readonly finalizers: readonly string[];
		readonly remedy: Command;
	};
	NameTaken: {
		readonly child: Named;
		/** The object has no owner and was a child of an earlier object: restored from a backup, or orphaned by a deletion. */
		readonly isLeftOver?: true;
		readonly seconds: number;
		readonly remedy: Command;
	};
}

export interface ChildWarnings {
	/** Admission, or another client, changes the operator's fields on each write. */
	Rewritten: {
		readonly child: Named;
		readonly fields: readonly RewrittenField[];
		/** Makes the operator send its own values again. */
		readonly remedy: Command;
	};
}
