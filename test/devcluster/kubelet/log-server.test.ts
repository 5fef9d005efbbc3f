import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { Kubelet } from "../../../devcluster/kubelet/kubelet.ts";
import { startLogServer } from "../../../devcluster/kubelet/log-server.ts";
import { createContainerLog } from "../../../devcluster/kubelet/logs.ts";
import { createManualClock } from "../../clock.ts";
import { createAuthority } from "../../server/authority.ts";

const certificate = createAuthority("node").sign("node");

/** The server of a node whose only container wrote a line every second. */
async function served() {
	const clock = createManualClock();
	const log = createContainerLog(clock);
	for (const line of ["one", "two", "three"]) {
		await clock.advance(500);
		log.write(line);
		await clock.advance(500);
	}
	const kubelet: Pick<Kubelet, "log"> = {
		log: (pod, container) => (pod === "default/demo" && container === "app" ? log : undefined),
	};
	const server = await startLogServer(certificate, clock, () => kubelet as Kubelet);
	onTestFinished(() => server.stop());
	const open = (path: string) =>
		new Promise<IncomingMessage>((resolve, reject) => {
			request({ host: "127.0.0.1", port: server.port, path, rejectUnauthorized: false, agent: false }, resolve)
				.once("error", reject)
				.end();
		});
	const get = async (path: string) => {
		const response = await open(path);
		return { status: response.statusCode, text: await readText(response) };
	};
	return { log, open, get };
}

const LOGS = "/containerLogs/default/demo/app";

test.each([
	["", ["one", "two", "three"]],
	["?tailLines=2", ["two", "three"]],
	["?tailLines=0", []],
	["?tailLines=9", ["one", "two", "three"]],
	["?sinceSeconds=2", ["two", "three"]],
	["?sinceTime=2026-01-01T00:00:01Z", ["two", "three"]],
	["?sinceTime=2026-01-01T01:00:01%2B01:00", ["two", "three"]],
	["?sinceTime=2026-01-01T00:00:01.500Z&tailLines=1", ["three"]],
	["?sinceTime=2026-01-01T00:00:09Z", []],
])("%s has the lines %o", async (query, lines) => {
	const { get } = await served();
	expect(await get(`${LOGS}${query}`)).toEqual({ status: 200, text: lines.map((line) => `${line}\n`).join("") });
});

test("lines have their time if they are asked for it", async () => {
	const { get } = await served();
	expect((await get(`${LOGS}?timestamps=true&tailLines=1`)).text).toBe("2026-01-01T00:00:02.500Z three\n");
});

test.each([
	["/containerLogs/default/demo/other", 400],
	["/containerLogs/default/none/app", 400],
	["/containerLogs/default/demo", 404],
	["/exec/default/demo/app", 404],
])("%s is %d", async (path, status) => {
	expect((await (await served()).get(path)).status).toBe(status);
});

test("further lines follow until the reader leaves", async () => {
	const { log, open } = await served();
	const response = await open(`${LOGS}?follow=true&tailLines=1`);
	let text = "";
	response.setEncoding("utf8").on("data", (part: string) => {
		text += part;
	});
	await expect.poll(() => text).toBe("three\n");
	log.write("four");
	await expect.poll(() => text).toBe("three\nfour\n");
	response.destroy();
	await sleep(50);
	log.write("five");
	expect(text).not.toContain("five");
});
