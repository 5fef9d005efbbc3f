import { UNFINISHED } from "./common.ts";

// Parts of messages, for who prints the rest in another form. What they are given was said here before, or by another version, of
// which they print all.

/** What such a message says of the time before, for one who says the rest in other words. */
export const unfinishedPart = (message: string): string =>
	message.startsWith(UNFINISHED) ? message.slice(UNFINISHED.length) : message;
