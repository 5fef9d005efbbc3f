/** A user's mistake that can't be carried out: the children stay as they were, and Ready says why. */
export interface Refusal {
	readonly refused: true;
	readonly reason: string;
	/** Names the field, the value and the way out. */
	readonly message: string;
}

export const refusal = (reason: string, message: string): Refusal => ({ refused: true, reason, message });

export const isRefusal = (value: object): value is Refusal => "refused" in value;
