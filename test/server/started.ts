import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { Agent, request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest, Agent as TlsAgent, type RequestOptions as TlsRequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach } from "vitest";
import type { Row } from "../../kube/hook.ts";
import { readConfig } from "../../server/config.ts";
import { type RunningServer, type ServerOptions, startServer } from "../../server/server.ts";
import { captureLog, syncBody, toyRow } from "./toy.ts";

// Servers over real sockets, with files that are replaced under them. All end with their test.

export const RELOAD_MS = 25;

const undo: (() => unknown)[] = [];
afterEach(async () => {
	for (const step of undo.splice(0).toReversed()) await step();
});

export async function start(
	env: Record<string, string> = {},
	rows: readonly Row[] = [toyRow().row],
	options: Pick<ServerOptions, "resolve"> = {},
) {
	const captured = captureLog();
	// Tests share the processor with others: only those of overload want to be told of it.
	const calm = { PRISM_MAX_EVENT_LOOP_DELAY_MS: "60000" };
	const config = readConfig({ PORT: "0", SHUTDOWN_GRACE_SECONDS: "2", ...calm, ...env });
	const server = await startServer(config, rows, { ...options, log: captured.log, reloadMs: RELOAD_MS });
	undo.push(() => server.close());
	return { server, captured };
}

export interface Sent {
	readonly status: number | undefined;
	readonly headers: Record<string, unknown>;
	readonly text: string;
}

interface SendOptions extends TlsRequestOptions {
	readonly body?: string;
	readonly headers?: Readonly<Record<string, string>>;
}

/** One request over a connection of its own, unless an agent is given. */
export async function send(
	{ url }: Pick<RunningServer, "url">,
	path: string,
	{ body, ...options }: SendOptions = {},
): Promise<Sent> {
	const common: RequestOptions = {
		method: body === undefined ? "GET" : "POST",
		...options,
		headers: { "content-type": "application/json", ...options.headers },
	};
	const request = url.startsWith("https:")
		? httpsRequest(`${url}${path}`, { agent: new TlsAgent(), ...options, ...common })
		: httpRequest(`${url}${path}`, { agent: new Agent(), ...common });
	return new Promise((resolve, reject) => {
		request.once("error", reject);
		request.once("response", (response) => {
			const { statusCode: status, headers } = response;
			readText(response).then((text) => resolve({ status, headers, text }), reject);
		});
		request.end(body);
	});
}

/** A sync's call, with the token if there is one. */
export const call = (server: Pick<RunningServer, "url">, token?: string, options: SendOptions = {}) =>
	send(server, "/toy/sync", {
		...options,
		body: JSON.stringify(syncBody()),
		headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
	});

/** A folder as Kubernetes mounts a Secret: files are links into `..data`, a link that is swapped for another folder. */
export function secretVolume(files: Record<string, string>) {
	const root = mkdtempSync(join(tmpdir(), "prism-secret-"));
	undo.push(() => rmSync(root, { recursive: true, force: true }));
	let version = 0;
	const swap = (content: Record<string, string>) => {
		version++;
		mkdirSync(join(root, `..${version}`));
		for (const [name, text] of Object.entries(content)) writeFileSync(join(root, `..${version}`, name), text);
		symlinkSync(`..${version}`, join(root, "..tmp"));
		renameSync(join(root, "..tmp"), join(root, "..data"));
	};
	swap(files);
	for (const name of Object.keys(files)) symlinkSync(join("..data", name), join(root, name));
	return { path: (name: string) => join(root, name), swap };
}

/** Waits until it is true; fails after 5 s. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
	const deadline = performance.now() + 5000;
	while (!(await isTrue())) {
		if (performance.now() > deadline) throw new Error("it did not become true within 5 s");
		await sleep(RELOAD_MS);
	}
}
