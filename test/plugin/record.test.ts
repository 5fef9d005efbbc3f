import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseCall, readCase } from "../../plugin/record/golden-case.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { casesIn, rendered } from "../golden-cases.ts";
import { eventually } from "../integration/installed.ts";
import { type Line, startLine } from "../integration/line.ts";

// A bug report becomes a test: what a running server was asked is saved as a golden case, which golden.test.ts would run.

const ROOT = join(import.meta.dirname, "../..");
const CANARY = "hunter2CANARY";

interface Ran {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

const cli = (args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
	promisify(execFile)(process.execPath, [join(ROOT, "cli/main.ts"), ...args], {
		env: { ...process.env, NO_COLOR: "1", ...env },
	}).then(
		({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
		(error: unknown) => {
			const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
			return { code, out: stdout, err: stderr };
		},
	);

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "prism-record-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("from a server that runs", () => {
	let line: Line;
	const record = (kind: string, name: string, output: string, more: readonly string[] = []) =>
		cli(["record", kind, name, "--from", line.dashboardUrl, "-o", join(folder, output), ...more]);

	beforeAll(async () => {
		line = await startLine({ name: "memory", metacontroller: "", dashboard: true });
		const objects = readManifests(join(ROOT, "samples/tenants.yaml")).map(({ object }) => object);
		for (const object of objects) await line.apply(object);
		for (const { kind, metadata } of objects) await line.untilReady(kind, metadata.name);
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	test("a composite's call becomes a case, which the golden machinery runs", { timeout: 60_000 }, async () => {
		const ran = await record("pstack", "shop", "stack");
		expect(ran).toMatchObject({ code: 0, err: "" });
		expect(ran.out.split("\n")).toContain(`written ${join(folder, "stack.in.yaml")}`);
		const golden = casesIn(folder).find(({ name }) => name === "stack");
		if (golden === undefined) throw new Error("there is no case stack");
		const out = readFileSync(`${golden.stem}.out.yaml`, "utf8");
		expect(rendered(golden)).toBe(out);
		expect(out).toContain("reason: StackReady");
	});

	test("so does a decorator's, with what proxies said: nobody is asked again", { timeout: 90_000 }, async () => {
		// A call that changes something: both proxies are told, and asked again.
		await line.edit("PrismNamespace", "tenant-acme", (spec) => ({ ...spec, displayName: "ACME, changed" }));
		const number = await eventually(async () => {
			const place = `${line.dashboardUrl}/object/PrismNamespace/default/tenant-acme`;
			const page = await (await fetch(place)).text();
			for (const [, id = ""] of page.matchAll(/(?:case\.yaml|tenant-acme)\?call=(\d+)"/g)) {
				const document = await (await fetch(`${place}/case.yaml?call=${id}`)).text();
				if (Object.keys(parseCall(document, "the dashboard").outcomes).length === 2) return id;
			}
			throw new Error("no call that told both proxies is kept");
		}, 60);
		const ran = await record("PrismNamespace", "default/tenant-acme", "told", ["--call", number]);
		expect(ran).toMatchObject({ code: 0, err: "" });
		const call = readCase(join(folder, "told"));
		expect(Object.values(call?.answers ?? {}).map(({ state }) => state)).toEqual(["known", "known"]);
		const golden = casesIn(folder).find(({ name }) => name === "told");
		if (golden === undefined) throw new Error("there is no case told");
		expect(rendered(golden)).toBe(readFileSync(`${golden.stem}.out.yaml`, "utf8"));

		// Without what the proxies said, the answer would be another one.
		rmSync(`${golden.stem}.answers.yaml`);
		rmSync(`${golden.stem}.outcomes.yaml`);
		expect(rendered(golden)).not.toBe(readFileSync(`${golden.stem}.out.yaml`, "utf8"));
	});

	test("credentials are in none of the files", { timeout: 60_000 }, async () => {
		await line.edit("PrismStack", "shop", (spec) => ({
			...spec,
			backends: [{ name: "redis", type: "cache", connectionString: `redis://admin:${CANARY}@redis:6379` }],
		}));
		await eventually(async () => {
			for (const name of readdirSync(folder).filter((file) => file.startsWith("leaky."))) rmSync(join(folder, name));
			expect((await record("bcfg", "shop-redis", "leaky")).code).toBe(0);
			expect(readFileSync(join(folder, "leaky.out.yaml"), "utf8")).toContain("InlineCredentials");
		}, 30);
		for (const name of readdirSync(folder))
			expect(readFileSync(join(folder, name), "utf8"), name).not.toContain(CANARY);
		expect(readFileSync(join(folder, "leaky.in.yaml"), "utf8")).toMatch(
			/^#.*\n# Credentials were redacted at:\n(#.*\n)*# {3}BackendConfig shop-redis: spec\.connection\.url\n---/,
		);
		const replayed = await cli(["replay", join(folder, "leaky")]);
		expect(replayed).toMatchObject({ code: 0, err: "" });
		expect(replayed.out).toContain("✔ the same as recorded");
	});

	test("a case that is there already is not written over", async () => {
		writeFileSync(join(folder, "taken.related.yaml"), "mine\n");
		const { code, err } = await record("PrismStack", "shop", "taken");
		expect([code, err]).toEqual([
			1,
			`error: cannot write the case taken: ${join(folder, "taken.related.yaml")} already exists\n`,
		]);
	});

	test("what was not seen is told so", async () => {
		const { code, err } = await record("PrismStack", "nobody", "nobody");
		expect(code).toBe(1);
		expect(err).toMatch(/^error: cannot find a call of PrismStack default\/nobody in the dashboard: /);
	});
});

describe("record", () => {
	test("tells what is missing, when there is no dashboard", async () => {
		const { code, err } = await cli(["record", "PrismStack", "a", "--from", "http://127.0.0.1:1"]);
		expect([code, err]).toEqual([
			1,
			"error: cannot reach the dashboard at http://127.0.0.1:1: set PRISM_DASHBOARD to enable it. `prism-operator dashboard` forwards it from a cluster\n",
		]);
	});

	test("knows the kinds that there are", async () => {
		const { code, err } = await cli(["record", "Deployment", "a"]);
		expect([code, err.split("(")[0]]).toEqual([1, "error: cannot record Deployment: unknown kind "]);
	});
});

describe("replay", () => {
	const recorded = () => join(folder, "replayed");
	beforeAll(async () => {
		const golden = join(ROOT, "test/golden/namespace-placed");
		const [object] = readManifests(`${golden}.in.yaml`);
		writeFileSync(
			`${recorded()}.in.yaml`,
			JSON.stringify({ ...object?.object, metadata: { ...object?.object.metadata, uid: "u" } }),
		);
		for (const part of ["related", "answers"])
			writeFileSync(`${recorded()}.${part}.yaml`, readFileSync(`${golden}.${part}.yaml`, "utf8"));
		writeFileSync(`${recorded()}.call.yaml`, "hook: sync\nnow: 2026-01-01T00:00:00Z\n".replace(/(2026.*)/, '"$1"'));
		const { out } = await cli(["replay", recorded(), "-o", "yaml"]);
		writeFileSync(`${recorded()}.out.yaml`, out);
	});

	test("says what the hook answers, and that it is the same", async () => {
		const { code, out, err } = await cli(["replay", `${recorded()}.in.yaml`]);
		expect([code, err]).toEqual([0, ""]);
		expect(out).toMatch(
			/^PrismNamespace team\/user-profiles: sync at 2026-01-01T00:00:00Z\n {2}Ready False, PartiallyProvisioned: .*\n {2}0 children\n {2}✔ the same as recorded\n$/,
		);
	});

	test("says what differs, and exits with 2", async () => {
		const path = `${recorded()}.out.yaml`;
		const before = readFileSync(path, "utf8");
		writeFileSync(path, before.replace("phase: Degraded", "phase: Active"));
		const { code, out } = await cli(["replay", recorded()]);
		writeFileSync(path, before);
		expect(code).toBe(2);
		expect(out).toContain(
			'  ✖ 1 difference to what was recorded:\n    status.phase\n      - "Active"\n      + "Degraded"\n',
		);
	});

	test("of a hook that failed: there is nothing to compare with", async () => {
		const path = `${recorded()}.out.yaml`;
		const before = readFileSync(path, "utf8");
		rmSync(path);
		const { code, out } = await cli(["replay", recorded()]);
		writeFileSync(path, before);
		expect(code).toBe(0);
		expect(out).toContain("nothing to compare with: the hook failed when it was recorded");
	});

	test.each([
		["a case that was not recorded", "test/golden/stack-minimal", /it was not recorded .*render it/],
		["what is no recorded call", "samples/quickstart.yaml", /this is not a recorded call/],
		["what is not there", "nowhere.yaml", /cannot read .*nowhere\.yaml/],
	])("refuses %s", async (_what, path, message) => {
		const { code, err } = await cli(["replay", join(ROOT, path)]);
		expect(code).toBe(1);
		expect(err).toMatch(message);
	});
});

describe("dashboard", () => {
	/** A kubectl that answers as one would with this Deployment, and notes how it was called. */
	const kubectl = (
		deployment: Record<string, unknown> | undefined,
		pods: readonly unknown[] = [],
	): { path: string; calls: () => string } => {
		const bin = mkdtempSync(join(folder, "bin-"));
		const list = JSON.stringify({ items: deployment === undefined ? [] : [deployment] });
		writeFileSync(join(bin, "pods"), JSON.stringify({ items: pods }));
		writeFileSync(
			join(bin, "kubectl"),
			`#!/bin/sh\nprintf '%s\\n' "$*" >> ${bin}/calls\ncase "$*" in *port-forward*) echo "Forwarding from 127.0.0.1"; exit 0;; *"get pods"*) cat ${bin}/pods; exit 0;; esac\ncat <<'END'\n${list}\nEND\n`,
		);
		chmodSync(join(bin, "kubectl"), 0o755);
		return { path: `${bin}:${process.env["PATH"]}`, calls: () => readFileSync(join(bin, "calls"), "utf8") };
	};
	const deployment = (env: unknown[]) => ({
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name: "prism-operator-controller-manager" },
		spec: { replicas: 2, template: { spec: { containers: [{ name: "hooks", env }] } } },
	});

	test("forwards the port that the deployment says", async () => {
		const { path, calls } = kubectl(deployment([{ name: "PRISM_DASHBOARD", value: "9123" }]));
		const { code, out } = await cli(["dashboard", "-n", "ops", "--context", "eu", "--port", "7000"], { PATH: path });
		expect(code).toBe(0);
		expect(calls()).toContain(
			"--context=eu -n ops port-forward deployment/prism-operator-controller-manager 7000:9123\n",
		);
		expect(out).toContain("is at http://127.0.0.1:7000. Press Ctrl-C to stop\n");
	});

	test("forwards a port to each replica that runs, for each shows its own calls", async () => {
		const pod = (name: string, phase = "Running", deletionTimestamp?: string) => ({
			apiVersion: "v1",
			kind: "Pod",
			metadata: { name, namespace: "ops", ...(deletionTimestamp !== undefined && { deletionTimestamp }) },
			status: { phase },
		});
		const pods = [
			pod("hooks-b"),
			pod("hooks-a"),
			pod("hooks-c", "Pending"),
			pod("hooks-d", "Running", "2026-01-01T00:00:00Z"),
		];
		const { path, calls } = kubectl(deployment([{ name: "PRISM_DASHBOARD", value: "9123" }]), pods);
		const { code, out } = await cli(["dashboard", "-n", "ops", "--port", "7000"], { PATH: path });
		expect(code).toBe(0);
		expect(out).toContain("to each of 2 replicas");
		expect(
			calls()
				.match(/port-forward .*/g)
				?.toSorted(),
		).toEqual(["port-forward pod/hooks-a 7000:9123", "port-forward pod/hooks-b 7001:9123"]);
	});

	test("tells how to switch it on", async () => {
		const { path } = kubectl(deployment([{ name: "PORT", value: "8080" }]));
		const { code, err } = await cli(["dashboard"], { PATH: path });
		expect(code).toBe(1);
		expect(err).toContain("is disabled. To enable it:\n  helm upgrade");
		expect(err).toContain("--set config.PRISM_DASHBOARD=8090");
	});

	test("tells that there is no operator", async () => {
		const { path } = kubectl(undefined);
		const { code, err } = await cli(["dashboard"], { PATH: path });
		expect([code, err]).toEqual([
			1,
			"error: cannot find the operator: namespace prism-system has no Deployment of it. Set -n\n",
		]);
	});

	test("tells that there is no kubectl", async () => {
		const { code, err } = await cli(["dashboard"], { PATH: folder });
		expect(code).toBe(1);
		expect(err).toMatch(/^error: cannot run kubectl: program not found\. Install kubectl/);
	});
});

test("a port that is taken is told as such", async () => {
	const taken = createServer();
	await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
	const address = taken.address();
	const port = typeof address === "object" ? String(address?.port) : "";
	const { code, err } = await cli(["serve"], { PORT: "0", PRISM_DASHBOARD: port });
	taken.close();
	expect(code).toBe(1);
	expect(err).toContain("EADDRINUSE");
});
