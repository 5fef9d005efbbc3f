import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createCallHistory } from "../../../server/call-history.ts";
import { tcpAddress } from "../../../server/connections.ts";
import { createEvents } from "../../../server/dashboard/events.ts";
import { until } from "../started.ts";
import { captureLog, installation, NOW, toy } from "../toy.ts";

async function served() {
	const history = createCallHistory({
		limits: { callsPerObject: 1, bytes: 1024 * 1024 },
		log: captureLog().log,
		clock: () => 0,
	});
	const events = createEvents(history);
	const server = createServer((_request, response) => events.serve(response, { "x-from": "test" })).listen(
		0,
		"127.0.0.1",
	);
	await once(server, "listening");
	onTestFinished(() => {
		events.close();
		server.closeAllConnections();
		server.close();
	});
	const { port } = tcpAddress(server.address());
	const read = async () => {
		const [response] = (await once(get({ host: "127.0.0.1", port, agent: false }), "response")) as [IncomingMessage];
		let text = "";
		response.setEncoding("utf8").on("data", (part: string) => {
			text += part;
		});
		response.on("error", () => {});
		return { response, text: () => text };
	};
	const change = async () => {
		const request = { controller: {}, parent: toy, children: {}, related: {}, finalizing: false };
		history.keep(
			{ hook: "/toy/sync", parent: toy, request },
			{ context: { now: NOW, installation }, answer: { status: {}, children: [] } },
		);
		await turn();
	};
	return { events, read, change };
}

const changes = (text: string): number => text.split("event: change\ndata:\n\n").length - 1;

test("every reader is notified of changes, together and once a second at most", async () => {
	const { read, change } = await served();
	const readers = [await read(), await read()];
	for (const { response } of readers) {
		expect(response.headers).toMatchObject({ "x-from": "test", "content-type": "text/event-stream; charset=utf-8" });
	}
	for (let count = 0; count < 5; count++) await change();
	await until(() => readers.every(({ text }) => changes(text()) > 0));
	expect(readers.map(({ text }) => text())).toEqual(
		Array.from({ length: 2 }, () => "retry: 3000\n\nevent: change\ndata:\n\n"),
	);
	await change();
	await until(() => readers.every(({ text }) => changes(text()) === 2));
});

test("a reader beyond the sixteenth is rejected, until another one leaves", async () => {
	const { read } = await served();
	const readers = [];
	for (let count = 0; count < 16; count++) readers.push(await read());
	expect((await read()).response.statusCode).toBe(503);
	readers[0]?.response.destroy();
	await until(async () => (await read()).response.statusCode === 200);
});

test("the end closes streams, and is told of no change", async () => {
	const { events, read, change } = await served();
	const { response, text } = await read();
	const closed = new Promise((resolve) => response.once("close", resolve));
	await change();
	events.close();
	await closed;
	await sleep(20);
	expect(changes(text())).toBe(0);
});
