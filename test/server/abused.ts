import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../../server/config.ts";
import { startServer } from "../../server/server.ts";
import { answer, bareRow, captureLog, toyRow } from "./toy.ts";

// The two processes beside the test of abuse, by argument: a server, and one that asks it for its health all the time.
// Processes of their own, so that what the test sends costs neither of them time.

const PROBE_EVERY_MS = 10;

const tell = (message: object) => process.send?.(message);

async function serve(): Promise<void> {
	const row = { ...bareRow(toyRow(), "toy"), sync: () => answer };
	// The log of the toys keeps every line; this one is for its level only.
	const { log } = captureLog();
	log.level = "silent";
	const server = await startServer(readConfig(process.env), [row], { log });
	process.on("message", (message) => {
		if (message === "close") server.close().then(() => process.disconnect(), console.error);
		else tell({ peakBytes: process.resourceUsage().maxRSS * 1024 });
	});
	tell({ url: server.url, address: server.address, port: server.port });
}

/** A connection for each question, as the kubelet does it; milliseconds, or undefined when there was no good answer. */
const probe = (url: string): Promise<number | undefined> =>
	new Promise((resolve) => {
		const began = performance.now();
		request(`${url}/healthz`, { agent: false }, (response) => {
			response.resume();
			response.once("end", () => resolve(response.statusCode === 200 ? performance.now() - began : undefined));
		})
			.once("error", () => resolve(undefined))
			.end();
	});

/**
 * Milliseconds for which a process was ready to go on, but had no processor, since it began: Linux tells it of each
 * process. That is how busy the machine is, with other tests and with what this one sends, and not the server's doing.
 */
function withoutProcessor(pid: string): number {
	try {
		return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e6;
	} catch {
		return 0;
	}
}

async function probeAllTheTime(url: string, pid: string): Promise<void> {
	// Nobody abuses it: when it is slow at the same moment, the machine stands still.
	const control = createServer((_request, response) => response.end()).listen(0, "127.0.0.1");
	await once(control, "listening");
	const controlUrl = `http://127.0.0.1:${(control.address() as AddressInfo).port}`;
	let health: number[] = [];
	let failed = 0;
	const stop = new AbortController();
	process.on("message", (message) => {
		tell({ answered: health.length, slowest: Math.max(0, ...health), failed });
		health = [];
		failed = 0;
		if (message === "close") stop.abort();
	});
	tell({});
	const waited = () => withoutProcessor(pid) + withoutProcessor("self");
	while (!stop.signal.aborted) {
		const before = waited();
		const [ms, controlMs = 0] = await Promise.all([probe(url), probe(controlUrl)]);
		if (ms === undefined) failed++;
		else health.push(ms - Math.max(waited() - before, controlMs));
		await sleep(PROBE_EVERY_MS);
	}
	control.close();
	process.disconnect();
}

const [, , url, pid = "self"] = process.argv;
if (url === undefined) await serve();
else await probeAllTheTime(url, pid);
