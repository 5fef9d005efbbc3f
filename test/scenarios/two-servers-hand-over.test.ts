import { afterEach, describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { replayed } from "../../hooks/recorded-call.ts";
import { valueAt } from "../../kube/object.ts";
import { admitted, syncRequest } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { RecordedCall } from "../../schemas/recorded-call.ts";
import { readConfig } from "../../server/config.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { captureLog } from "../server/toy.ts";

// The server signs what its hooks change, by the version that it is and what it is set to.

const row = REGISTRY.find(({ parent }) => parent.kind === "PatternRunner");
if (row === undefined) throw new Error("nobody looks after PatternRunners");

const running: RunningServer[] = [];
afterEach(async () => {
	for (const server of running.splice(0)) await server.close();
});

const started = async (release: string, environment: Record<string, string> = {}) => {
	const captured = captureLog();
	const config = readConfig({ PORT: "0", PRISM_DASHBOARD: "0", ...environment });
	const dashboard = { port: 0, callsPerObject: 5, bytes: 1 << 20 };
	const server = await startServer({ ...config, port: 0, dashboard }, REGISTRY, { log: captured.log, release });
	running.push(server);
	return { ...captured, server };
};

const runner = (status?: unknown): KubeObject => ({
	...admitted(
		row.parent,
		{
			apiVersion: "prism.io/v1alpha1",
			kind: "PatternRunner",
			metadata: { name: "kv", namespace: "team-a", generation: 1 },
			spec: { pattern: "keyvalue", backend: "memstore" },
		},
		"2026-01-01T00:00:00Z",
	),
	...(status !== undefined && { status }),
});

interface Answer {
	readonly status: Record<string, unknown>;
	readonly children: KubeObject[];
	readonly resyncAfterSeconds?: number;
}

const call = async (
	{ url }: RunningServer,
	parent: KubeObject,
	observed: readonly KubeObject[] = [],
): Promise<Answer> => {
	const response = await fetch(`${url}/patternrunner/sync`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(syncRequest(parent, row.children, observed, [])),
	});
	expect(response.status).toBe(200);
	return (await response.json()) as Answer;
};

const revisionIn = ({ status }: Answer) => valueAt(status, "operator", "revision");

describe("a server", () => {
	it("signs by its version and settings, and says so when it starts", async () => {
		const { server, lines } = await started("1.2.3");
		const revision = revisionIn(await call(server, runner()));
		expect(revision).toMatch(/^1\.2\.3-[0-9a-f]{8}$/);
		expect(lines("what this operator changes is signed with its revision").map((line) => line["revision"])).toContain(
			revision,
		);
		const other = await started("1.2.3", { PRISM_IMAGE_TAG: "v9" });
		expect(revisionIn(await call(other.server, runner()))).not.toBe(revision);
		const same = await started("1.2.3");
		expect(revisionIn(await call(same.server, runner()))).toBe(revision);
	});

	it("leaves what another one has just signed, and says whose it is", async () => {
		const [first, second] = [await started("1.2.3"), await started("1.2.4")];
		const made = await call(first.server, runner());
		expect(made.children.length).toBeGreaterThan(0);
		const parent = runner(made.status);
		const answer = await call(second.server, parent, made.children);
		expect(answer.status).toEqual(made.status);
		expect(new Set(answer.children.map(({ kind }) => kind))).toEqual(new Set(made.children.map(({ kind }) => kind)));
		expect(answer.resyncAfterSeconds).toBeLessThanOrEqual(10);
		expect(second.lines("hook answered").map((line) => line["operator"])).toContain(revisionIn(made));
	});

	it("keeps of a call by which revision it was answered, so that it can be answered again", async () => {
		const { server } = await started("1.2.3");
		const answer = await call(server, runner());
		const place = `${server.dashboardUrl}/object/PatternRunner/team-a/kv/case.yaml`;
		await expect.poll(async () => (await fetch(place)).status, { timeout: 20_000 }).toBe(200);
		const { parseCall } = await import("../../plugin/record/golden-case.ts");
		const kept: RecordedCall = parseCall(await (await fetch(place)).text(), "the dashboard");
		expect(kept.revision).toBe(revisionIn(answer));
		expect(replayed(row, kept).status).toEqual(answer.status);
	});
});
