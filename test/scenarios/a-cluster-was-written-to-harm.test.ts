import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { shown } from "../../plugin/text/print.ts";
import { printable, printableJson, printableLines } from "../../schemas/rendering/printable.ts";
import { late, NOW, ours, ownedBy } from "../plugin/world.ts";

// Commands as a user calls them, about a cluster whose objects were written to harm whoever looks at them.

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "prism-hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Clears the screen, renames the window, turns the direction, hides what follows; as a C1 control, too. */
const EVIL = "\u001b[31m\u001b[2J\u001b]0;owned\u0007\u202Egnp.exe\u200B\u009B31m\r\u0000\u{e0041}";
const UNSAFE = /[^\P{C}\n\t\p{Co}\p{Cn}]|[\u2028\u2029]/u;

const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
const deep = nested(3000);
const COPIES = ["metacontroller.k8s.io/last-applied-configuration", "kubectl.kubernetes.io/last-applied-configuration"];
const annotations = Object.fromEntries(COPIES.map((name) => [name, JSON.stringify(deep)]));

const runner = ours("PatternRunner", "deep", {
	...late("InvalidSpec", "deep", { stalled: true }),
	metadata: { annotations },
	spec: { pattern: "keyvalue", backend: "x", config: { deep, [EVIL]: EVIL } },
	status: { deep },
});
const evil = ours("PrismNamespace", "evil", {
	...late(`Rea\u001bson`, `words ${EVIL} words`),
	spec: { backend: "postgres", backendConfig: { [EVIL]: EVIL } },
	status: {
		placements: [
			{
				roster: "prism-live",
				namespace: "shop",
				state: "Active",
				instances: [{ name: EVIL, state: "Refused", message: EVIL }],
			},
		],
	},
});
const objects = [
	runner,
	evil,
	{
		...runner,
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: {
			...runner.metadata,
			...ownedBy(runner),
			uid: "child",
			labels: { "app.kubernetes.io/managed-by": "prism-operator" },
		},
	},
	// Of a release whose schema let it through.
	ours("BackendConfig", "broken", { status: { conditions: "none", binding: 5 } }),
	{ ...ours("PrismShard", "holes"), spec: null, status: null },
	{
		apiVersion: "v1",
		kind: "Event",
		metadata: { name: "e", namespace: "shop", uid: "e" },
		involvedObject: { kind: "PrismNamespace", namespace: "shop", name: "evil" },
		type: "Warning",
		reason: "SyncError",
		message: EVIL,
		lastTimestamp: NOW,
	},
];

const list = join(folder, "list.json");
const kubectl = join(folder, "kubectl");
writeFileSync(list, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
// Whatever is asked for, all of it is answered; anything else fails with words of its own.
writeFileSync(
	kubectl,
	`#!/bin/sh\ncase " $* " in *" get "*) exec cat ${list};; *" version "*) echo "Server Version: v1.33.0"; exit 0;; esac\nprintf 'error: \\033[2J no\\n' >&2\nexit 1\n`,
);
chmodSync(kubectl, 0o755);

const prism = (...args: readonly string[]): Promise<{ code: number | null; text: string; stdout: string }> =>
	new Promise((resolve) => {
		const env = { PATH: process.env["PATH"] ?? "", KUBECTL: kubectl };
		const child = spawn(process.execPath, [join(ROOT, "cli/main.ts"), ...args], { env });
		let stdout = "";
		let text = "";
		child.stdout.on("data", (chunk: Buffer) => {
			stdout += chunk.toString();
			text += chunk.toString();
		});
		child.stderr.on("data", (chunk: Buffer) => {
			text += chunk.toString();
		});
		child.once("close", (code) => resolve({ code, text, stdout }));
	});

const manifest = join(folder, "evil.yaml");
writeFileSync(
	manifest,
	`apiVersion: prism.io/v1alpha1\nkind: PatternRunner\nmetadata: {name: evil}\nspec:\n  pattern: ${JSON.stringify(EVIL)}\n  backend: x\n  ${JSON.stringify(EVIL)}: 1\n`,
);

describe("a cluster that was written to harm", () => {
	it.each([
		{ args: ["status", "-A"] },
		{ args: ["tree", "-A", "-o", "wide"] },
		{ args: ["tree", "-A", "-o", "dot"] },
		{ args: ["why", "-A"] },
		{ args: ["why", "prismnamespace/evil", "-n", "shop", "-o", "json"] },
		{ args: ["where", "evil"] },
		{ args: ["doctor"] },
		{ args: ["diff", "-f", join(ROOT, "samples/quickstart.yaml")] },
		{ args: ["validate", "-f", manifest] },
		{ args: ["pause", "prismshard/holes"] },
	])("$args prints nothing that a terminal acts on, and does not break", { timeout: 120_000 }, async ({ args }) => {
		const { text, stdout } = await prism(...args);
		expect(text).not.toBe("");
		expect(text).not.toMatch(/RangeError|TypeError|ReferenceError|call stack/);
		expect(UNSAFE.exec(text)).toBeNull();
		if (args.includes("json")) expect(() => JSON.parse(stdout)).not.toThrow();
	});

	it("is reported whole, and what can't be shown is named", { timeout: 120_000 }, async () => {
		const target = join(folder, "report");
		const { code, text } = await prism("report", "-A", "--to", target);
		expect({ code, text }).toMatchObject({ code: 0 });
		expect(UNSAFE.exec(text)).toBeNull();
		const files = readdirSync(target, { recursive: true, encoding: "utf8" });
		expect(files).toEqual(
			expect.arrayContaining(["README.txt", "status.txt", "tree.txt", "objects/shop/patternrunners.yaml"]),
		);
		for (const file of files.filter((name) => /\.(txt|yaml|log)$/.test(name)))
			expect({ file, unsafe: UNSAFE.exec(readFileSync(join(target, file), "utf8")) }).toEqual({ file, unsafe: null });
	});
});

describe("what is shown", () => {
	it("keeps what a terminal shows as it is, and colors of our own", () => {
		expect(shown("\u001b[31mrot\u001b[39m ✔ … ü 漢 \u{1f600}", true)).toBe(
			"\u001b[31mrot\u001b[39m ✔ … ü 漢 \u{1f600}",
		);
		expect(shown("a\u001b[8mb\tc\nd", true)).toBe("a\\u{1b}[8mb\tc\nd");
		expect(shown("a\u001b[31mb", false)).toBe("a\\u{1b}[31mb");
		expect(printableLines("a\u202Eb\r\n")).toBe("a\\u{202e}b\\u{d}\n");
		expect(printable("a\r\nb")).toBe("a  b");
	});

	it("is the same value in JSON", () => {
		const value = { [EVIL]: [EVIL, "ü \u{1f600}"] };
		const text = printableJson(JSON.stringify(value, undefined, 2));
		expect(text).not.toMatch(UNSAFE);
		expect(JSON.parse(text)).toEqual(value);
	});
});
