import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text as readText } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { errorBody } from "../../server/errors.ts";
import { createTurns } from "../../server/event-loop.ts";
import { createMetrics } from "../../server/metrics.ts";
import type { RunningServer } from "../../server/server.ts";
import { call, send, start, until } from "../server/started.ts";
import { answer, bareRow, MIB, syncBody, toyApp, toyRow } from "../server/toy.ts";

// More than the server can do: it says so, and when to come back; its probes answer, and so does it once there is less.

const OVERLOADED = errorBody("PRISM_ERR_OVERLOADED");

/** A call of which only the headers and one byte arrive; `end` goes away. */
async function begin({ address, port }: RunningServer, length = 1000): Promise<Socket> {
	const socket = connect(port, address);
	socket.on("error", () => {});
	await once(socket, "connect");
	socket.write(
		`POST /toy/sync HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n{`,
	);
	return socket;
}

const metric = async (server: RunningServer, line: string): Promise<number> => {
	const { text } = await send(server, "/metrics");
	return Number(
		text
			.split("\n")
			.find((row) => row.startsWith(`${line} `))
			?.slice(line.length + 1) ?? 0,
	);
};

const inFlight = (server: RunningServer) => metric(server, "prism_operator_hook_calls_in_flight");

describe("too many calls under way", () => {
	test("429 with Retry-After, and it recovers when they end", async () => {
		const { server, captured } = await start({ PRISM_MAX_REQUESTS: "2" });
		const first = await begin(server);
		const second = await begin(server);
		await until(async () => (await inFlight(server)) === 2);
		const waits = [];
		for (let attempt = 0; attempt < 6; attempt++) {
			const { status, headers, text } = await call(server);
			expect(status).toBe(429);
			expect(JSON.parse(text)).toEqual(OVERLOADED);
			waits.push(headers["retry-after"]);
		}
		expect(waits).toEqual(["1", "2", "3", "4", "5", "1"]);
		expect((await send(server, "/healthz")).status).toBe(200);
		expect((await send(server, "/readyz")).status).toBe(200);
		expect(await metric(server, 'prism_operator_overload_total{cause="requests"}')).toBe(6);
		expect(captured.lines("request refused")).toHaveLength(1);
		first.destroy();
		await until(async () => (await inFlight(server)) === 1);
		expect((await call(server)).status).toBe(200);
		second.destroy();
		await until(async () => (await inFlight(server)) === 0);
	});

	test("bodies that are announced count as a whole; one without a length as the largest", async () => {
		const { server } = await start();
		const sockets = [await begin(server, 16 * MIB - 1), await begin(server, 6 * MIB)];
		await until(async () => (await inFlight(server)) === 2);
		const chunked = { method: "POST", headers: { "transfer-encoding": "chunked" } };
		expect((await send(server, "/toy/sync", { ...chunked, body: "{}" })).status).toBe(429);
		expect(await metric(server, 'prism_operator_overload_total{cause="bytes"}')).toBe(1);
		sockets.pop()?.destroy();
		await until(async () => (await inFlight(server)) === 1);
		expect((await call(server)).status).toBe(200);
		for (const socket of sockets) socket.destroy();
	});
});

test("an event loop that is held up: 429, and it recovers by itself", async () => {
	const row = {
		...bareRow(toyRow(), "toy"),
		sync: () => {
			const end = performance.now() + 400;
			while (performance.now() < end);
			return answer;
		},
	};
	const { server } = await start({ PRISM_MAX_EVENT_LOOP_DELAY_MS: "100" }, [row]);
	expect((await call(server)).status).toBe(200);
	const { status, headers } = await call(server);
	expect(status).toBe(429);
	expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
	expect((await send(server, "/healthz")).status).toBe(200);
	expect(await metric(server, 'prism_operator_overload_total{cause="event-loop"}')).toBeGreaterThan(0);
	await until(async () => (await call(server)).status === 200);
});

test("connections above the limit are closed at once, and taken again when others end", async () => {
	const { server } = await start({ PRISM_MAX_CONNECTIONS: "3" });
	const open = await Promise.all([begin(server), begin(server), begin(server)]);
	const fourth = connect(server.port, server.address).on("error", () => {});
	expect(await readText(fourth).catch(() => "")).toBe("");
	for (const socket of open) socket.destroy();
	await until(async () => (await call(server).catch(() => undefined))?.status === 200);
	expect(await metric(server, "prism_operator_connections_dropped_total")).toBeGreaterThan(0);
	expect(await metric(server, "prism_operator_connections")).toBe(1);
});

test("a call whose caller went away before its turn does not reach the hook", async () => {
	const toys = toyRow();
	const { server } = await start({}, [toys.row]);
	const body = JSON.stringify(syncBody());
	const socket = connect(server.port, server.address);
	socket.write(
		`POST /toy/sync HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 9)}`,
	);
	socket.resetAndDestroy();
	expect((await call(server)).status).toBe(200);
	expect(toys.seen).toHaveLength(1);
});

describe("turns", () => {
	const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
	const busy = (ms: number) => {
		const end = performance.now() + ms;
		while (performance.now() < end);
	};

	test("let the event loop go around between pieces of work, and end what is begun first", async () => {
		const turns = createTurns();
		const order: string[] = [];
		const work = (name: string) => () => {
			order.push(name);
			busy(6);
		};
		const wait = turns.wrap(
			() => order.push("at once"),
			() => true,
		);
		turns.goOn(work("first"));
		turns.goOn(work("second"));
		wait({} as never, {} as never);
		await tick();
		order.push("around");
		while (order.length < 4) await tick();
		expect(order).toEqual(["at once", "first", "around", "second"]);
	});

	test("of work that has a result don't come all at once, when what they waited for is there", async () => {
		const turns = createTurns();
		const order: number[] = [];
		const results = Array.from({ length: 10 }, (_, index) =>
			turns.result(() => {
				busy(3);
				return order.push(index);
			}),
		);
		await tick();
		expect(order.length).toBeLessThan(5);
		expect(await Promise.all(results)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
		const failing = turns.result(() => {
			throw new Error("on purpose");
		});
		await expect(failing).rejects.toThrow("on purpose");
	});
});

describe("large bodies", () => {
	test("arrive one at a time, and small ones beside them", async () => {
		const { server } = await start();
		const first = await begin(server, 15 * MIB);
		await until(async () => (await inFlight(server)) === 1);
		const second = await begin(server, 15 * MIB);
		const [reply] = (await once(second, "data")) as [Buffer];
		expect(reply.toString().slice(0, 12)).toBe("HTTP/1.1 429");
		second.destroy();
		expect((await call(server)).status).toBe(200);
		expect(await metric(server, 'prism_operator_overload_total{cause="bytes"}')).toBe(1);
		first.destroy();
		await until(async () => (await inFlight(server)) === 0);
		const third = await begin(server, 15 * MIB);
		await until(async () => (await inFlight(server)) === 1);
		third.destroy();
	});
});

test("what can't be counted is an answer all the same", async () => {
	const metrics = createMetrics([toyRow().row]);
	const { post, captured } = toyApp(toyRow(), {
		metrics: {
			...metrics,
			concluded: () => {
				throw new Error("NaN");
			},
		},
	});
	expect((await post("/toy/sync", syncBody())).statusCode).toBe(200);
	expect(captured.lines("cannot record a call")).toHaveLength(1);
});
