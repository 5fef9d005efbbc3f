import { once } from "node:events";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { tcpAddress, trackOpen } from "../../server/connections.ts";
import type { RunningServer } from "../../server/server.ts";
import { call, secretVolume, send, start, until } from "./started.ts";

const TOKEN = "CANARY-0123456789abcdef";

describe("what is open", () => {
	test("is gone when the last one closes", async () => {
		const { add, gone, open } = trackOpen<object>();
		await gone();
		const streams = [new PassThrough(), new PassThrough()];
		for (const stream of streams) add(stream, stream);
		const told: string[] = [];
		const ended = gone().then(() => told.push("gone"));
		streams[0]?.destroy();
		await turn();
		expect([open.size, told]).toEqual([1, []]);
		streams[1]?.destroy();
		await ended;
		expect(open.size).toBe(0);
	});
});

test.each([
	[{ address: "::1", family: "IPv6", port: 80 }, 80],
	["/run/socket", undefined],
	[null, undefined],
])("the port of %o is %s", (address, port) => {
	if (port === undefined) expect(() => tcpAddress(address)).toThrow("TCP");
	else expect(tcpAddress(address).port).toBe(port);
});

describe("connections that say nothing", () => {
	/** Reads until the other side closes it. */
	const idle = async ({ address, port }: RunningServer): Promise<Socket> => {
		const socket = connect(port, address).on("error", () => {});
		await once(socket, "connect");
		return socket.resume();
	};

	test("make room for callers, the oldest first; who has called stays", async () => {
		const tokens = secretVolume({ token: TOKEN });
		const { server } = await start({ PRISM_TOKEN_FILE: tokens.path("token"), PRISM_MAX_CONNECTIONS: "4" });
		const agent = new Agent({ keepAlive: true });
		const authorization = { authorization: `Bearer ${TOKEN}` };
		const sync = () => call(server, TOKEN, { agent });
		expect((await sync()).status).toBe(200);
		const [port] = Object.values(agent.freeSockets).flatMap(
			(sockets) => sockets?.map(({ localPort }) => localPort) ?? [],
		);
		const flood: Socket[] = [];
		for (let count = 0; count < 12; count++) flood.push(await idle(server));
		await until(() => flood.filter(({ closed }) => closed).length === 9);
		expect(flood.slice(-3).some(({ closed }) => closed)).toBe(false);
		// The kubelet's question, a scrape, and Metacontroller on the connection that it has kept.
		expect((await send(server, "/healthz")).status).toBe(200);
		expect((await send(server, "/metrics", { headers: authorization })).status).toBe(200);
		expect((await sync()).status).toBe(200);
		const ports = Object.values(agent.freeSockets).flatMap(
			(sockets) => sockets?.map(({ localPort }) => localPort) ?? [],
		);
		expect(ports).toEqual([port]);
		agent.destroy();
		for (const socket of flood) socket.destroy();
	});

	test("are not kept for what anybody may ask", async () => {
		const { server } = await start();
		const agent = new Agent({ keepAlive: true });
		for (const path of ["/healthz", "/readyz", "/metrics"])
			expect((await send(server, path, { agent })).headers["connection"]).toBe("close");
		expect((await call(server, undefined, { agent })).headers["connection"]).toBe("keep-alive");
		agent.destroy();
	});
});
