import { expect, it } from "vitest";
import { lackingIn } from "../../../schemas/findings/prismnamespace.ts";

it.each([
	["nothing is known", {}, {}],
	["there are only words", { message: "no" }, { words: "no" }],
	["a cause needs no words", { cause: "NotReady", message: "no" }, { cause: "NotReady" }],
	[
		"a server's own error is quoted",
		{ cause: "Unavailable", message: "no leader" },
		{ cause: "Unavailable", words: "no leader" },
	],
	["a server's own error may have none", { cause: "Unavailable" }, { cause: "Unavailable" }],
	["passing causes of earlier releases are one", { cause: "DeadlineExceeded" }, { cause: "NoAnswer" }],
	["a cause that nobody knows is left to its words", { cause: "Later", message: "no" }, { words: "no" }],
])("what an instance lacks: %s", (_what, its, expected) => {
	expect(lackingIn(its)).toStrictEqual(expected);
});
