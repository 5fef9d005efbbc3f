import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { record } from "../../../plugin/record/record.ts";
import { Installation } from "../../../schemas/installation.ts";
import { RECORD_FORMAT } from "../../../schemas/recorded-call.ts";
import { ours } from "../world.ts";

const CALL = {
	format: RECORD_FORMAT,
	hook: "sync",
	now: "2026-01-01T12:00:00Z",
	installation: Value.Create(Installation),
	parent: ours("PrismStack", "shop"),
	observed: [],
	related: [],
	answers: {},
	outcomes: {},
	redacted: [],
};
const FOUND = "/object/PrismStack/shop/shop/case.yaml";

let folder = "";
let server: Server;
let from = "";
beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "prism-record-"));
	writeFileSync(join(folder, "call.yaml"), JSON.stringify(CALL));
	server = createServer(({ url }, response) => {
		if (url === "/object/PrismStack/shop/broken/case.yaml") response.statusCode = 500;
		else if (url !== FOUND && url !== `${FOUND}?call=7`) response.statusCode = 404;
		response.end(JSON.stringify(CALL));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	from = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
	server.close();
	rmSync(folder, { recursive: true, force: true });
});

describe("a call", () => {
	it.each([
		["the last one", {}],
		["an older one", { call: "7" }],
		["one in a file", { file: "call.yaml" }],
	])("becomes a case: %s", async (name, { file, ...options }: { file?: string; call?: string }) => {
		const output = join(folder, name);
		const given = { from, output, ...options, ...(file !== undefined && { file: join(folder, file) }) };
		expect(await record("pstack", "shop/shop", given)).toEqual([`${output}.in.yaml`, `${output}.call.yaml`]);
	});

	it.each<[string, string, string, Partial<Parameters<typeof record>[2]>, RegExp]>([
		["of an unknown kind", "Deployment", "a", {}, /unknown kind/],
		["that the dashboard does not have", "PrismStack", "shop/other", {}, /PrismStack shop\/other/],
		["that the dashboard can't show", "PrismStack", "shop/broken", {}, /500/],
		["of no dashboard", "PrismStack", "shop", { from: "http://127.0.0.1:1" }, /127\.0\.0\.1:1/],
		["of another object", "PrismStack", "shop", { file: "call.yaml" }, /default\/shop.*shop\/shop/],
	])("can't be recorded: one %s", async (_, kind, name, { file, ...options }, message) => {
		const given = { from, ...options, ...(file !== undefined && { file: join(folder, file) }) };
		await expect(record(kind, name, { ...given, output: join(folder, "none") })).rejects.toThrow(message);
	});
});
