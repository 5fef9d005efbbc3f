import type { FindingOf, RefusalReason } from "../schemas/findings/finding.ts";
import { connectionParts, credentialPaths } from "./connection.ts";

/** A user's mistake that can't be carried out: the children stay as they were, and Ready says why. */
export interface Refusal {
	readonly refused: true;
	/** Names the field, the value and the way out. */
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
