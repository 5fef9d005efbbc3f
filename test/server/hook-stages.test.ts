import { promises } from "node:dns";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import type { CompositeRow, DecoratorRow } from "../../kube/hook.ts";
import type { AdminCall, Answer, CallResult } from "../../schemas/admin.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	DecoratorRequest,
	DecoratorResponse,
} from "../../schemas/metacontroller.ts";
import type { Admin } from "../../server/admin/admin.ts";
import { changed, type Stages, staged } from "../stages.ts";
import { about, adminOf, assign, hangs, startProxy } from "./admin/fake-proxy.ts";
import { call, send, start, until } from "./started.ts";
import { answer, bareRow, captureLog, installation, NOW, syncBody, toyApp, toyRow } from "./toy.ts";

// Hooks that ask, decide and conclude, through the server.

const instance = { name: "p-0", address: "p-0.p.shop.svc:8981", namespace: "shop" };
const question = about({ instance });
const assigned: AdminCall = assign({ instance });

/** A row that asks and calls as it is told; `seen` has what each stage was given. */
function askingRow(change: Partial<Stages<CompositeRequest, CompositeResponse>> = {}) {
	const seen: unknown[][] = [];
	const stages: Stages<CompositeRequest, CompositeResponse> = {
		ask: (...given) => {
			seen.push(["ask", ...given]);
			return [question];
		},
		decide: (...given) => {
			seen.push(["decide", ...given]);
			return [assigned];
		},
		sync: (...given) => {
			seen.push(["sync", ...given]);
			return answer;
		},
		finalize: (...given) => {
			seen.push(["finalize", ...given]);
			return { ...answer, finalized: true };
		},
		...change,
	};
	const row: CompositeRow = { ...toyRow().row, ...staged(stages) };
	return { row, seen };
}

const answers: Answer[] = [{ question, answer: { state: "known", readAt: NOW, record: undefined } }];
const results: CallResult[] = [{ call: assigned, outcome: { state: "pending" } }];

function toyAdmin(change: Partial<Admin> = {}) {
	const budgets: number[] = [];
	const admin: Admin = {
		ask: async (_questions, budgetMs) => {
			budgets.push(budgetMs);
			return answers;
		},
		execute: async (_calls, budgetMs) => {
			budgets.push(budgetMs);
			return results;
		},
		close: async () => {},
		...change,
	};
	return { admin, budgets };
}

const appOf = (row: CompositeRow, admin?: Admin) =>
	toyApp({ row, seen: [], contexts: [] }, admin === undefined ? {} : { admin });

describe("the stages of a hook", () => {
	test.each(["sync", "finalize"])("%s asks, decides and concludes, all at one moment", async (hook) => {
		const { row, seen } = askingRow();
		let seconds = 0;
		const clock = () => `2026-01-02T03:04:0${seconds++}Z`;
		const { admin, budgets } = toyAdmin();
		const { post, captured } = toyApp({ row, seen: [], contexts: [] }, { admin, clock });
		const response = await post(`/toy/${hook}`, syncBody());
		expect(response.statusCode).toBe(200);
		expect(response.json()).toEqual(hook === "sync" ? answer : { ...answer, finalized: true });
		const context = { now: "2026-01-02T03:04:00Z", installation, keys: [] };
		expect(seen).toEqual([
			["ask", syncBody(), context],
			["decide", syncBody(), context, answers],
			[hook, syncBody(), context, { answers, results }],
		]);
		expect(budgets[0]).toBe(800);
		expect(budgets[1]).toBeGreaterThan(1000);
		expect(budgets[1]).toBeLessThanOrEqual(1500);
		const [line] = captured.lines("hook answered");
		expect(line?.["outsideMs"]).toBeGreaterThanOrEqual(0);
	});

	test("a decorator's as well", async () => {
		const seen: unknown[] = [];
		const { name, parent, children, found } = toyRow().row;
		const row: DecoratorRow = {
			name,
			parent,
			children,
			type: "decorator",
			found: () => found({} as never, {} as never),
			...changed<DecoratorRequest, DecoratorResponse>(
				{ sync: (_request, _context, outside) => ({ attachments: [], status: { outside } }) },
				{
					ask: ({ object }) => {
						seen.push(object.metadata.name);
						return [question];
					},
				},
			),
		};
		const { admin } = toyAdmin();
		const { post } = toyApp(toyRow(), { rows: [row], admin });
		const { parent: object, children: _children, ...body } = syncBody();
		const response = await post("/toy/sync", { ...body, object, attachments: {} });
		expect(response.json()).toEqual({ attachments: [], status: { outside: { answers, results: [] } } });
		expect(seen).toEqual(["car"]);
	});

	test("without questions nobody is asked, without calls nobody is called", async () => {
		const { row, seen } = askingRow({ ask: () => [], decide: () => [] });
		const { admin, budgets } = toyAdmin();
		await appOf(row, admin).post("/toy/sync", syncBody());
		expect(budgets).toEqual([]);
		expect(seen).toEqual([["sync", syncBody(), { now: NOW, installation, keys: [] }, { answers: [], results: [] }]]);
	});

	test("what asking left of the time is for calls", async () => {
		const { row } = askingRow();
		const { admin, budgets } = toyAdmin({
			ask: async () => {
				await sleep(300);
				return answers;
			},
		});
		await appOf(row, admin).post("/toy/sync", syncBody());
		expect(budgets[0]).toBeLessThan(1201);
	});

	test("nobody to ask: nothing is known, and nothing done", async () => {
		const { row, seen } = askingRow();
		expect((await appOf(row).post("/toy/sync", syncBody())).statusCode).toBe(200);
		const unknown = { state: "unknown", failure: "Unreachable" };
		expect(seen[2]?.[3]).toEqual({
			answers: [{ question, answer: unknown }],
			results: [{ call: assigned, outcome: { state: "failed", failure: "Unreachable" } }],
		});
	});

	test("a hook that never asks is answered in one go, and the outside is not touched", async () => {
		const never = () => Promise.reject(new Error("not to be called"));
		const row = bareRow(toyRow(), "toy");
		const { post, captured } = appOf(row, { ask: never, execute: never, close: never });
		expect((await post("/toy/sync", syncBody())).statusCode).toBe(200);
		expect(captured.lines("hook answered")[0]).not.toHaveProperty("outsideMs");
	});

	const fail = () => {
		throw new TypeError("CANARY");
	};
	test.each([
		{ reason: "asking", change: { ask: fail } },
		{ reason: "deciding", change: { decide: fail } },
		{ reason: "concluding", change: { sync: fail } },
		{ reason: "the outside", admin: { ask: async () => fail() } },
		{ reason: "the outside's calls", admin: { execute: async () => fail() } },
	])("an exception of $reason is a 500", async ({ change, admin }) => {
		const { row } = askingRow(change);
		const { post, captured } = appOf(row, toyAdmin(admin).admin);
		const response = await post("/toy/sync", syncBody());
		expect(response.statusCode).toBe(500);
		expect(response.body).not.toContain("CANARY");
		expect(captured.lines("hook failed")).toHaveLength(1);
		expect(captured.lines("hook answered")).toEqual([]);
	});
});

/** A row that asks a real proxy, and whose status is what it was told. */
function proxyRow(proxy: Awaited<ReturnType<typeof startProxy>>): CompositeRow {
	let version = 0;
	return {
		...bareRow(toyRow(), "toy"),
		...changed(bareRow(toyRow(), "toy"), {
			ask: () => [about(proxy)],
			decide: () => [assign(proxy, "orders", ++version)],
			sync: (_request, _context, outside) => ({ status: { ...outside }, children: [] }),
		}),
	};
}

describe("a proxy that hangs", () => {
	test("does not keep a hook for longer than two seconds", async () => {
		const proxy = await startProxy();
		Object.assign(proxy.does, { list: hangs, assign: hangs });
		const { post } = appOf(proxyRow(proxy), adminOf([proxy]));
		const began = performance.now();
		const response = await post("/toy/sync", syncBody());
		expect(performance.now() - began).toBeLessThan(2000);
		expect(response.json()).toMatchObject({
			status: {
				answers: [{ answer: { state: "unknown", failure: "DeadlineExceeded" } }],
				results: [{ outcome: { state: "pending" } }],
			},
		});
	});

	test("takes no place of another hook's", async () => {
		const proxy = await startProxy();
		Object.assign(proxy.does, { list: hangs, assign: hangs });
		const other = { ...bareRow(toyRow(), "other") };
		const options = { resolve: () => `127.0.0.1:${proxy.port}` };
		const { server } = await start({ PRISM_MAX_REQUESTS: "2" }, [proxyRow(proxy), other], options);
		let waiting = 20;
		const hooks = Array.from({ length: waiting }, async () => {
			const { status } = await call(server);
			waiting--;
			return status;
		});
		await until(() => proxy.calls.length > 0);
		await sleep(200);
		expect(waiting).toBeGreaterThan(0);
		const body = JSON.stringify(syncBody());
		for (let count = 0; count < 5; count++) expect((await send(server, "/other/sync", { body })).status).toBe(200);
		expect(waiting).toBeGreaterThan(0);
		const statuses = await Promise.all(hooks);
		expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
		// Who comes at the same moment still counts.
		expect(statuses.every((status) => status === 200 || status === 429)).toBe(true);
		expect((await call(server)).status).toBe(200);
	});

	test("and a caller that goes away meanwhile: the call is made all the same, and nothing breaks", async () => {
		const proxy = await startProxy();
		const { assign: works } = proxy.does;
		let release = () => {};
		proxy.does.assign = (...given) => {
			release = () => works(...given);
		};
		const options = { resolve: () => `127.0.0.1:${proxy.port}` };
		const { server, captured } = await start({ PRISM_MAX_REQUESTS: "1" }, [proxyRow(proxy)], options);
		const body = JSON.stringify(syncBody());
		const socket = connect(server.port, server.address);
		await once(socket, "connect");
		socket.write(
			`POST /toy/sync HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
		);
		await until(() => proxy.calls.includes("assign orders v1"));
		socket.destroy();
		await sleep(50);
		release();
		await until(() => proxy.store.get("orders") !== undefined);
		await until(() => captured.lines("hook answered").length === 1);
		proxy.does.assign = works;
		for (let count = 0; count < 3; count++) expect((await call(server)).status).toBe(200);
		expect(captured.text()).not.toContain('"level":50');
		expect((await send(server, "/metrics")).text).toContain("prism_operator_hook_calls_in_flight 0");
	});
});

test("a server that ends waits for its hooks, then for what they began, and no longer", async () => {
	const proxy = await startProxy();
	proxy.does.assign = hangs;
	const options = { resolve: () => `127.0.0.1:${proxy.port}` };
	const { server } = await start({ SHUTDOWN_GRACE_SECONDS: "10" }, [proxyRow(proxy)], options);
	const hook = call(server);
	await until(() => proxy.calls.includes("assign orders v1"));
	const began = performance.now();
	const closed = server.close();
	expect((await hook).status).toBe(200);
	await closed;
	expect(performance.now() - began).toBeLessThan(6000);
});

test("proxies are looked up by absolute names in the cluster's domain", async () => {
	const asked: string[] = [];
	const lookup = vi.spyOn(promises, "lookup").mockImplementation((name: string) => {
		asked.push(name);
		return Promise.reject(new Error("no such name"));
	});
	const { server } = await start({ PRISM_CLUSTER_DOMAIN: "k8s.example" }, [askingRow().row]);
	await call(server);
	await until(() => asked.length > 0);
	lookup.mockRestore();
	expect(new Set(asked)).toEqual(new Set(["p-0.p.shop.svc.k8s.example."]));
});

test("tokens and certificates of the environment reach proxies", async () => {
	const proxy = await startProxy();
	const { log: _log } = captureLog();
	const options = { resolve: () => `127.0.0.1:${proxy.port}` };
	const { server } = await start({}, [proxyRow(proxy)], options);
	expect((await call(server)).status).toBe(200);
	expect(proxy.metadata[0]).toMatchObject({ "x-admin-user": "prism-operator" });
	const { text } = await send(server, "/metrics");
	expect(text).toContain('prism_operator_admin_listings_total{outcome="read"} 1');
});
