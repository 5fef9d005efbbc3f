import { isRecord } from "../../kube/object.ts";
import type { Random } from "./random.ts";

// Bodies that nobody should send, made of bodies that are fine: first as a tree of values, then as text, then as bytes.

/** In the places of values: in no log line, and in no answer but a child that the value is for. */
export const CANARY = "c4n4ry";
/** In the place of a password: not even in a status. */
export const PASSWORD = `${CANARY}-password`;

// ── Trees ───────────────────────────────────────────────────────────────────────────────────────────────────────────

type Path = readonly (string | number)[];

/** The body with one to four of its places changed. */
export const mutatedTree = (body: string, random: Random): string => {
	const tree: unknown = JSON.parse(body);
	let changed = tree;
	for (let count = random.between(1, 4); count > 0; count--)
		changed = mutatedAt(changed, pathIn(changed, random), random);
	return withRaw(JSON.stringify(changed) ?? "null");
};

/** A place that is likely to be deep: most of a body is not its envelope. */
const pathIn = (tree: unknown, random: Random): Path => {
	const path: (string | number)[] = [];
	for (let at = tree; !random.once(8); ) {
		const keys: (string | number)[] = Array.isArray(at) ? [...at.keys()] : isRecord(at) ? Object.keys(at) : [];
		if (keys.length === 0) break;
		const key = random.of(keys);
		path.push(key);
		at = Array.isArray(at) ? at[Number(key)] : isRecord(at) ? at[key] : undefined;
	}
	return path;
};

const mutatedAt = (tree: unknown, path: Path, random: Random): unknown => {
	// Names are logged, and quoted in messages: what stands there is no secret.
	const named = path.some((step) => ["metadata", "name", "kind", "apiVersion", "namespace"].includes(String(step)));
	const keepsCredentials = path.some((step) => /url|connection|config|options/i.test(String(step)));
	return change(tree, path, (value) => mutated(value, random, named, keepsCredentials));
};

const change = (value: unknown, [step, ...rest]: Path, at: (value: unknown) => unknown): unknown => {
	if (step === undefined) return at(value);
	if (Array.isArray(value))
		return value.map((item: unknown, index) => (index === step ? change(item, rest, at) : item));
	if (!isRecord(value)) return at(value);
	return { ...value, [step]: change(value[step], rest, at) };
};

const mutated = (value: unknown, random: Random, named: boolean, keepsCredentials: boolean): unknown => {
	const kind = random.of(["replaced", "replaced", "replaced", "poisoned", "key", "gone", "doubled", "huge"] as const);
	if (kind === "replaced") return random.once(4) && !named ? secretive(random, keepsCredentials) : random.of(WRONG);
	if (kind === "huge") return huge(random);
	if (kind === "gone") return undefined;
	if (kind === "doubled" && Array.isArray(value)) return value.concat(value);
	if (kind === "doubled" && typeof value === "string") return value.repeat(random.between(2, 40));
	if (!isRecord(value)) return random.of(WRONG);
	if (kind === "poisoned")
		return { ...value, [random.of(POISON)]: random.of([...WRONG, { [RAW_PROTO]: { isAdmin: true } }]) };
	return { ...value, [random.of(ODD_KEYS)]: random.of(WRONG) };
};

/** Where a connection is described, a status may not show a password. An image or an identifier is no place for one. */
const secretive = (random: Random, keepsCredentials: boolean): string => {
	const word = keepsCredentials ? PASSWORD : `${CANARY}-word`;
	return random.of([
		`postgres://user:${word}@db:5432/x`,
		`redis://:${word}@[::1]:6379`,
		`https://host/?password=${word}`,
		`${CANARY}-value`,
		`Bearer ${CANARY}-bearer`,
	]);
};

/** JSON.stringify writes strings only: these stand for text that it would never write. */
const RAW = (text: string) => `@raw ${text}@`;
const RAW_PROTO = "@proto@";

const WRONG: readonly unknown[] = [
	null,
	true,
	false,
	0,
	-1,
	-0.5,
	0.1,
	2 ** 31,
	2 ** 53 + 2,
	-(2 ** 63),
	1e300,
	RAW("1e999"),
	RAW("-1e999"),
	RAW("-0"),
	RAW("1E+2"),
	RAW("0.000000000000000000000000000000000001"),
	RAW("123456789012345678901234567890"),
	"",
	" ",
	"x",
	"-1",
	"NaN",
	"null",
	"1Ei",
	"1e999",
	"99999999999999999999Gi",
	"-5m",
	"0x10",
	"%s%n%x",
	"$(id)",
	"{{ .Values }}",
	"../../etc/passwd",
	"a\u0000b",
	"a\r\nb: c",
	"\ud800",
	"\u202e\u200b\ufeff",
	"𝒳😀",
	"İıſK",
	"2026-13-45T99:99:99Z",
	"9999-12-31T23:59:59Z",
	"-000001-01-01T00:00:00Z",
	"P1Y",
	"1h1h1h",
	"http://[::1",
	"://",
	"a".repeat(64),
	"a".repeat(300),
	"a.".repeat(200),
	"(a+)+$",
	[],
	[null],
	[[]],
	[1, "a", {}],
	{},
	{ "": "" },
	{ length: 3 },
	{ name: {} },
	{ toString: 1, valueOf: 2, toJSON: 3 },
	{ constructor: null },
];

const POISON = [
	RAW_PROTO,
	"constructor",
	"prototype",
	"hasOwnProperty",
	"toString",
	"valueOf",
	"toJSON",
	"then",
	"__defineGetter__",
];

const ODD_KEYS = [
	"",
	" ",
	".",
	"a/b",
	"a~b",
	"é",
	"😀",
	"\u0000",
	"length",
	"0",
	"-1",
	"x".repeat(300),
	"a.b/c",
	"name",
	"status",
];

const huge = (random: Random): unknown =>
	random.weighted<() => unknown>([
		[4, () => "x".repeat(random.between(1000, 20_000))],
		[4, () => Array.from({ length: random.between(100, 2000) }, (_, index) => index)],
		[
			3,
			() => Object.fromEntries(Array.from({ length: random.between(100, 1000) }, (_, index) => [`k${index}`, index])),
		],
		[3, () => nested(random.between(20, 480), random.once(2))],
		[1, () => nested(random.between(480, 3000), random.once(2))],
		[0.2, () => Array.from({ length: 60_000 }, () => 0)],
	])();

const nested = (depth: number, lists: boolean): unknown => {
	let value: unknown = 1;
	for (let level = 0; level < depth; level++) value = lists ? [value] : { a: value };
	return value;
};

const withRaw = (text: string): string =>
	text.replaceAll(/"@raw ([^@"]*)@"/g, (_, raw: string) => raw).replaceAll(`"${RAW_PROTO}"`, '"__proto__"');

// ── Texts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The same name twice in one object, the first or the second time with another value. */
export const withDuplicateKey = (body: string, random: Random): string => {
	const names = [...body.matchAll(/"(?:[^"\\]|\\.)*":/g)];
	if (names.length === 0) return body;
	const { 0: name, index } = random.of(names);
	const other = JSON.stringify(random.of([null, "x", 1, [], {}]));
	return `${body.slice(0, index)}${name}${other},${body.slice(index)}`;
};

// ── Bytes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Bytes that are changed, lost, doubled, cut off, or no UTF-8. */
export const mutatedBytes = (body: Buffer, random: Random): Buffer => {
	let bytes: Buffer = Buffer.from(body);
	for (let count = random.between(1, 3); count > 0; count--) bytes = random.of(DAMAGE)(bytes, random);
	return bytes;
};

const place = (bytes: Buffer, random: Random) => random.between(0, Math.max(0, bytes.length - 1));

const inserted = (bytes: Buffer, at: number, more: Uint8Array): Buffer =>
	Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);

const DAMAGE: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
	(bytes, random) => {
		if (bytes.length > 0) bytes[place(bytes, random)] = random.between(0, 255);
		return bytes;
	},
	(bytes, random) => {
		const at = place(bytes, random);
		return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.between(1, 20))]);
	},
	(bytes, random) => {
		const at = place(bytes, random);
		return inserted(bytes, at, bytes.subarray(at, at + random.between(1, 200)));
	},
	(bytes, random) => bytes.subarray(0, place(bytes, random)),
	(bytes, random) => inserted(bytes, place(bytes, random), random.of(NO_TEXT)),
	(bytes, random) => Buffer.concat([random.of(NO_TEXT), bytes]),
	(bytes, random) =>
		Buffer.concat([bytes, random.of([...NO_TEXT, Buffer.from("{}"), Buffer.from("]"), Buffer.from("\n\n")])]),
	(bytes) => Buffer.from(bytes.toString("latin1"), "utf16le"),
];

/** Overlong forms, lone continuations, surrogates, what no code point has, a mark of byte order, control characters. */
const NO_TEXT: readonly Buffer[] = [
	Buffer.from([0xc0, 0x80]),
	Buffer.from([0x80]),
	Buffer.from([0xed, 0xa0, 0x80]),
	Buffer.from([0xf5, 0x80, 0x80, 0x80]),
	Buffer.from([0xff, 0xfe]),
	Buffer.from([0xef, 0xbb, 0xbf]),
	Buffer.from([0x00]),
	Buffer.from([0x1b, 0x5b, 0x41]),
	Buffer.from("/* */"),
	Buffer.from("'"),
	Buffer.from("\\u0000"),
];
