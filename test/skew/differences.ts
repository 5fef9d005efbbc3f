// Where today's version is meant to differ from the one before. An entry that does not apply any more fails a test.

export interface Difference {
	/** Kind of a child, or of one of our objects. */
	readonly kind: string;
	/** Place in it, such as spec.template.spec.containers; a place below it is meant, too. */
	readonly path: string;
	/** What the reader of an upgrade's notes should know. */
	readonly reason: string;
}

/** Children that both versions make, and make differently: pods may roll once, and while both run, more than once. */
export const INTENDED_CHILDREN: readonly Difference[] = [];

/** Changes of the kinds' schemas that are not compatible by themselves; path as the comparison prints it. */
export const INTENDED_SCHEMAS: readonly Difference[] = [
	{
		kind: "PrismShard",
		path: "v1alpha1: a rule is new: has(self.status) || !self.metadata.name.matches('(^|-)(proxy|admin|headless)$')",
		reason:
			"A new shard can't be named proxy, admin or headless, nor end in one of these: its objects could meet those of a stack. One that is there keeps its name: the rule passes whatever has a status.",
	},
];
