import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import type { Session } from "../../../plugin/cluster/context.ts";
import { attempting, explanations, report } from "../../../plugin/report/command.ts";
import { PLAIN } from "../../../plugin/text/paint.ts";
import { fakeKubectl } from "../fake-kubectl.ts";
import { MACHINERY } from "../why-case.ts";
import { late, NOW, ours, ready } from "../world.ts";

const LATE = ours("BackendConfig", "redis", late("BackendNotReady", "m"));
const READY = ours("PrismStack", "shop", ready("StackReady", "up"));

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "prism-report-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const session = (): Session => {
	const fake = fakeKubectl({ objects: [...MACHINERY, READY, LATE] });
	const run: typeof fake.run = async (args) => (args[0] === "version" ? "Server Version: v1.33.2\n" : fake.run(args));
	const scope = { namespace: "shop" };
	const speech = { program: "kubectl prism", flags: [] };
	return { kubectl: { ...fake, run }, scope, paint: PLAIN, speech, print: () => {}, json: () => {} };
};

describe("a report", () => {
	it("is a folder that only its owner reads, with an explanation of what is not ready", async () => {
		const to = join(folder, "bundle");
		expect(await report(session(), [], { to, logs: true })).toBe(0);
		expect(readdirSync(to)).toEqual(
			expect.arrayContaining(["status.txt", "tree.txt", "doctor.txt", "why", "gaps.txt"]),
		);
		expect(readdirSync(join(to, "why"))).toEqual(["shop_backendconfig_redis.txt"]);
		expect(statSync(join(to, "status.txt")).mode & 0o077).toBe(0);
		expect(readFileSync(join(to, "gaps.txt"), "utf8")).toContain("log of prism-system/");
	});

	it("is an archive by its name", async () => {
		const to = join(folder, "bundle.tgz");
		await report(session(), [], { to, logs: false });
		expect(readFileSync(to).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
	});
});

it("goes on without a part that fails", async () => {
	const gaps: string[] = [];
	const attempt = attempting(gaps);
	expect(await attempt("a.txt", () => ["1", "2"])).toEqual([{ path: "a.txt", text: "1\n2\n" }]);
	const broken = () => Promise.reject(new Error("boom"));
	expect(await attempt("b.txt", broken)).toEqual([]);
	expect(gaps).toEqual(["b.txt: boom"]);
	const view = viewOf({ objects: [LATE, READY], now: NOW });
	const files = await explanations(
		session(),
		view,
		async (path) => [{ path, text: "" }],
		() => {},
	);
	expect(files.map(({ path }) => path)).toEqual(["why/shop_backendconfig_redis.txt"]);
});
