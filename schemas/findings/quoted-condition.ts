/** A condition of another object, with that object's own message. */
export interface Quoted {
	readonly reason: string;
	readonly words: string;
}
