import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { freePort, isFree } from "../../devcluster/free-port.ts";

test("a port is free until somebody listens on it, and again afterwards", async () => {
	const port = await freePort();
	expect(await isFree(port)).toBe(true);
	const server = createServer().listen(port, "127.0.0.1");
	onTestFinished(() => void server.close());
	await once(server, "listening");
	expect(await isFree(port)).toBe(false);
	server.close();
	await once(server, "close");
	expect(await isFree(port)).toBe(true);
});

test("ports are below those of outgoing connections", async () => {
	for (let count = 0; count < 20; count++) {
		const port = await freePort();
		expect(port).toBeGreaterThanOrEqual(20_000);
		expect(port).toBeLessThan(30_000);
	}
});
