import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Server } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import { freePort, isFree } from "../../../devcluster/free-port.ts";
import { listen } from "../../../devcluster/proxy/listener.ts";
import { atTheEnd, endAll } from "./started.ts";

afterEach(endAll);

const listening = async () => {
	const port = await freePort();
	const listener = await listen(new Server(), port);
	atTheEnd(() => listener.close());
	const dial = async () => {
		const socket = connect(port, "127.0.0.1");
		atTheEnd(() => socket.destroy());
		await once(socket, "connect");
		// The server's first settings: it has the connection.
		await once(socket, "data");
		return socket;
	};
	return { port, listener, dial };
};
const ended = (socket: Socket): Promise<string> =>
	new Promise((resolve) => {
		socket
			.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""))
			.once("close", () => resolve("closed"));
	});

test("a reset breaks the connection of one peer, and of no other", async () => {
	const { listener, dial } = await listening();
	const [first, second] = [await dial(), await dial()];
	const broken = ended(first);
	listener.reset("127.0.0.1:1");
	listener.reset(`127.0.0.1:${first.localPort}`);
	expect(await broken).toBe("ECONNRESET");
	expect([second.destroyed, second.readyState]).toEqual([false, "open"]);
});

test("after the close there is no connection, and the port is free", async () => {
	const { port, listener, dial } = await listening();
	const socket = ended(await dial());
	await listener.close();
	await socket;
	expect(await isFree(port)).toBe(true);
});

test("a port that is taken is an error", async () => {
	const { port } = await listening();
	await expect(listen(new Server(), port)).rejects.toMatchObject({ code: "EADDRINUSE" });
});
