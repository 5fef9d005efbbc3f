import { expect, test } from "vitest";
import { Refusal } from "../../server/rejected-request.ts";
import { announcedBytes, pathOf } from "../../server/request-guard.ts";
import { syncBody, toyApp, toyLimits, toyRow } from "./toy.ts";

test.each([
	["/toy/sync", "/toy/sync"],
	["/toy/sync?token=CANARY?x", "/toy/sync"],
	["/?", "/"],
	["http://u:CANARY@host/toy/sync", "no path"],
	["*", "no path"],
])("the path of %s is %s", (url, path) => {
	expect(pathOf({ url })).toBe(path);
});

test.each([
	[{}, undefined],
	[{ "content-length": "0" }, 0],
	[{ "content-length": "12" }, 12],
])("the body with the headers %o has %s bytes", (headers, bytes) => {
	expect(announcedBytes({ headers })).toBe(bytes);
});

test.each([
	["GET", "/toy/sync", 405, "POST"],
	["POST", "/healthz", 405, "GET, HEAD"],
	["POST", "/toy/other", 404, undefined],
	["GET", "/toy/sync/x?y", 404, undefined],
] as const)("%s %s is %d", async (method, url, status, allow) => {
	const response = await toyApp(toyRow()).app.inject({ method, url });
	expect([response.statusCode, response.headers["allow"]]).toEqual([status, allow]);
});

test.each([
	["/healthz", "anonymous", 200],
	["/readyz", "authenticated", 200],
	["/metrics", "anonymous", 200],
	["/metrics", "authenticated", 401],
	["/metrics", "off", 401],
	["/toy/sync", "anonymous", 401],
	["/toy/unknown", "anonymous", 401],
] as const)("a stranger that asks for %s, with %s metrics, gets %d", async (url, metricsAccess, status) => {
	const strange = () => new Refusal("PRISM_ERR_NO_TOKEN");
	const { app } = toyApp(toyRow(), { strange, metricsAccess });
	expect((await app.inject({ method: "GET", url })).statusCode).toBe(status);
});

test("an overloaded server spreads the retries, and still answers probes", async () => {
	const { app, post } = toyApp(toyRow(), { limits: { ...toyLimits, requests: 0 } });
	const seconds: unknown[] = [];
	for (let count = 0; count < 6; count++) {
		const { statusCode, headers } = await post("/toy/sync", syncBody());
		expect(statusCode).toBe(429);
		seconds.push(headers["retry-after"]);
	}
	expect(seconds).toEqual(["1", "2", "3", "4", "5", "1"]);
	expect((await app.inject("/healthz")).statusCode).toBe(200);
});

test.each([
	[true, "/toy/sync", "keep-alive"],
	[false, "/toy/sync", "close"],
	[true, "/healthz", "close"],
])("with readiness %s, the connection of %s is told to %s", async (isReady, url, connection) => {
	const { app } = toyApp(toyRow(), { ready: () => isReady });
	const response = await app.inject({ method: url === "/healthz" ? "GET" : "POST", url, payload: syncBody() });
	expect(response.headers["connection"]).toBe(connection);
});
