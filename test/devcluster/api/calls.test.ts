import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";
import { Agent } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { apiError, createApiCalls, headersOf, urlOf } from "../../../devcluster/api/calls.ts";
import { freePort } from "../../../devcluster/free-port.ts";
import { tcpAddress } from "../../../server/connections.ts";

const callsTo = (server: string) => {
	const dispatcher = new Agent();
	onTestFinished(() => dispatcher.close());
	return createApiCalls({ server, token: "t" }, dispatcher);
};
async function served(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
	const seen: string[] = [];
	const server = createServer((request, response) => {
		void readText(request).then((body) => {
			seen.push(`${request.method} ${request.url} ${request.headers["content-type"] ?? "-"} ${body}`);
			return answer(request, response, body);
		});
	}).listen(0, "127.0.0.1");
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	await once(server, "listening");
	return { calls: callsTo(`http://127.0.0.1:${tcpAddress(server.address()).port}/k8s/`), seen };
}

test.each([
	["https://host:6443", "https://host:6443/api"],
	["https://host/path/", "https://host/path/api"],
])("below %s, the path is %s", (server, url) => {
	expect(urlOf({ server }, "/api")).toBe(url);
});

test.each([
	[{}, { accept: "application/json" }],
	[{ token: "t" }, { accept: "application/json", authorization: "Bearer t" }],
	[{ headers: { "x-user": "u" } }, { accept: "application/json", "x-user": "u" }],
])("with %o, the headers are %o", (credentials, headers) => {
	expect(headersOf({ server: "", ...credentials })).toEqual(headers);
});

test.each([
	['{"reason":"NotFound","message":"no such pod"}', "NotFound", "no such pod"],
	["{}", "", "{}"],
	["it is out\n", "", "it is out"],
	["", "", "the API server answered 503"],
])("the body %o of an answer is an error", (text, reason, message) => {
	expect(apiError(503, text)).toMatchObject({ status: 503, reason, message });
});

test("a call has its body and its type, and an answer as JSON", async () => {
	const { calls, seen } = await served((_request, response) => response.end('{"items":[]}'));
	expect(await calls.get("/api/v1/pods")).toEqual({ items: [] });
	await calls.send("POST", "/api", { a: 1 });
	await calls.send("PATCH", "/api", { a: 1 }, "application/merge-patch+json");
	expect(seen).toEqual([
		"GET /k8s/api/v1/pods - ",
		'POST /k8s/api application/json {"a":1}',
		'PATCH /k8s/api application/merge-patch+json {"a":1}',
	]);
});

test("a busy server is asked again, another error is one at once", async () => {
	const { calls, seen } = await served((_request, response) => {
		if (seen.length < 3) response.writeHead(429, { "retry-after": "0.01" }).end("busy");
		else response.writeHead(409).end('{"reason":"Conflict","message":"modified"}');
	});
	await expect(calls.send("PUT", "/api", {})).rejects.toMatchObject({ status: 409, reason: "Conflict" });
	expect(seen).toHaveLength(3);
});

test("a server that can't be reached is an error that tells why", async () => {
	const calls = callsTo(`http://127.0.0.1:${await freePort()}`);
	await expect(calls.get("/api")).rejects.toThrow(/cannot GET \/api: .*ECONNREFUSED/);
});
