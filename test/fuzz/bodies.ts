import { BODY, type Case, type Make, OK, plain, UNREADABLE, whole } from "./message.ts";
import { mutatedBytes, mutatedTree, withDuplicateKey } from "./mutations.ts";
import type { Good } from "./requests.ts";

// Requests whose body is wrong, and the ones that are sound.

export const sound: Make = (good) => ({
	kind: "sound",
	path: good.path,
	bytes: whole({ target: good.path }, Buffer.from(good.body)),
	expected: [{ statuses: OK, good }],
});

const MIB = 1024 * 1024;

/** Several mutations of one text can make it larger than a body may be. */
const grown = (kind: string, good: Good, text: string): Case => {
	const body = Buffer.from(text);
	return body.length > 16 * MIB ? { ...plain(kind, good, body, [413]), mayBeCut: true } : plain(kind, good, body, BODY);
};

export const tree: Make = (good, random) => grown("tree mutated", good, mutatedTree(good.body, random));

export const otherHook: Make = (good, random, pool) =>
	grown("another hook's body", random.of(pool), mutatedTree(good.body, random));

export const duplicate: Make = (good, random) =>
	plain("duplicate keys", good, Buffer.from(withDuplicateKey(good.body, random)), BODY);

export const bytes: Make = (good, random) =>
	plain("bytes mutated", good, mutatedBytes(Buffer.from(good.body), random), BODY);

export const noRequest: Make = (good, random) => {
	const body = random.of(["", " ", "null", "0", '"x"', "[]", "{}", "[[]]", "true", "{", '{"parent":{}}', "NaN", "'a'"]);
	return plain("no request at all", good, Buffer.from(body), UNREADABLE);
};

export const deep: Make = (good, random) => {
	const [open, shut] = random.of([
		["[", "]"],
		['{"a":', "}"],
		["[{", "}]"],
	] as const);
	const depth = random.between(600, 50_000);
	const body = `${open.repeat(depth)}${random.once(2) ? shut.repeat(depth) : ""}`;
	return plain("very deep", good, Buffer.from(body), UNREADABLE);
};

export const large: Make = (good, random) => {
	const size = random.between(MIB, 17 * MIB);
	const body = Buffer.alloc(size, random.of(["x", " ", "[", "0,", '"', "\\", '{"a":']));
	if (random.once(2)) body.write(good.body.slice(0, -1), "utf8");
	return { ...plain("very large", good, body, [400, 413]), mayBeCut: true };
};
