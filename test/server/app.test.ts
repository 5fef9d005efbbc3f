import { describe, expect, test } from "vitest";
import { hookPath, hooksOf } from "../../kube/hook.ts";
import { errorBody } from "../../server/errors.ts";
import { answer, bareRow, installation, MIB, NOW, syncBody, toy, toyApp, toyLimits, toyRow } from "./toy.ts";

// What a hook's route does, through inject: no socket, no clock.

const text = (change: Record<string, unknown> = {}) => JSON.stringify(syncBody(change));

const at = (path: string, body: string) => ({ path, body });

/** A sync's body with raw JSON, which an object of JavaScript can not hold, in one place. */
const injected = (place: string, json: string) => text({ [place]: 0 }).replace(`"${place}":0`, `"${place}":${json}`);

const withSpec = (spec: string) =>
	injected("parent", JSON.stringify({ ...toy, spec: 0 }).replace('"spec":0', `"spec":${spec}`));

const sized = (bytes: number) => {
	const empty = text({ padding: "" });
	return text({ padding: "x".repeat(bytes - empty.length) });
};

const failing = () =>
	toyRow(() => {
		throw new TypeError("cannot read CANARY of undefined");
	});

describe("a request of Metacontroller", () => {
	test("sync answers what the hook computed, with the context of the installation", async () => {
		const { row, seen, contexts } = toyRow();
		const { post } = toyApp({ row, seen, contexts });
		const response = await post("/toy/sync", syncBody());
		expect(response.statusCode).toBe(200);
		expect(response.headers["content-type"]).toBe("application/json; charset=utf-8");
		expect(response.json()).toEqual(answer);
		expect(seen).toEqual([syncBody()]);
		expect(contexts).toEqual([{ now: NOW, installation, keys: [] }]);
	});

	test("finalize and customize have routes of their own", async () => {
		const { post } = toyApp(toyRow());
		const finalized = await post("/toy/finalize", syncBody({ finalizing: true }));
		expect(finalized.json()).toMatchObject({ finalized: true, children: [] });
		const customized = await post("/toy/customize", { controller: {}, parent: toy });
		expect(customized.json()).toMatchObject({ relatedResources: [{ resource: "secrets" }] });
	});

	test("every hook of every row has a route, and no other", async () => {
		const full = toyRow();
		const rows = [full.row, bareRow(full, "bare")];
		const { app, post } = toyApp(full, { rows });
		for (const row of rows) {
			for (const hook of hooksOf(row)) {
				expect(app.hasRoute({ method: "POST", url: hookPath(row, hook) })).toBe(true);
			}
		}
		expect((await post("/bare/finalize", syncBody())).statusCode).toBe(404);
	});

	test("reaches the hook unchanged: nothing stripped, coerced or filled in", async () => {
		const toys = toyRow();
		const { post } = toyApp(toys);
		const parent = {
			...toy,
			metadata: { ...toy.metadata, selfLink: "/x", creationTimestamp: null, managedFields: [{ "f:spec": {} }] },
			spec: { number: "5", float: 1.5, empty: {}, none: null, list: [], unicode: "ü\u0000" },
			extra: { deep: [{ deeper: true }] },
		};
		const body = syncBody({
			parent,
			controller: { any: ["thing"] },
			children: {
				"ConfigMap.v1": { "nursery/a": { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, x: 1 } },
			},
			related: { "Secret.v1": {} },
			aLaterField: 1,
		});
		expect((await post("/toy/sync", body)).statusCode).toBe(200);
		expect(toys.seen).toEqual([body]);
	});
});

describe("a request that is not served", () => {
	test.each([
		{
			reason: "a string is no boolean: nothing is coerced",
			...at("/toy/sync", text({ finalizing: "5" })),
			status: 400,
			field: "/finalizing",
		},
		{
			reason: "even a string that reads like one",
			...at("/toy/sync", text({ finalizing: "true" })),
			status: 400,
			field: "/finalizing",
		},
		{ reason: "no parent", ...at("/toy/sync", text({ parent: undefined })), status: 400, field: "/parent" },
		{
			reason: "a child without metadata",
			...at("/toy/sync", text({ children: { "ConfigMap.v1": { "a/b": { apiVersion: "v1", kind: "ConfigMap" } } } })),
			status: 400,
			field: "/children/ConfigMap.v1/a~1b/metadata",
		},
		{
			reason: "a generation that is a string",
			...at("/toy/customize", text({ parent: { ...toy, metadata: { name: "x", generation: "7" } } })),
			status: 400,
			field: "/parent/metadata/generation",
		},
		{
			reason: "another kind",
			...at("/toy/sync", text({ parent: { ...toy, kind: "CANARY" } })),
			status: 422,
			field: "/parent/kind",
		},
		{
			reason: "another version, at another hook",
			...at("/toy/customize", text({ parent: { ...toy, apiVersion: "toys.example/v2" } })),
			status: 422,
			field: "/parent/apiVersion",
		},
		{ reason: "a list", ...at("/toy/sync", "[]"), status: 400, field: "/" },
		{ reason: "null", ...at("/toy/sync", "null"), status: 400, field: "/" },
		{ reason: "a string", ...at("/toy/sync", '"CANARY"'), status: 400, field: "/" },
		{ reason: "half of a body", ...at("/toy/sync", '{"parent": {"CANARY'), status: 400, field: undefined },
		{ reason: "an empty body", ...at("/toy/sync", ""), status: 400, field: undefined },
		{
			reason: "__proto__ at the top",
			...at("/toy/sync", text().replace("{", '{"__proto__":{"CANARY":1},')),
			status: 400,
			field: "/",
		},
		{
			reason: "__proto__ in the parent",
			...at("/toy/sync", text().replace('"parent":{', '"parent":{"__proto__":{"CANARY":1},')),
			status: 400,
			field: "/parent",
		},
		{
			reason: "__proto__ in the metadata, spelt with escapes",
			...at("/toy/sync", text().replace('"metadata":{"name":"car"', '"metadata":{"\\u005f_proto__":1,"name":"car"')),
			status: 400,
			field: "/parent/metadata",
		},
		{
			reason: "__proto__ in a decorator's object",
			...at("/toy/sync", text({ object: 0 }).replace('"object":0', '"object":{"metadata":{"__proto__":1}}')),
			status: 400,
			field: "/object/metadata",
		},
		{ reason: "an unknown path", ...at("/toy/synch", text()), status: 404, field: undefined },
		{ reason: "a hook's path with a slash at its end", ...at("/toy/sync/", text()), status: 404, field: undefined },
		{ reason: "a path that is no URL", ...at("/%CANARZ", text()), status: 400, field: undefined },
	])("$reason: $status", async ({ path, body, status, field }) => {
		const toys = toyRow();
		const { post, captured } = toyApp(toys);
		const response = await post(path, body);
		expect(response.statusCode).toBe(status);
		const refusal = response.json<Record<string, unknown>>();
		expect(refusal["field"]).toBe(field);
		expect(refusal["error"]).toEqual(expect.stringMatching(/^[a-z].{10,100}$/));
		expect(Object.keys(refusal).filter((key) => !["code", "error", "field"].includes(key))).toEqual([]);
		expect(response.body).not.toContain("CANAR");
		expect(captured.text()).not.toContain("CANARY");
		expect(toys.seen).toEqual([]);
	});

	test("says which kind the hook serves", async () => {
		const { post } = toyApp(toyRow());
		const response = await post("/toy/sync", syncBody({ parent: { ...toy, kind: "Doll" } }));
		expect(response.json()).toEqual({
			code: "PRISM_ERR_WRONG_KIND",
			error: "this hook serves Toy toys.example/v1 only",
			field: "/parent/kind",
		});
	});

	test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "nonsense", "text/json"])(
		"content type %s is 415",
		async (contentType) => {
			const response = await toyApp(toyRow()).post("/toy/sync", syncBody(), contentType);
			expect(response.statusCode).toBe(415);
			expect(response.json()).toEqual(errorBody("PRISM_ERR_WRONG_TYPE"));
		},
	);

	test("a body without a content type is 415, a content type with a charset is fine", async () => {
		const { app, post } = toyApp(toyRow());
		const response = await app.inject({ method: "POST", url: "/toy/sync", payload: Buffer.from(text()) });
		expect(response.statusCode).toBe(415);
		expect((await post("/toy/sync", syncBody(), "Application/JSON; charset=UTF-8")).statusCode).toBe(200);
	});

	test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] as const)("%s of a hook is 405", async (method) => {
		const { app } = toyApp(toyRow());
		const response = await app.inject({ method, url: "/toy/sync?x=1", headers: { "content-type": "text/html" } });
		expect(response.statusCode).toBe(405);
		expect(response.headers["allow"]).toBe("POST");
	});

	test("POST of a probe is 405", async () => {
		const response = await toyApp(toyRow()).post("/readyz", "{}");
		expect(response.statusCode).toBe(405);
		expect(response.headers["allow"]).toBe("GET, HEAD");
	});
});

describe("a tenant's free-form keys", () => {
	test.each([
		{ reason: "__proto__", spec: '{"config":{"__proto__":{"polluted":1},"kept":1}}' },
		{ reason: "__proto__ spelt with escapes", spec: '{"config":{"__pr\\u006fto__":{"polluted":1},"kept":1}}' },
		{ reason: "constructor.prototype", spec: '{"config":{"constructor":{"prototype":{"polluted":1}},"kept":1}}' },
		{ reason: "a field that is merely called constructor", spec: '{"constructor":"Lego","a":{"__proto__":1}}' },
	])("$reason in the spec arrives, and pollutes nothing", async ({ spec }) => {
		const toys = toyRow();
		const response = await toyApp(toys).post("/toy/sync", withSpec(spec));
		expect(response.statusCode).toBe(200);
		expect(JSON.stringify(toys.seen[0]?.parent["spec"])).toBe(JSON.stringify(JSON.parse(spec)));
		expect(Reflect.get({}, "polluted")).toBeUndefined();
	});

	test("__proto__ in a related object is removed", async () => {
		const toys = toyRow();
		const related =
			'{"ConfigMap.v1":{"a/b":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"},"data":{"__proto__":1}}}}';
		expect((await toyApp(toys).post("/toy/sync", injected("related", related))).statusCode).toBe(200);
		expect(toys.seen[0]).toHaveProperty(["related", "ConfigMap.v1", "a/b", "data"], {});
	});

	test("an answer that nests too deep to be written is our failure, not a crash", async () => {
		let deep: unknown[] = [];
		for (let level = 0; level < 100_000; level++) deep = [deep];
		const { post, captured } = toyApp(toyRow(() => ({ status: { deep }, children: [] })));
		expect((await post("/toy/sync", syncBody())).statusCode).toBe(500);
		expect(captured.lines("hook failed")).toHaveLength(1);
	});
});

describe("size", () => {
	test("the limit is inclusive", async () => {
		const { post } = toyApp(toyRow(), { limits: { ...toyLimits, bodyBytes: 5000 } });
		expect((await post("/toy/sync", sized(5000))).statusCode).toBe(200);
		const response = await post("/toy/sync", sized(5001));
		expect(response.statusCode).toBe(413);
		expect(response.json()).toEqual(errorBody("PRISM_ERR_TOO_LARGE"));
	});

	test("16 MiB pass", async () => {
		expect((await toyApp(toyRow()).post("/toy/sync", sized(16 * MIB))).statusCode).toBe(200);
	});
});

describe("a hook that throws", () => {
	test("is a 500 without message or stack; the log has both", async () => {
		const { post, captured } = toyApp(failing());
		const response = await post("/toy/sync", syncBody());
		expect(response.statusCode).toBe(500);
		const [line] = captured.lines("hook failed");
		expect(response.json()).toEqual({
			error: `the hook failed; see the operator's log for error ${String(line?.["errorId"])}`,
		});
		expect(line).toMatchObject({
			hook: "/toy/sync",
			object: "Toy nursery/car",
			failure: { name: "TypeError", message: "cannot read CANARY of undefined" },
		});
		expect(line).toHaveProperty("failure.stack", expect.stringContaining("test/server/app.test.ts"));
		expect(captured.lines("hook answered")).toEqual([]);
	});

	test("answers the same at every retry: a message that varies would be an Event each time", async () => {
		const { post } = toyApp(failing());
		const first = await post("/toy/sync", syncBody());
		const second = await post("/toy/sync", syncBody({ parent: { ...toy, spec: { padding: "x".repeat(MIB) } } }));
		expect(second.body).toBe(first.body);
	});

	test.each([
		{
			reason: "an error's own properties are not logged: an invalid URL's input has its password",
			fail: () => new URL("postgres://user:CANARY@["),
		},
		{ reason: "a SyntaxError's message is not logged: it quotes the text", fail: () => JSON.parse("CANARY") },
		{
			reason: "what is thrown but is no error is not logged",
			fail: () => {
				// oxlint-disable-next-line typescript/only-throw-error -- that is the case
				throw "CANARY";
			},
		},
	])("$reason", async ({ fail }) => {
		const { post, captured } = toyApp(
			toyRow(() => {
				fail();
				return answer;
			}),
		);
		const response = await post("/toy/sync", syncBody());
		expect(response.statusCode).toBe(500);
		expect(response.body).not.toContain("CANARY");
		expect(captured.lines("hook failed")).toHaveLength(1);
		expect(captured.text()).not.toContain("CANARY");
	});

	test("does not end the server", async () => {
		const { app, post } = toyApp(failing());
		await post("/toy/sync", syncBody());
		expect((await post("/toy/customize", syncBody())).statusCode).toBe(200);
		expect((await app.inject("/healthz")).statusCode).toBe(200);
	});
});

describe("probes", () => {
	test("readiness is asked for at each request", async () => {
		let ready = true;
		const { app, post } = toyApp(toyRow(), { ready: () => ready });
		expect((await app.inject("/readyz")).statusCode).toBe(200);
		ready = false;
		const unready = await app.inject("/readyz");
		expect(unready.statusCode).toBe(503);
		expect(unready.json()).toEqual({ ready: false });
		expect((await app.inject("/healthz")).statusCode).toBe(200);
		const late = await post("/toy/sync", syncBody());
		expect(late.statusCode).toBe(200);
		expect(late.headers["connection"]).toBe("close");
	});
});
