// Values with which specs go wrong: at the bounds of sizes and numbers, in forms that are read in several ways, beyond what is
// written by people.

const nested = (levels: number): unknown =>
	Array.from({ length: levels }).reduce<unknown>(
		(inner, _, index) => (index % 2 === 0 ? { a: inner } : [inner]),
		"leaf",
	);

/** Text as JSON has it, for what no literal of JavaScript keeps. */
const parsed = (text: string): unknown => JSON.parse(text);

export const TEXTS: readonly string[] = [
	"",
	" ",
	"x".repeat(63),
	"x".repeat(64),
	"x".repeat(4096),
	"x".repeat(4097),
	"ünïcode",
	"日本語",
	"👩‍👩‍👧‍👦",
	"e\u0301",
	"\u202eright to left",
	"\u2028\u2029",
	"line\nbreak",
	"tab\t",
	"nul\u0000",
	"$(PRISM_BACKEND_URL) $\u007bHOME} $$",
	"<script>&amp;</script>",
	"../../etc/passwd",
	"yes",
	"null",
	"0x10",
	"1_000",
	"-",
	"a--b",
	"A",
];

export const NUMBERS: readonly unknown[] = [
	0,
	-1,
	1,
	2 ** 31 - 1,
	2 ** 31,
	-(2 ** 31) - 1,
	2 ** 53 - 1,
	2 ** 53,
	Number.MAX_VALUE,
	0.1,
	1.0000000000000002,
	5e-324,
	"1",
	true,
	null,
];

export const QUANTITIES: readonly unknown[] = [
	"0",
	"-1",
	"+1",
	"1n",
	"0.0001",
	"0.5m",
	"1500u",
	"1e-4",
	"1e3",
	"1E3",
	"1e21",
	"1e400",
	"1000E",
	"9E",
	"8Ei",
	"1.5Gi",
	"1024Mi",
	"0.1Gi",
	"1.0001Ki",
	"007",
	"5.",
	".5",
	"9223372036854775807",
	"9223372036854775808",
	"1234567890.123456789",
	"1mi",
	"128mb",
	"",
	2 ** 53,
	0.5,
	1000,
];

export const DURATIONS: readonly unknown[] = [
	"0s",
	"1ms",
	"1h1m1s",
	"1.5h",
	"999999999h",
	"1d",
	"-1s",
	"1",
	"1 s",
	"1S",
	"0.0000001s",
	"",
	"PT1H",
	30,
];

export const DATES: readonly string[] = [
	"2026-02-30T00:00:00Z",
	"2026-12-31T23:59:60Z",
	"0001-01-01T00:00:00Z",
	"9999-12-31T23:59:59Z",
	"2026-01-01T00:00:00+14:00",
	"2026-01-01",
	"now",
];

/** Of free-form maps. */
export const TREES: readonly unknown[] = [
	nested(60),
	nested(127),
	nested(129),
	nested(600),
	nested(1000),
	parsed('{"__proto__":{"polluted":true}}'),
	parsed('{"constructor":{"prototype":{"polluted":true}},"toString":1,"hasOwnProperty":2}'),
	{ "": "empty", " ": 1, "a.b": 2, "a-b": 3, ünï: 4, "a=b": 5, "x\ny": 6 },
	{ "max-conn": 1, "max.conn": 2 },
	{ id: 2 ** 53, ids: [2 ** 60, -(2 ** 62)] },
	{ ratio: 0.30000000000000004, tiny: 1e-9, zero: -0, large: 1e300 },
	{ none: null, list: [], map: {}, nested: [null, [], {}] },
	{ blob: "x".repeat(100_000) },
	{ blob: "x".repeat(124_000) },
	{ blob: "x".repeat(140_000) },
	{ blob: "<".repeat(40_000) },
	{ blob: "日".repeat(60_000) },
	{ blob: "x".repeat(400_000) },
	Object.fromEntries(Array.from({ length: 128 }, (_, index) => [`k${index}`, "x".repeat(1500)])),
	Object.fromEntries(Array.from({ length: 129 }, (_, index) => [`k${index}`, index])),
	{ list: Array.from({ length: 20_000 }, (_, index) => index) },
	{ date: "2026-02-30T00:00:00Z", yes: "yes", octal: "0644", url: "redis://user:password@host:6379" },
];

export const LISTS: readonly unknown[] = [
	[],
	Array.from({ length: 300 }, (_, index) => `n${index}`),
	["a", "a"],
	[""],
	null,
];
