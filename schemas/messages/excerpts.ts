import { UNFINISHED } from "./annotations.ts";

// Parts of messages, for programs that print the rest in another form. If another version wrote the message, they return all of it.

/** The part of a message about the finding without the pause. */
export const unfinishedPart = (message: string): string =>
	message.startsWith(UNFINISHED) ? message.slice(UNFINISHED.length) : message;
