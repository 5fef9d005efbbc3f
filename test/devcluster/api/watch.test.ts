import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { Agent } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { followWatch } from "../../../devcluster/api/watch.ts";
import { tcpAddress } from "../../../server/connections.ts";

const line = (type: string, name: string, resourceVersion: string) =>
	`${JSON.stringify({ type, object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name, resourceVersion } } })}\n`;

/** Each watch is answered by the next of the answers; the last one goes on. */
async function watched(...answers: readonly ((response: ServerResponse) => void)[]) {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		asked.push(new URL(request.url ?? "", "http://x").searchParams.get("resourceVersion") ?? "");
		answers[Math.min(asked.length, answers.length) - 1]?.(response);
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	const dispatcher = new Agent();
	const stopping = new AbortController();
	onTestFinished(async () => {
		stopping.abort();
		server.closeAllConnections();
		server.close();
		await dispatcher.destroy();
	});
	const seen: string[] = [];
	const ended = followWatch(
		{ server: `http://127.0.0.1:${tcpAddress(server.address()).port}` },
		dispatcher,
		"/api/v1/configmaps",
		"5",
		(event) => void seen.push(event.type === "EXPIRED" ? "EXPIRED" : `${event.type} ${event.object.metadata.name}`),
		stopping.signal,
	);
	// Some reject before the test looks.
	ended.catch(() => {});
	return { asked, seen, ended, stop: () => stopping.abort() };
}

const open = (response: ServerResponse) => response.writeHead(200).flushHeaders();

test("it goes on after the last version that it has seen, bookmarks too", async () => {
	const { asked, seen, ended, stop } = await watched(
		(response) => response.end(line("ADDED", "a", "6") + line("MODIFIED", "a", "7")),
		(response) => response.end(line("BOOKMARK", "", "9")),
		open,
	);
	await expect.poll(() => asked).toEqual(["5", "7", "9"]);
	expect(seen).toEqual(["ADDED a", "MODIFIED a"]);
	stop();
	await ended;
});

test("a line may come in pieces, with letters cut in two", async () => {
	const { seen } = await watched((response) => {
		const bytes = Buffer.from(line("ADDED", "gr\u00fcn", "6"));
		open(response);
		const cut = bytes.indexOf(0xc3) + 1;
		response.write(bytes.subarray(0, cut));
		setTimeout(() => response.write(bytes.subarray(cut)), 20);
	});
	await expect.poll(() => seen).toEqual(["ADDED gr\u00fcn"]);
});

test.each<[string, (response: ServerResponse) => void]>([
	["an error in it", (response) => response.end(`${line("ADDED", "a", "6")}{"type":"ERROR","object":{"code":410}}\n`)],
	["an answer 410", (response) => response.writeHead(410).end("{}")],
	["a connection that breaks", (response) => response.destroy()],
	["a line that is no JSON", (response) => response.end("<html>\n")],
])("%s is its end: it is to be listed again", async (_, answer) => {
	const { seen, ended } = await watched(answer);
	await ended;
	expect(seen.at(-1)).toBe("EXPIRED");
});

test("what the server refuses is an error", async () => {
	const { seen, ended } = await watched((response) =>
		response.writeHead(403).end('{"reason":"Forbidden","message":"no"}'),
	);
	await expect(ended).rejects.toMatchObject({ status: 403, reason: "Forbidden" });
	expect(seen).toEqual([]);
});
