import { chunked, headOf, type Make, OK, UNREADABLE, whole } from "./message.ts";
import { CANARY } from "./mutations.ts";

// Requests that arrive in pieces, late, by half, several at once, or that are no HTTP.

export const pipelined: Make = (_, random, pool) => {
	const goods = Array.from({ length: random.between(2, 12) }, () => random.of(pool));
	const sent = goods.map((good) => {
		if (random.once(3))
			return { bytes: whole({ target: good.path, method: "GET" }, Buffer.from("")), expected: { statuses: [405] } };
		return { bytes: whole({ target: good.path }, Buffer.from(good.body)), expected: { statuses: OK, good } };
	});
	return {
		kind: "pipelined",
		path: goods[0]?.path ?? "",
		bytes: Buffer.concat(sent.map((request) => request.bytes)),
		expected: sent.map(({ expected }) => expected),
	};
};

export const inChunks: Make = (good, random) => {
	const body = Buffer.from(good.body);
	const head = Buffer.from(`${headOf({ target: good.path })}transfer-encoding: chunked\r\n\r\n`);
	const end = random.of(["0\r\n\r\n", "0;x=y\r\n\r\n", `0\r\nx-trailer: ${CANARY}\r\n\r\n`]);
	return {
		kind: "in chunks",
		path: good.path,
		bytes: Buffer.concat([head, ...chunked(body, random.between(100, 5000)), Buffer.from(end)]),
		expected: [{ statuses: OK, good }],
	};
};

export const brokenChunks: Make = (good, random) => {
	const head = Buffer.from(`${headOf({ target: good.path })}transfer-encoding: chunked\r\n\r\n`);
	const bad = random.of([
		"zz\r\nx\r\n",
		"-1\r\nx\r\n",
		"ffffffffffffffffff\r\nx\r\n",
		"1\r\nxyz\r\n",
		"\r\n\r\n",
		`5;${"x".repeat(20_000)}\r\nabcde\r\n`,
	]);
	return {
		kind: "broken chunks",
		path: good.path,
		steps: [{ write: Buffer.concat([head, ...chunked(Buffer.from(good.body), 1000), Buffer.from(bad)]) }],
		expected: [{ statuses: [400, 413, 431] }],
		mayBeCut: true,
	};
};

export const truncated: Make = (good, random) => {
	const bytesOf = whole({ target: good.path }, Buffer.from(good.body));
	const cut = bytesOf.subarray(0, random.between(1, bytesOf.length - 1));
	return {
		kind: "truncated",
		path: good.path,
		steps: [{ write: cut }, { pauseMs: random.between(0, 20) }, random.once(2) ? { end: true } : { destroy: true }],
		expected: [{ statuses: UNREADABLE }],
		mayBeCut: true,
	};
};

/** All has arrived, and the caller is gone before it is answered. */
export const aborted: Make = (good, random) => ({
	kind: "aborted",
	path: good.path,
	steps: [
		{ write: whole({ target: good.path }, Buffer.from(good.body)) },
		{ pauseMs: random.between(0, 8) },
		{ destroy: true },
	],
	expected: [{ statuses: OK, good }],
	mayBeCut: true,
});

export const slow: Make = (good, random) => {
	const bytesOf = whole({ target: good.path }, Buffer.from(good.body));
	const split = random.between(1, bytesOf.length - 1);
	return {
		kind: "slow, but in time",
		path: good.path,
		steps: [
			{ write: bytesOf.subarray(0, split) },
			{ pauseMs: random.between(10, 500) },
			{ write: bytesOf.subarray(split) },
		],
		expected: [{ statuses: OK, good }],
	};
};

export const tooSlow: Make = (good, random) => {
	const bytesOf = whole({ target: good.path }, Buffer.from(good.body));
	const first = bytesOf.subarray(0, random.between(1, 200));
	const drip = random.once(2) ? [{ drip: Buffer.from("x"), everyMs: 100 }] : [];
	return {
		kind: "too slow",
		path: good.path,
		steps: [{ write: first }, ...drip],
		expected: [{ statuses: [408, 400, 431] }],
		// Who still writes when the connection is closed may not read the answer.
		mayBeCut: drip.length > 0,
	};
};

export const garbage: Make = ({ path }, random) => {
	const noise = Buffer.from(Array.from({ length: random.between(1, 400) }, () => random.between(0, 255)));
	const first = random.of(["", "GET ", "\u0016\u0003\u0001\u0002", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\r\n\r\n\r\n"]);
	return {
		kind: "no HTTP",
		path,
		steps: [{ write: Buffer.concat([Buffer.from(first, "latin1"), noise]) }, { pauseMs: 5 }, { end: true }],
		expected: [{ statuses: [400, 431] }],
		mayBeCut: true,
	};
};

export const probes: Make = (_, random) => {
	const [path, statuses] = random.of<readonly [string, readonly number[]]>([
		["/healthz", OK],
		["/readyz", OK],
		["/metrics", OK],
		["/metrics?x", OK],
	]);
	return {
		kind: "probes and metrics",
		path,
		bytes: Buffer.from(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`),
		expected: [{ statuses }],
	};
};
