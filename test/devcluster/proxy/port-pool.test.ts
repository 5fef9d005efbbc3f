import { createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createPorts } from "../../../devcluster/proxy/port-pool.ts";
import { atTheEnd, endAll } from "./started.ts";

afterEach(endAll);

describe("ports", () => {
	test("one that was given up is nobody else's for long, and its former key gets it back", async () => {
		const ports = createPorts();
		const first = await ports.take("a");
		expect(await ports.take("a")).toBe(first);
		ports.giveUp("a");
		const others = await Promise.all(Array.from({ length: 20 }, (_, index) => ports.take(`other-${index}`)));
		expect(new Set(others).size).toBe(20);
		expect(others).not.toContain(first);
		expect(await ports.take("a")).toBe(first);
	});

	test("more than fit into a part of them are found in the others, and never one of them twice", async () => {
		const ports = createPorts();
		const taken = await Promise.all(Array.from({ length: 520 }, (_, index) => ports.take(`many-${index}`)));
		expect(new Set(taken).size).toBe(520);
	});

	test("one that somebody listens on is left out, also by its former key", async () => {
		const ports = createPorts(7);
		const port = await ports.take("a");
		ports.giveUp("a");
		const server = createServer();
		atTheEnd(() => server.close());
		await new Promise<void>((resolve) => void server.listen(port, "127.0.0.1", resolve));
		expect(await createPorts(7).take("b")).not.toBe(port);
		expect(await ports.take("a")).not.toBe(port);
	});
});
