// Whether a proxy accepts a call about a namespace: a decision over what it knows already. Pure, so that the rules
// can be read in one place; a control plane abides by the same.

/** What a proxy knows of a name: the record that it has, and the version up to which it was revoked. */
export interface Known {
	readonly record: { readonly owner: string; readonly version: number } | undefined;
	readonly tombstone: number | undefined;
}

/** Who wants to change a namespace, and what state of theirs that belongs to. */
export interface Claim {
	readonly name: string;
	/** Empty: none. */
	readonly owner: string;
	readonly version: number;
}

const STALE = "stale version";
const EXISTS = "already exists";
const belongsToAnother = (name: string) => `namespace ${name} belongs to another owner`;

/** Why a namespace is not assigned, in the words of the answer; undefined: it is. */
export const assignmentRefused = ({ record, tombstone }: Known, claim: Claim): string | undefined => {
	// A record without an owner was made by hand, and is as little to be taken over as another owner's.
	if (record !== undefined && record.owner !== claim.owner) return belongsToAnother(claim.name);
	// A late assignment must not undo what came after it: neither a newer one nor a revocation.
	return claim.version < Math.max(record?.version ?? 0, tombstone ?? 0) ? STALE : undefined;
};

/** Unlike an assignment, a creation is not to be repeated. */
export const creationRefused = (known: Known, claim: Claim): string | undefined =>
	known.record === undefined ? assignmentRefused(known, claim) : EXISTS;

/** What is not there can be revoked as often as one likes. Version 0 is one that was not sent. */
export const revocationRefused = ({ record }: Known, claim: Claim): string | undefined => {
	if (record === undefined) return undefined;
	if (record.owner !== claim.owner) return belongsToAnother(claim.name);
	return claim.version !== 0 && claim.version < record.version ? STALE : undefined;
};
