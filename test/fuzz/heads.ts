import { type Head, headOf, type Make, OK, plain, TOKEN, UNREADABLE, whole, without } from "./message.ts";
import { CANARY } from "./mutations.ts";

// Requests whose first line or headers are wrong, or at least odd.

export const method: Make = ({ path, body }, random) => {
	const used = random.of([
		"GET",
		"PUT",
		"DELETE",
		"PATCH",
		"OPTIONS",
		"HEAD",
		"PROPFIND",
		"PURGE",
		"TRACE",
		"BREW",
		"post",
		"CONNECT",
	]);
	const text = Buffer.from(random.once(2) ? body : "");
	return {
		kind: "wrong method",
		path,
		bytes: whole({ method: used, target: path }, text),
		headOnly: used === "HEAD",
		// What Node knows no method by that name for is not HTTP to it; a tunnel is closed without a word.
		expected: [{ statuses: [405, 404, 400] }],
		mayBeCut: used === "CONNECT" || used === "BREW" || used === "post",
	};
};

export const target: Make = ({ path, body }, random) => {
	const wrong = random.of([
		`${path}/`,
		`/${path}`,
		path.toUpperCase(),
		`${path}%00`,
		`${path}/..${path}`,
		`/%2e%2e${path}`,
		`${path}%`,
		`${path}%zz`,
		`${path};a=b`,
		`${path}status`,
		"/",
		"*",
		"/__proto__/sync",
		"/constructor",
		"/metrics/../secrets",
		`/${"a/".repeat(2000)}`,
		`http://user:${CANARY}@elsewhere/`,
		"//evil.example.com/",
		"\\",
	]);
	return {
		kind: "wrong path",
		path: wrong,
		bytes: whole({ target: wrong }, Buffer.from(body)),
		expected: [{ statuses: [404, 400] }],
		mayBeCut: true,
	};
};

export const query: Make = (good, random) => ({
	kind: "query",
	path: good.path,
	bytes: whole(
		{ target: `${good.path}?${random.of(["", "?", `a=${CANARY}`, "%", "x".repeat(5000)])}` },
		Buffer.from(good.body),
	),
	expected: [{ statuses: OK, good }],
});

export const token: Make = (good, random) => {
	const values = random.of([
		[],
		[""],
		["Bearer"],
		["Bearer "],
		[`Bearer ${TOKEN.slice(0, random.between(1, TOKEN.length - 1))}`],
		[`Bearer ${TOKEN.slice(1)}`],
		[`Bearer ${TOKEN}x`],
		[`Bearer ${TOKEN.toUpperCase()}`],
		[`Bearer ${TOKEN} ${TOKEN}`],
		[`Bearer ${TOKEN}, Bearer ${TOKEN}`],
		[`Basic ${Buffer.from(`a:${TOKEN}`).toString("base64")}`],
		[TOKEN],
		[`Bearer ${CANARY}-of-another`, `Bearer ${TOKEN}`],
		[`Bearer ${"x".repeat(10_000)}`],
		[`Bearer \u00e9${TOKEN}`],
	]);
	const headers = [...without("authorization"), ...values.map((value) => ["authorization", value] as const)];
	return plain("wrong token", good, Buffer.from(good.body), [401], { headers });
};

export const contentType: Make = (good, random) => {
	const types = random.of([
		[],
		["text/plain"],
		[""],
		["application/x-www-form-urlencoded"],
		["multipart/form-data; boundary=x"],
		["application/jsonx"],
		["application/yaml"],
		[";"],
		["application/json/x"],
	]);
	const headers = [...without("content-type"), ...types.map((type) => ["content-type", type] as const)];
	return plain("wrong content type", good, Buffer.from(good.body), [415], { headers });
};

export const rightContentType: Make = (good, random) => {
	const type = random.of([
		"application/json; charset=utf-8",
		"APPLICATION/JSON",
		"application/json;charset=utf-16",
		"application/json; x=y",
	]);
	const headers = [...without("content-type"), ["content-type", type] as const];
	return {
		kind: "content type, written otherwise",
		path: good.path,
		bytes: whole({ target: good.path, headers }, Buffer.from(good.body)),
		expected: [{ statuses: OK, good }],
	};
};

export const headers: Make = (good, random) => {
	const [statuses, more, head] = random.of<readonly [readonly number[], string, Head]>([
		[[431], `x-long: ${"x".repeat(20_000)}\r\n`, {}],
		[OK, Array.from({ length: 60 }, (_, index) => `x-${index}: y\r\n`).join(""), {}],
		[UNREADABLE, `no header ${CANARY}\r\n`, {}],
		[UNREADABLE, "x: a\u0000b\r\n", {}],
		[UNREADABLE, "content-length: -1\r\n", {}],
		[UNREADABLE, "content-length: 1e3\r\n", {}],
		[UNREADABLE, "transfer-encoding: chunked\r\n", {}],
		[UNREADABLE, "transfer-encoding: gzip\r\n", {}],
		[[417], "expect: the-impossible\r\n", {}],
		[OK, "expect: 100-continue\r\n", {}],
		[OK, `x-forwarded-for: ${CANARY}\r\ncookie: a=${CANARY}\r\n`, {}],
		[OK, "__proto__: x\r\nconstructor: y\r\n", {}],
		[OK, "connection: upgrade\r\nupgrade: websocket\r\n", {}],
		[UNREADABLE, "", { headers: without("host") }],
		[[400, 505], "", { version: "9.9" }],
		[OK, "", { version: "1.0" }],
	]);
	const sent = `${headOf({ target: good.path, ...head })}${more}content-length: ${Buffer.byteLength(good.body)}\r\n\r\n`;
	return {
		kind: "odd headers",
		path: good.path,
		bytes: Buffer.concat([Buffer.from(sent, "latin1"), Buffer.from(good.body)]),
		expected: [{ statuses, ...(statuses === OK && { good }) }],
	};
};
