import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { currentContext, fromKubeconfig, writeKubeconfig } from "../../../devcluster/api/kubeconfig.ts";
import { tcpAddress } from "../../../server/connections.ts";
import { createAuthority } from "../../server/authority.ts";

// Loaded before the tests, because that takes longer than all that they do.
beforeAll(async () => {
	await import("@kubernetes/client-node");
}, 60_000);
afterEach(() => vi.unstubAllEnvs());

const authority = createAuthority("cluster");
const { cert, key } = authority.sign("server");

const written = async (server: string, ca = authority.cert) => {
	const dir = mkdtempSync(join(tmpdir(), "prism-kubeconfig-"));
	onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
	const path = join(dir, "config");
	await writeKubeconfig(path, { name: "prism-local", server, ca, token: "s3cret" });
	vi.stubEnv("KUBECONFIG", path);
	return path;
};

async function apiServer() {
	const tokens: unknown[] = [];
	const server = createServer({ cert, key }, ({ headers }, response) => {
		tokens.push(headers.authorization);
		response.end('{"groupVersion":"v1","resources":[{"name":"pods","kind":"Pod","namespaced":true}]}');
	}).listen(0, "127.0.0.1");
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	await once(server, "listening");
	return { url: `https://127.0.0.1:${tcpAddress(server.address()).port}`, tokens };
}

test("the file is for its user only, and its context the current one", async () => {
	const path = await written("https://127.0.0.1:1");
	expect(statSync(path).mode & 0o777).toBe(0o600);
	expect(await currentContext()).toBe("prism-local");
});

test("the server of the current context is called with the token of its user", async () => {
	const { url, tokens } = await apiServer();
	await written(url);
	const store = await fromKubeconfig();
	onTestFinished(() => store.close());
	expect(await store.resourceOf("v1", "Pod")).toEqual({
		apiVersion: "v1",
		kind: "Pod",
		resource: "pods",
		namespaced: true,
	});
	expect(tokens).toContain("Bearer s3cret");
});

test("a server with a certificate of another authority is not called", async () => {
	const { url, tokens } = await apiServer();
	await written(url, createAuthority("another").cert);
	const store = await fromKubeconfig();
	onTestFinished(() => store.close());
	await expect(store.resourceOf("v1", "Pod")).rejects.toThrow(/certificate|signature|self-signed/);
	expect(tokens).toEqual([]);
});
