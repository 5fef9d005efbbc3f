import type { FindingOf, RefusalReason } from "../schemas/findings/finding.ts";
import { connectionParts, credentialPaths } from "./connection.ts";

/** An error of the user in a spec: the children stay unchanged, and Ready has the cause. */
export interface Refusal {
	readonly refused: true;
	/** The message names the field, the value and the remedy. */
	readonly finding: FindingOf<RefusalReason>;
}

export const refusal = (finding: Refusal["finding"]): Refusal => ({ refused: true, finding });

/** Of addresses that pods, proxies and statuses carry as they are: none may have credentials, whatever the installation allows. */
export const credentialsShown = (addresses: Readonly<Record<string, string | undefined>>): Refusal | undefined => {
	const fields = Object.entries(addresses)
		.filter(([, address]) => address !== undefined && connectionParts(address).credentials)
		.map(([field]) => field);
	return fields.length === 0
		? undefined
		: refusal({ reason: "InlineCredentials", fields: fields.toSorted(), instead: "never" });
};

/** Of free-form data in a spec: all texts that have credentials. `path` is its place, such as "spec.config". */
export const credentialsWritten = (
	data: unknown,
	path: string,
	instead: FindingOf<"InlineCredentials">["instead"],
): Refusal | undefined => {
	const fields = credentialPaths(data).toSorted();
	return fields.length === 0
		? undefined
		: refusal({ reason: "InlineCredentials", fields: fields.map((field) => `${path}.${field}`), instead });
};

export const isRefusal = (value: object): value is Refusal => "refused" in value;
