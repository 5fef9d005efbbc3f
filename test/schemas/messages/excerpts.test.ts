import { expect, it } from "vitest";
import { unfinishedPart } from "../../../schemas/messages/excerpts.ts";

it.each([
	["Paused before this was done: Deployment it is being created", "Deployment it is being created"],
	["Deployment it is being created", "Deployment it is being created"],
])("the part of a message that was under way: %s", (message, part) => {
	expect(unfinishedPart(message)).toBe(part);
});
