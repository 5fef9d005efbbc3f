import { once } from "node:events";
import { Agent } from "node:https";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import type { RunningServer } from "../../server/server.ts";
import { call, RELOAD_MS, until } from "../server/started.ts";
import { files, first, handshake, REFUSED, second, shown, startTls, trusting } from "../server/tls.ts";
import { syncBody } from "../server/toy.ts";

// All files of certificates may be replaced while the server runs, and no call fails of it.

describe("a certificate that is replaced while the server runs", () => {
	test("is shown to whoever connects from then on; earlier connections end after an answer", async () => {
		const { server, captured, swap } = await startTls(files(first));
		expect(await shown(server)).toBe("first");
		const busy = await handshake(server);
		busy.setEncoding("utf8");
		const body = JSON.stringify(syncBody());
		busy.write(
			`POST /toy/sync HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
		);
		await sleep(50);
		swap(files(second));
		await until(async () => (await shown(server)) === "second");
		busy.write(body);
		const answer = await readText(busy);
		expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
		expect(answer.toLowerCase()).toContain("connection: close\r\n");
		expect(captured.lines("reloaded, and in use")).toHaveLength(1);
	});

	const BODY = JSON.stringify(syncBody());
	const REQUEST = `POST /toy/sync HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;
	/** A connection that was used once, and is kept. */
	const kept = async (server: RunningServer): Promise<TLSSocket> => {
		const socket = await handshake(server);
		socket.setEncoding("utf8");
		socket.write(REQUEST);
		const [answer] = (await once(socket, "data")) as [string];
		expect(answer.toLowerCase()).toContain("connection: keep-alive");
		return socket;
	};

	test("leaves callers the connections that they keep for one more call", async () => {
		const { server, swap } = await startTls(files(first));
		const socket = await kept(server);
		swap(files(second));
		await until(async () => (await shown(server)) === "second");
		await sleep(200);
		socket.write(REQUEST);
		const answer = await readText(socket);
		expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
		expect(answer.toLowerCase()).toContain("connection: close\r\n");
	});

	test("ends connections that nobody uses any more, and not those that came after", { timeout: 30_000 }, async () => {
		const { server, swap } = await startTls(files(first));
		const [early, unused] = [await kept(server), await handshake(server)];
		swap(files(second));
		await until(async () => (await shown(server)) === "second");
		const late = await kept(server);
		let lateEnded = false;
		late.once("close", () => {
			lateEnded = true;
		});
		await Promise.all([early, unused].map((socket) => once(socket.resume(), "close")));
		await sleep(500);
		expect(lateEnded).toBe(false);
		late.destroy();
	});

	test("fails no call that is under way, however often it is replaced", { timeout: 60_000 }, async () => {
		const { server, captured, swap } = await startTls(files(first));
		const ended = new AbortController();
		let fresh = 0;
		const failures: string[] = [];
		const caller = async (pauseMs: number) => {
			const agent = new Agent({ keepAlive: true, maxSockets: 1 });
			while (!ended.signal.aborted) {
				const told = await call(server, undefined, { ...trusting, agent }).catch((error: unknown) => String(error));
				if (typeof told === "string") failures.push(told);
				else if (told.status !== 200) failures.push(`status ${told.status}`);
				else if (told.headers["connection"] === "close") fresh += 1;
				await sleep(pauseMs);
			}
			agent.destroy();
		};
		const callers = Promise.all(Array.from({ length: 12 }, (_, index) => caller(index % 4)));
		for (let round = 1; round <= 6; round += 1) {
			await sleep(100);
			swap(files(round % 2 === 0 ? first : second));
			await until(() => captured.lines("reloaded, and in use").length === round);
		}
		await sleep(100);
		ended.abort();
		await callers;
		expect(failures).toEqual([]);
		// Each caller was told to come anew each time.
		expect(fresh).toBeGreaterThan(30);
	});

	test.each([
		{
			reason: "a broken pair",
			content: files({ ...second, key: first.key }),
			cause: "the key is not the certificate's",
		},
		{
			reason: "half a certificate",
			content: files({ ...second, cert: second.cert.slice(0, 300) }),
			cause: "the certificate's file has no certificate",
		},
		{ reason: "no key", content: { "tls.crt": second.cert }, cause: "a file can't be read (ENOENT)" },
	])("$reason is refused, and the one from before stays", async ({ content, cause }) => {
		const { server, captured, swap } = await startTls(files(first));
		swap(content);
		await until(() => captured.lines(REFUSED).length > 0);
		await sleep(5 * RELOAD_MS);
		expect(captured.lines(REFUSED)).toEqual([expect.objectContaining({ level: 50, what: "certificates", cause })]);
		expect(await shown(server)).toBe("first");
		swap(files(second));
		await until(async () => (await shown(server)) === "second");
		expect((await call(server, undefined, trusting)).status).toBe(200);
	});
});
