import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { text as readText } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { refuseConnection } from "../../server/client-error.ts";
import { tcpAddress } from "../../server/connections.ts";

/** Both ends of a connection, on which a client sent something, or nothing. */
async function connected(sent: string) {
	const server = createServer().listen(0, "127.0.0.1");
	onTestFinished(() => void server.close());
	await once(server, "listening");
	const client = connect(tcpAddress(server.address()).port, "127.0.0.1").on("error", () => {});
	const [socket] = (await once(server, "connection")) as [Socket];
	socket.on("error", () => {});
	if (sent !== "") {
		client.write(sent);
		await once(socket, "data");
	}
	return { client, socket };
}

const warnings: unknown[] = [];
const refused = (code: string, socket: Socket) =>
	refuseConnection(Object.assign(new Error("CANARY"), { code }), socket, (fields) => void warnings.push(fields));

test.each([
	["ERR_HTTP_REQUEST_TIMEOUT", 408, "PRISM_ERR_TOO_SLOW"],
	["HPE_HEADER_OVERFLOW", 431, "PRISM_ERR_LARGE_HEADERS"],
	["HPE_INVALID_METHOD", 400, "PRISM_ERR_UNREADABLE"],
	["", 400, "PRISM_ERR_UNREADABLE"],
])("after %s the response is %d, and the end of the connection", async (code, status, answer) => {
	warnings.length = 0;
	const { client, socket } = await connected("G");
	expect(refused(code, socket)).toBe(status);
	const response = await readText(client);
	const [head = "", body = ""] = response.split("\r\n\r\n");
	expect(head.split("\r\n")[0]).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
	expect(head).toContain(`Content-Length: ${body.length}`);
	expect(JSON.parse(body)).toMatchObject({ code: answer });
	expect(response).not.toContain("CANARY");
	expect(warnings).toEqual([{ status, code }]);
});

test.each([
	["a failed handshake, which is logged", "ERR_SSL_HTTP_REQUEST", "G", 1],
	["a time limit on a spare connection", "ERR_HTTP_REQUEST_TIMEOUT", "", 0],
])("there is no response after %s", async (_, code, sent, logged) => {
	warnings.length = 0;
	const { client, socket } = await connected(sent);
	expect(refused(code, socket)).toBeUndefined();
	expect(await readText(client).catch(() => "")).toBe("");
	expect(socket.destroyed).toBe(true);
	expect(warnings).toHaveLength(logged);
});

test("an error after the response, or of a connection that broke, is not told again", async () => {
	warnings.length = 0;
	const { socket } = await connected("G");
	expect(refused("ECONNRESET", socket)).toBeUndefined();
	refused("HPE_INVALID_METHOD", socket);
	expect(refused("HPE_INVALID_METHOD", socket)).toBeUndefined();
	expect(warnings).toHaveLength(1);
});
