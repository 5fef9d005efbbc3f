import type { Command } from "./command.ts";

// The Services of any CRD.

/** A Service of type LoadBalancer without an address. */
export interface MissingAddress {
	readonly service: string;
	readonly seconds: number;
	readonly remedy: Command;
}

export interface ServiceFindings {
	/** For addresses that a spec requests. For others it is a warning. */
	NoAddress: MissingAddress;
}

export interface ServiceWarnings {
	NoAddress: MissingAddress;
	/** Labels in a Service's selector that the operator did not set: the Service excludes pods without them. */
	ForeignSelector: { readonly service: string; readonly labels: readonly string[] };
}
