import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKubectl, errorMessage, listed, parseObjects } from "../../../plugin/cluster/kubectl.ts";

const POD = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" } };

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "prism-kubectl-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** kubectl as a script that prints its arguments and standard input, or a failure. */
const running = (lines: string, flags: Parameters<typeof createKubectl>[0] = {}, said = "") => {
	const program = join(folder, "kubectl");
	writeFileSync(program, `#!/bin/sh\n${lines}\n`);
	chmodSync(program, 0o755);
	return createKubectl(flags, { ...process.env, KUBECTL: program, SAID: said });
};

describe("kubectl", () => {
	it("gets the flags of the cluster before its arguments, and its input", async () => {
		const kubectl = running('echo "$@"; cat', { requestTimeout: "3s", context: "eu", user: undefined });
		expect(kubectl.flags).toEqual(["--context=eu", "--request-timeout=3s"]);
		expect(await kubectl.run(["get", "pods"], { input: "text" })).toBe(
			"--context=eu --request-timeout=3s get pods\ntext",
		);
	});

	it("may exit before it reads its input", async () => {
		const outcome = await running("exit 3").try(["apply"], { input: "x".repeat(1_000_000) });
		expect(outcome).toEqual({ code: 3, stdout: "", stderr: "" });
	});

	it("reports objects that it read although it fails", async () => {
		const kubectl = running(`echo '${JSON.stringify({ items: [POD] })}'; echo no >&2; exit 1`);
		expect(await listed(kubectl, "get", "pods")).toEqual({ objects: [POD], ok: false, stderr: "no\n" });
		await expect(kubectl.objects(["get", "pods"])).rejects.toMatchObject({ trouble: "other" });
	});

	it("is not there", async () => {
		const kubectl = createKubectl({}, { KUBECTL: join(folder, "nothing") });
		await expect(kubectl.try(["get"])).rejects.toMatchObject({ name: "KubectlError", trouble: "noKubectl" });
	});

	it.each([
		["noKind", `error: the server doesn't have a resource type "prismstacks"`],
		["noKind", 'no matches for kind "Widget" in version "example.com/v1"'],
		["forbidden", 'Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods"'],
		["forbidden", "Error from server (Forbidden): no"],
		["unauthorized", "error: You must be logged in to the server (Unauthorized)"],
		["noContext", 'error: context "eu" does not exist'],
		["noCluster", "The connection to the server localhost:8080 was refused - did you specify the right host or port?"],
		["noCluster", "Unable to connect to the server: x509: certificate signed by unknown authority"],
		["notFound", 'Error from server (NotFound): pods "a" not found'],
		["other", "error: unknown flag: --nothing"],
		["other", ""],
	])("fails with %s: %s", async (trouble, stderr) => {
		const failed = running('echo "$SAID" >&2; exit 1', {}, stderr).run(["get", "pods"]);
		await expect(failed).rejects.toMatchObject({ name: "KubectlError", trouble });
	});
});

it.each([
	["", []],
	[" \n", []],
	["[]", []],
	[JSON.stringify(POD), [POD]],
	[JSON.stringify({ kind: "List", items: [POD, { kind: "Pod" }, 7] }), [POD]],
])("objects in %j", (text, objects) => expect(parseObjects(text)).toEqual(objects));

it.each([
	["error: no\n", "no"],
	['Error from server (NotFound): pods "a" not found', 'pods "a" not found'],
	["E0101 12:00:00.000000 1 memcache.go:265] couldn't get\n\nError from server: boom", "boom"],
	["", "kubectl failed without an error message"],
])("the error in %j", (stderr, message) => expect(errorMessage(stderr)).toBe(message));
