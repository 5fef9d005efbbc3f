import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ServerCredentials } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { openAdminCredentials } from "../../../server/admin/credentials.ts";
import type { AdminConfig } from "../../../server/config.ts";
import { createMetrics } from "../../../server/metrics.ts";
import { ConfigError } from "../../../server/settings.ts";
import { createAuthority, type Identity } from "../authority.ts";
import { RELOAD_MS, secretVolume, until } from "../started.ts";
import { captureLog } from "../toy.ts";
import { about, adminOf, type FakeProxy, startProxy } from "./fake-proxy.ts";

// How the operator is known to proxies, and they to it, by files that may be replaced at any time.

const BUDGET_MS = 5000;

const undo: (() => void)[] = [];
afterEach(() => {
	for (const step of undo.splice(0)) step();
});

async function openCredentials(config: Partial<AdminConfig>) {
	const captured = captureLog();
	const metrics = createMetrics([]);
	const credentials = await openAdminCredentials(
		{ tokensDir: undefined, tls: undefined, reminderSeconds: 240, clusterDomain: "auto", ...config },
		{ log: captured.log, metrics, everyMs: RELOAD_MS },
	);
	undo.push(() => credentials.close());
	return { credentials, captured, metrics };
}

const timing = { listingMaxAgeMs: 0, staleForMs: 0, failedReadMs: 0, openMs: 1 };

describe("tokens", () => {
	const withTokens = async (files: Record<string, string>) => {
		const volume = secretVolume(files);
		const opened = await openCredentials({ tokensDir: dirname(volume.path("x")) });
		return { ...opened, ...volume };
	};
	const sentTo = async (proxy: FakeProxy, credentials: Awaited<ReturnType<typeof openCredentials>>["credentials"]) => {
		await adminOf([proxy], { credentials, timing }).ask([about(proxy)], BUDGET_MS);
		return proxy.metadata.at(-1);
	};

	test("are sent to the proxies of their Kubernetes namespace, and to no others", async () => {
		const { credentials } = await withTokens({ shop: "CANARY-shop\n", bank: "CANARY-bank" });
		const tokens = [];
		for (const namespace of ["shop", "bank", "elsewhere"]) {
			const metadata = await sentTo(await startProxy({ namespace }), credentials);
			expect(metadata).toMatchObject({ "x-admin-user": "prism-operator" });
			tokens.push(metadata?.["x-admin-token"]);
		}
		expect(tokens).toEqual(["CANARY-shop", "CANARY-bank", undefined]);
	});

	test("a namespace that is a path reaches no file", async () => {
		const { credentials, path } = await withTokens({ shop: "CANARY-shop" });
		mkdirSync(path("sub"));
		for (const namespace of ["..data/shop", "../shop", "./shop", "sub/../shop", "", ".", "SHOP"]) {
			expect(await credentials.tokenOf(namespace)).toBeUndefined();
		}
	});

	test("are read again after a rotation, and never logged", async () => {
		const { credentials, captured, metrics, swap } = await withTokens({ shop: "CANARY-old" });
		const proxy = await startProxy();
		const admin = adminOf([proxy], { credentials, timing });
		const sent = async () => {
			await admin.ask([about(proxy)], BUDGET_MS);
			return proxy.metadata.at(-1)?.["x-admin-token"];
		};
		expect(await sent()).toBe("CANARY-old");
		swap({ shop: "CANARY-new" });
		await until(async () => (await sent()) === "CANARY-new");
		swap({});
		await until(async () => (await sent()) === undefined);
		expect(captured.lines("reloaded, and in use").map(({ what }) => what)).toEqual(["admin-tokens", "admin-tokens"]);
		expect(captured.text()).not.toContain("CANARY");
		expect(await metrics.text()).toContain('reloads_total{what="admin-tokens",result="taken"} 2');
	});

	test.each([
		{ reason: "empty", text: "" },
		{ reason: "of two lines", text: "CANARY-1\nCANARY-2" },
		{ reason: "with a control character", text: "CANARY\u0000CANARY" },
		{ reason: "without end", text: "CANARY".repeat(1000) },
	])("one that is $reason is refused, with one error, and the good one stays", async ({ text }) => {
		const { credentials, captured, swap } = await withTokens({ shop: "CANARY-good" });
		expect(await credentials.tokenOf("shop")).toBe("CANARY-good");
		swap({ shop: text });
		await until(async () => {
			await credentials.tokenOf("shop");
			return captured.lines("cannot reload: the previous content stays in use").length > 0;
		});
		for (let count = 0; count < 3; count++) {
			await sleep(2 * RELOAD_MS);
			expect(await credentials.tokenOf("shop")).toBe("CANARY-good");
		}
		expect(captured.lines("cannot reload: the previous content stays in use")).toHaveLength(1);
		expect(captured.text()).not.toContain("CANARY");
	});

	test("one that was never good: nobody is called without it", async () => {
		const { credentials } = await withTokens({ shop: "CANARY CANARY" });
		const proxy = await startProxy();
		const [answer] = await adminOf([proxy], { credentials }).ask([about(proxy)], BUDGET_MS);
		expect(answer?.answer).toEqual({ state: "unknown", failure: "Unauthenticated" });
		expect(proxy.calls).toEqual([]);
	});

	test("a folder that is not there is an error of the start", async () => {
		await expect(openCredentials({ tokensDir: "/CANARY" })).rejects.toThrow(
			new ConfigError(["PRISM_ADMIN_TOKENS_DIR: the folder can't be read"]),
		);
	});
});

// ── TLS ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const authority = createAuthority("prism-admin-test");
const other = createAuthority("other-admin-test");
const names = (name: string) => ({ extensions: `subjectAltName=DNS:${name}` });
const shown = authority.sign("proxy", names("*.svc-of-proxy.shop.svc"));
const strangers = other.sign("proxy", names("*.svc-of-proxy.shop.svc"));
const elsewhere = authority.sign("elsewhere", names("*.svc-of-proxy.bank.svc"));
const clientAuth = { extensions: "extendedKeyUsage=clientAuth" };
const operator = authority.sign("operator", clientAuth);
const unknownClient = other.sign("operator", clientAuth);

const secure = ({ cert, key }: Identity, clientCa?: string) =>
	ServerCredentials.createSsl(
		clientCa === undefined ? null : Buffer.from(clientCa),
		[{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }],
		clientCa !== undefined,
	);

/** A proxy whose name is the one in its certificate. */
async function startSecure(identity: Identity, clientCa?: string): Promise<FakeProxy> {
	const proxy = await startProxy({ credentials: secure(identity, clientCa) });
	return { ...proxy, instance: { ...proxy.instance, address: "pod-0.svc-of-proxy.shop.svc:8981" } };
}

const files = (ca: string, client?: Identity) => ({
	"ca.crt": ca,
	...(client !== undefined && { "tls.crt": client.cert, "tls.key": client.key }),
});

async function openTls(content: Record<string, string>) {
	const volume = secretVolume(content);
	const { path } = volume;
	const client = "tls.crt" in content ? { cert: path("tls.crt"), key: path("tls.key") } : undefined;
	return { ...volume, ...(await openCredentials({ tls: { ca: path("ca.crt"), client } })) };
}

describe("TLS", () => {
	const stateOf = async (proxy: FakeProxy, content: Record<string, string>) => {
		const { credentials } = await openTls(content);
		const [answer] = await adminOf([proxy], { credentials, timing }).ask([about(proxy)], BUDGET_MS);
		return answer?.answer.state === "unknown" ? answer.answer.failure : answer?.answer.state;
	};

	test.each([
		{ reason: "a certificate for the proxy's name", identity: shown, ca: authority.cert, state: "known" },
		{ reason: "another authority's certificate", identity: strangers, ca: authority.cert, state: "Unreachable" },
		{ reason: "a certificate for another name", identity: elsewhere, ca: authority.cert, state: "Unreachable" },
		{ reason: "another authority of ours", identity: shown, ca: other.cert, state: "Unreachable" },
	])("$reason: $state", async ({ identity, ca, state }) => {
		expect(await stateOf(await startSecure(identity), files(ca))).toBe(state);
	});

	test("a proxy without TLS is not talked to", async () => {
		const proxy = await startProxy();
		expect(await stateOf(proxy, files(authority.cert))).toBe("Unreachable");
		expect(proxy.calls).toEqual([]);
	});

	test.each([
		{ reason: "a certificate of an authority that it knows", client: operator, state: "known" },
		{ reason: "no certificate", client: undefined, state: "Unreachable" },
		{ reason: "another authority's", client: unknownClient, state: "Unreachable" },
	])("a proxy that knows callers by certificates, and $reason: $state", async ({ client, state }) => {
		const proxy = await startSecure(shown, authority.cert);
		expect(await stateOf(proxy, files(authority.cert, client))).toBe(state);
	});

	test("files that are replaced hold for the next call", async () => {
		const proxy = await startSecure(shown, authority.cert);
		const { credentials, captured, swap } = await openTls(files(authority.cert, unknownClient));
		const admin = adminOf([proxy], { credentials, timing });
		const state = async () => (await admin.ask([about(proxy)], BUDGET_MS))[0]?.answer.state;
		expect(await state()).toBe("unknown");
		swap(files(authority.cert, operator));
		await until(async () => (await state()) === "known");
		swap(files(other.cert, operator));
		await until(async () => (await state()) === "unknown");
		swap({ ...files(authority.cert, operator), "tls.key": unknownClient.key });
		await until(() => captured.lines("cannot reload: the previous content stays in use").length === 1);
		swap(files(authority.cert, operator));
		await until(async () => (await state()) === "known");
		expect(captured.text()).not.toContain("BEGIN");
	});

	test.each([
		{ reason: "no authority", content: files("") },
		{ reason: "another's key", content: files(authority.cert, { ...operator, key: unknownClient.key }) },
	])("$reason is an error of the start", async ({ content }) => {
		await expect(openTls(content)).rejects.toThrow(/^cannot read the configuration: PRISM_ADMIN_TLS_CA_FILE/);
	});
});
