import { describe, expect, test } from "vitest";
import { syncBody, toy, toyApp, toyRow } from "./toy.ts";

// What is logged of a call, and what never is.

const text = (body: unknown) => JSON.stringify(body);

describe("one line per call", () => {
	test("names object, children, phase, readiness, time and size", async () => {
		const { post, captured } = toyApp(toyRow());
		const response = await post("/toy/sync", syncBody());
		const lines = captured.lines("hook answered");
		expect(lines).toHaveLength(1);
		expect(lines[0]).toMatchObject({
			level: 30,
			hook: "/toy/sync",
			object: "Toy nursery/car",
			generation: 7,
			children: 1,
			phase: "Progressing",
			ready: "False",
			reason: "WheelMissing",
			bytesIn: text(syncBody()).length,
			bytesOut: response.body.length,
		});
		for (const field of ["ms", "totalMs"]) {
			expect(String(lines[0]?.[field])).toMatch(/^\d+(\.\d)?$/);
		}
		expect(captured.text().trimEnd().split("\n")).toHaveLength(1);
	});

	test("a customize call names the number of its rules, a finalize call its verdict", async () => {
		const { post, captured } = toyApp(toyRow());
		await post("/toy/customize", syncBody());
		await post("/toy/finalize", syncBody({ finalizing: true }));
		const [customize, finalize] = captured.lines("hook answered");
		expect(customize).toMatchObject({ hook: "/toy/customize", rules: 1 });
		expect(customize).not.toHaveProperty("children");
		expect(finalize).toMatchObject({ hook: "/toy/finalize", children: 0, finalized: true });
	});

	test.each([
		{ reason: "an empty status", status: {} },
		{ reason: "conditions that are no list", status: { conditions: "Ready" } },
		{ reason: "conditions that are no conditions", status: { phase: 5, conditions: [null, 1, { type: "Ready" }] } },
	])("$reason is logged without phase and readiness", async ({ status }) => {
		const { post, captured } = toyApp(toyRow(() => ({ status, children: [] })));
		expect((await post("/toy/sync", syncBody())).statusCode).toBe(200);
		const [line] = captured.lines("hook answered");
		for (const field of ["phase", "ready", "reason"]) expect(line).not.toHaveProperty(field);
	});

	test("a cluster-scoped object has no namespace", async () => {
		const { post, captured } = toyApp(toyRow());
		await post("/toy/sync", syncBody({ parent: { ...toy, metadata: { name: "car" } } }));
		expect(captured.lines("hook answered")[0]).toMatchObject({ object: "Toy car" });
	});

	test("a refused request is a warning with path, status and field; probes are silent", async () => {
		const { app, post, captured } = toyApp(toyRow());
		await app.inject("/healthz");
		await app.inject("/readyz");
		expect(captured.text()).toBe("");
		await post("/toy/sync?x=1", syncBody({ finalizing: 1 }));
		expect(captured.lines("request refused")).toEqual([
			expect.objectContaining({ level: 40, method: "POST", path: "/toy/sync", status: 400, field: "/finalizing" }),
		]);
	});
});

test("a secret in a body is never logged, whatever becomes of the request", async () => {
	const { post, captured } = toyApp(
		toyRow(() => ({
			status: { message: "CANARY", conditions: [{ type: "Ready", status: "True", reason: "Fine", message: "CANARY" }] },
			children: [{ apiVersion: "v1", kind: "Secret", metadata: { name: "x" }, stringData: { password: "CANARY" } }],
		})),
	);
	const body = syncBody({
		controller: { token: "CANARY" },
		parent: {
			...toy,
			metadata: { ...toy.metadata, annotations: { "kubectl.kubernetes.io/last-applied-configuration": "CANARY" } },
			spec: { url: "postgres://user:CANARY@host/db" },
		},
		related: {
			"Secret.v1": {
				"a/b": { apiVersion: "v1", kind: "Secret", metadata: { name: "b" }, data: { password: "CANARY" } },
			},
		},
	});
	const statuses = [];
	for (const payload of [
		text(body),
		text({ ...body, finalizing: "CANARY" }),
		text({ ...body, parent: "CANARY" }),
		text({ ...body, parent: { ...toy, kind: "CANARY" } }),
		text(body).slice(0, -1),
		text(body).replace("{", '{"__proto__":"CANARY",'),
	]) {
		const response = await post("/toy/sync", payload);
		statuses.push(response.statusCode);
		if (response.statusCode !== 200) expect(response.body).not.toContain("CANARY");
	}
	statuses.push((await post("/toy/sync", body, "text/plain")).statusCode);
	expect(statuses).toEqual([200, 400, 400, 422, 400, 400, 415]);
	// Two of them are refused for one reason, which a minute has one line for.
	expect(captured.text().trimEnd().split("\n")).toHaveLength(statuses.length - 1);
	expect(captured.text()).not.toContain("CANARY");
});
