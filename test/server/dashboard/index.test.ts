import { request as httpRequest } from "node:http";
import { hostname } from "node:os";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backendConfig } from "../../../hooks/backendconfig/index.ts";
import { prismNamespace } from "../../../hooks/prismnamespace/index.ts";
import { prismShard } from "../../../hooks/prismshard/index.ts";
import { prismStack } from "../../../hooks/prismstack/index.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { readConfig } from "../../../server/config.ts";
import { startServer } from "../../../server/server.ts";
import { type Shown, stack, startShown } from "../../dashboard/shown.ts";
import { roster } from "../../hooks/namespace-world.ts";
import { captureLog } from "../toy.ts";

// The dashboard over HTTP: who may read it, what it says, and what it never says.

const CANARY = "hunter2CANARY";
const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>&amp;`;

let shown: Shown;
beforeAll(async () => {
	shown = await startShown();
});
afterAll(() => shown?.server.close());

interface Got {
	readonly status: number;
	readonly headers: Readonly<Record<string, unknown>>;
	readonly text: string;
}

const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Got> =>
	new Promise((resolve, reject) => {
		const { port } = new URL(shown.url);
		const request = httpRequest({ host: "127.0.0.1", port, path, method, headers }, (response) => {
			readText(response).then(
				(text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
				reject,
			);
		});
		request.once("error", reject);
		request.end();
	});

const until = async (isTrue: () => Promise<boolean>): Promise<void> => {
	const deadline = performance.now() + 10_000;
	while (!(await isTrue())) {
		if (performance.now() > deadline) throw new Error("it did not become true within 10 s");
		await sleep(50);
	}
};

describe("who may read", () => {
	test("is off unless a port is set", async () => {
		const server = await startServer({ ...readConfig({}), port: 0 }, [], { log: captureLog().log });
		expect(server.dashboardUrl).toBeUndefined();
		await server.close();
	});

	test("listens on loopback, also where the hooks don't", () =>
		expect(shown.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/));

	test.each(["localhost", "localhost:8090", "127.0.0.1:1", "[::1]:8090"])("answers as %s", async (host) => {
		expect((await get("/", { host })).status).toBe(200);
	});

	test.each(["evil.example", "127.0.0.1.evil.example:8090", "localhost.evil.example", "127.0.0.2", "localhost:x"])(
		"does not answer as %s: a name that was made to point here",
		async (host) => {
			const { status, text } = await get("/object/PrismStack/shop/orders/case.yaml", { host });
			expect([status, text]).toEqual([421, "the dashboard answers as localhost, 127.0.0.1 or [::1] only\n"]);
		},
	);

	test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])("is not changed by %s", async (method) => {
		const { status, headers } = await get("/", {}, method);
		expect([status, headers["allow"]]).toEqual([405, "GET"]);
	});

	test("other sites may link to it, and load nothing of it", async () => {
		const from = { "sec-fetch-site": "cross-site" };
		expect((await get("/", { ...from, "sec-fetch-mode": "no-cors" })).status).toBe(403);
		expect((await get("/events", { ...from, "sec-fetch-mode": "cors" })).status).toBe(403);
		expect((await get("/", { ...from, "sec-fetch-mode": "navigate" })).status).toBe(200);
	});

	test.each(["/", "/object/x/y/z", "/nowhere", "/icon.svg"])(
		"%s comes with everything that keeps a page in its place",
		async (path) => {
			const { headers } = await get(path);
			expect(headers["content-security-policy"]).toMatch(
				/^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
			);
			expect(headers).toMatchObject({
				"x-content-type-options": "nosniff",
				"x-frame-options": "DENY",
				"referrer-policy": "no-referrer",
				"cross-origin-resource-policy": "same-origin",
				"cross-origin-opener-policy": "same-origin",
				"cache-control": "no-store",
			});
		},
	);

	test.each([
		"/nowhere",
		"/object/PrismStack/shop",
		"/object/PrismStack/shop/nobody",
		"/object/%E0%A4%A/b/c",
		"//evil.example/",
	])("%s is not found", async (path) => {
		const { status, text } = await get(path);
		expect(status).toBe(404);
		expect(text).toContain("Not found");
	});

	test("has 16 readers of events at most", async () => {
		const { port } = new URL(shown.url);
		const opened = await Promise.all(
			Array.from(
				{ length: 17 },
				() =>
					new Promise<{ status: number | undefined; end: () => void }>((resolve, reject) => {
						const request = httpRequest({ host: "127.0.0.1", port, path: "/events" }, (response) => {
							response.on("error", () => {});
							response.resume();
							resolve({ status: response.statusCode, end: () => request.destroy() });
						});
						request.once("error", reject);
						request.end();
					}),
			),
		);
		expect(opened.map(({ status }) => status).filter((status) => status === 503)).toHaveLength(1);
		for (const { end } of opened) end();
		await until(async () => {
			const { port: again } = new URL(shown.url);
			return new Promise((resolve) => {
				const request = httpRequest({ host: "127.0.0.1", port: again, path: "/events" }, (response) => {
					response.on("error", () => {});
					resolve(response.statusCode === 200);
					request.destroy();
				});
				request.once("error", () => resolve(false));
				request.end();
			});
		});
	});
});

describe("what it says", () => {
	test("of very many, the ones that are not well and the first of the others", async () => {
		const many = await startShown();
		for (let count = 0; count < 60; count += 1)
			await many.sync(prismStack, stack({}, { name: `many-${count}`, uid: `many-${count}` }));
		await until(async () => (await many.page()).includes("<strong>60</strong>"));
		const text = await many.page();
		expect(text.match(/<article class="card">/g)).toHaveLength(20);
		expect(text).toContain('and 40 more: <a href="/objects?kind=PrismStack">search</a>');
		expect(text).toContain('<a class="waiting" href="/objects?state=waiting"><strong>60</strong>in progress</a>');
		await many.server.close();
	});

	test("of twenty namespaces with the same message: one card, and a link to each", async () => {
		const many = await startShown();
		const tenants = Array.from({ length: 20 }, (_, count) => ({
			apiVersion: "prism.io/v1alpha1",
			kind: "PrismNamespace",
			metadata: { name: `tenant-${count}`, namespace: "shop", uid: `${count}`, generation: 1 },
			spec: { backend: "postgres", shard: { namespace: "pool" } },
		}));
		await Promise.all(tenants.map((tenant) => many.sync(prismNamespace, tenant)));
		await until(async () => (await many.page()).includes("<strong>20</strong>"));
		const text = await many.page();
		expect(text.match(/<li class="card /g)).toHaveLength(1);
		expect(text).toContain("19 more with the same message");
		expect(text).toContain('<a href="/object/PrismNamespace/shop/tenant-19">tenant-19</a>');
		await many.server.close();
	});

	test("of one shard and sixty namespaces that wait for it: one cause, and how many wait", async () => {
		const many = await startShown();
		const metadata = (name: string) => ({ name, namespace: "shop", uid: name, generation: 1 });
		const apiVersion = "prism.io/v1alpha1";
		await many.sync(prismShard, {
			apiVersion,
			kind: "PrismShard",
			metadata: metadata("live"),
			spec: { backends: ["postgres"] },
		});
		const empty = roster({ name: "prism-live", namespace: "shop", replicas: 0 });
		const spec = { backend: "postgres" };
		const tenants = Array.from({ length: 60 }, (_, count) => ({
			apiVersion,
			kind: "PrismNamespace",
			metadata: metadata(`tenant-${count}`),
			spec,
		}));
		await Promise.all(tenants.map((tenant) => many.sync(prismNamespace, tenant, { related: [empty] })));
		await until(async () => (await many.page()).includes("<strong>61</strong>"));
		const text = await many.page();
		expect(text.match(/<li class="card /g)).toHaveLength(1);
		expect(text).toContain("60 objects wait for it");
		const found = await many.page("/objects?kind=PrismNamespace&q=tenant-5");
		expect(found).toContain("11 of 61 objects of this replica");
		await many.server.close();
	}, 120_000);

	test("of whose calls its totals are: each replica sees a part", async () => {
		const part = await startShown();
		await part.sync(prismStack, stack());
		await until(async () => (await part.page()).includes("orders"));
		expect(await part.page()).toContain(
			`Of the 1 object that Metacontroller sent to replica <b class="replica">${hostname()}</b> in the last 15 minutes.`,
		);
		for (const path of ["/", "/objects", "/object/PrismStack/shop/orders", "/nowhere"])
			expect(await part.page(path), path).toContain(` · replica <b class="replica">${hostname()}</b></span>`);
		await part.server.close();
	});

	test("of nothing, why there may be nothing", async () => {
		const empty = await startShown();
		expect(await empty.page()).toContain("No webhook calls yet");
		await empty.server.close();
	});

	test("of a stack: its components, and why it is not ready", async () => {
		await shown.sync(prismStack, stack());
		await until(async () => (await shown.page()).includes("orders"));
		const text = await shown.page();
		expect(text).toContain('<a href="/object/PrismStack/shop/orders">orders</a>');
		expect(text).toContain("<code>Progressing</code>");
		expect(text).toContain("<title>… 1 in progress · Prism Operator</title>");
	});

	test("of a call: what the response changes, and the call as a document", async () => {
		await shown.sync(prismStack, stack());
		await until(async () => (await shown.page("/object/PrismStack/shop/orders")).includes("To create"));
		const text = await shown.page("/object/PrismStack/shop/orders");
		expect(text).toContain("ConfigMap shop/orders-proxy");
		expect(text).toContain("status");
		const { status, headers, text: document } = await get("/object/PrismStack/shop/orders/case.yaml");
		expect([status, headers["content-type"]]).toEqual([200, "application/yaml; charset=utf-8"]);
		expect(document).toMatch(/^format: prism\.io\/recorded-call\/v1\n/);
		expect((await get("/object/PrismStack/shop/orders/case.yaml?call=999999")).status).toBe(404);
	});

	test("of a call that is no longer stored, that it is not", async () => {
		expect(await shown.page("/object/PrismStack/shop/orders?call=999999")).toContain("no longer stored");
	});
});

describe("what it never says", () => {
	test("markup that somebody wrote into an object", async () => {
		const name = "hostile";
		const parent = stack(
			{ patterns: [{ name: HOSTILE, type: HOSTILE, backend: HOSTILE }], [HOSTILE]: HOSTILE },
			{ name, annotations: { [HOSTILE]: HOSTILE }, labels: { x: HOSTILE } },
		);
		const status = {
			conditions: [{ type: HOSTILE, status: HOSTILE, reason: HOSTILE, message: HOSTILE, lastTransitionTime: HOSTILE }],
		};
		await shown.sync(prismStack, { ...parent, status });
		await shown.sync(prismStack, stack({}, { name: HOSTILE, namespace: HOSTILE, uid: "other" }));
		await until(async () => (await shown.page()).includes("hostile"));
		const place = `/object/PrismStack/${encodeURIComponent(HOSTILE)}/${encodeURIComponent(HOSTILE)}`;
		for (const path of ["/", `/object/PrismStack/shop/${name}`, place, `/object/x/y/${encodeURIComponent(HOSTILE)}`]) {
			const text = await shown.page(path);
			// The one script is ours; nobody else's element or attribute is there.
			expect(text.match(/<script/g)).toHaveLength(1);
			expect(text).not.toContain("<img");
			// Attributes are quoted: what is left outside of quotes is ours.
			expect(text.replaceAll(/="[^"]*"/g, "")).not.toMatch(/<[^>]*\sonerror/);
			expect(text).not.toContain("&amp;&amp;");
		}
		expect(await shown.page(place)).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
	});

	test("a credential, on no page and in no document", async () => {
		const secret: KubeObject = {
			apiVersion: "v1",
			kind: "Secret",
			metadata: { name: "s", namespace: "shop" },
			data: { url: Buffer.from(CANARY).toString("base64"), plain: CANARY },
		};
		const backend: KubeObject = {
			...stack({}, { name: "leaky", uid: "leaky" }),
			kind: "BackendConfig",
			spec: { type: "cache", provider: "redis", connection: { url: `redis://admin:${CANARY}@redis:6379` } },
			status: { message: `cannot dial redis://admin:${CANARY}@redis:6379` },
		};
		await shown.sync(backendConfig, backend, { observed: [secret], related: [secret] });
		await shown.sync(
			prismStack,
			stack(
				{
					patterns: [
						{
							name: "kv",
							type: "keyvalue",
							backend: "redis",
							config: { natsUrl: `nats://${CANARY}@h`, password: CANARY },
						},
					],
				},
				{ name: "leaky", uid: "leaky-stack", annotations: { note: `token=${CANARY}` } },
			),
		);
		await until(async () => (await shown.page()).includes("/object/PrismStack/shop/leaky"));
		const paths = ["/", "/object/BackendConfig/shop/leaky", "/object/PrismStack/shop/leaky"];
		for (const path of [...paths, ...paths.slice(1).map((place) => `${place}/case.yaml`)]) {
			const text = await shown.page(path);
			expect(text).toContain("leaky");
			expect(text).not.toContain(CANARY);
			expect(text).not.toContain(Buffer.from(CANARY).toString("base64"));
		}
		expect(shown.log()).not.toContain(CANARY);
	});
});
