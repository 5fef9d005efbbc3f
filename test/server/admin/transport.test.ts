import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { createChannels } from "../../../server/admin/channels.ts";
import { createBreaker } from "../../../server/admin/circuit-breaker.ts";
import { NO_CREDENTIALS } from "../../../server/admin/credentials.ts";
import { assignment } from "../../../server/admin/messages.ts";
import { assignNamespace } from "../../../server/admin/methods.ts";
import { createAdminMetrics } from "../../../server/admin/metrics.ts";
import { createTransport } from "../../../server/admin/transport.ts";
import { systemTime } from "../../../server/time.ts";
import { NO_TRACING } from "../../../server/tracing/tracing.ts";
import { captureLog } from "../toy.ts";
import { assign, type Behaviour, breaks, fails, hangs, refuses, startProxy } from "./fake-proxy.ts";

async function wired({ token }: { readonly token?: string } = {}) {
	const proxy = await startProxy();
	const captured = captureLog();
	const channels = createChannels({
		credentials: NO_CREDENTIALS.channel,
		resolve: () => `127.0.0.1:${proxy.port}`,
		atMost: 9,
		idleMs: 60_000,
		counted: () => {},
	});
	onTestFinished(channels.renewAll);
	const breaker = createBreaker({
		failures: 1,
		openMs: 60_000,
		longestOpenMs: 60_000,
		opened: () => {},
		failedAgain: () => {},
		unavailable: () => {},
		closed: () => {},
		time: systemTime,
	});
	const transport = createTransport({
		channels,
		tokenOf: async (namespace) => token && `${token}-${namespace}`,
		metrics: createAdminMetrics(new Registry()),
		tracing: NO_TRACING,
		log: captured.log,
		time: systemTime,
	});
	const call = (deadlineMs = 5000) =>
		transport.call({ ...proxy.instance, breaker }, assignNamespace, assignment(assign(proxy)), deadlineMs);
	const codes = () => captured.lines("proxy called").map(({ code }) => code);
	return { proxy, transport, breaker, call, codes };
}

test.each<[string, Behaviour["assign"], string, string]>([
	["breaks", breaks, "Unreachable", "Unreachable"],
	["does not answer in time", hangs, "DeadlineExceeded", "DeadlineExceeded"],
	["has no leader", (_, reply) => reply(fails(status.UNAVAILABLE)), "Unavailable", "Unavailable"],
	["does not know the token", (_, reply) => reply(fails(status.UNAUTHENTICATED)), "Unauthenticated", "Unauthenticated"],
])("a call to a proxy that %s fails once, as what it is", async (_, handler, failure, code) => {
	const { proxy, call, codes } = await wired();
	proxy.does.assign = handler;
	await expect(call(200)).rejects.toMatchObject({ failure, remembered: false });
	expect(codes()).toEqual([code]);
	expect(proxy.calls).toHaveLength(1);
});

test.each<[string, Behaviour["assign"] | undefined, string]>([
	["accepted", undefined, "OK"],
	["rejected", refuses("no"), "Refused"],
])("a call that is %s has the code of that", async (_, handler, code) => {
	const { proxy, call, codes, breaker } = await wired();
	proxy.does.assign = handler ?? proxy.does.assign;
	expect(await call()).toMatchObject({ success: code === "OK" });
	expect(codes()).toEqual([code]);
	expect(breaker.isOpen()).toBe(false);
});

test("no call is made while the breaker is open", async () => {
	const { proxy, call, codes } = await wired();
	proxy.does.assign = breaks;
	await expect(call()).rejects.toMatchObject({ remembered: false });
	await expect(call()).rejects.toMatchObject({ failure: "Unreachable", remembered: true });
	expect(codes()).toEqual(["Unreachable", "CircuitOpen"]);
	expect(proxy.calls).toHaveLength(1);
});

test.each([
	[{ token: "secret" }, { "x-admin-user": "prism-operator", "x-admin-token": "secret-shop" }],
	[{}, { "x-admin-user": "prism-operator" }],
])("with the credentials %o, the metadata are %o", async (credentials, metadata) => {
	const { proxy, call } = await wired(credentials);
	await call();
	expect(proxy.metadata[0]).toMatchObject(metadata);
	expect("x-admin-token" in (proxy.metadata[0] ?? {})).toBe("token" in credentials);
});

test("a close cancels calls, and shows nothing about the proxy; there are no later ones", async () => {
	const { proxy, transport, breaker, call } = await wired();
	proxy.does.assign = hangs;
	const cancelled = expect(call()).rejects.toMatchObject({ failure: "Unreachable" });
	while (proxy.calls.length === 0) await sleep(5);
	transport.close();
	await cancelled;
	expect(breaker.isOpen()).toBe(false);
	await expect(call()).rejects.toMatchObject({ failure: "Unreachable" });
	expect(proxy.calls).toHaveLength(1);
});
