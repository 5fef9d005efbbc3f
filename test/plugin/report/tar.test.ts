import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tarGz } from "../../../plugin/report/tar.ts";

describe("an archive", () => {
	it("is unpacked by tar, with long names", () => {
		const folder = mkdtempSync(join(tmpdir(), "prism-tar-"));
		try {
			const long = `report/${"folder-".repeat(12)}x/${"name-".repeat(10)}.txt`;
			writeFileSync(
				join(folder, "a.tar.gz"),
				tarGz(
					[
						{ path: "report/a.txt", text: "één\n" },
						{ path: long, text: "x".repeat(1024) },
						{ path: "report/empty.txt", text: "" },
					],
					1_767_268_800,
				),
			);
			execFileSync("tar", ["xzf", "a.tar.gz"], { cwd: folder });
			expect(readFileSync(join(folder, "report/a.txt"), "utf8")).toBe("één\n");
			expect(readFileSync(join(folder, long), "utf8")).toHaveLength(1024);
			expect(readFileSync(join(folder, "report/empty.txt"), "utf8")).toBe("");
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	});

	it.each([
		["a name of 101 bytes without folders", "x".repeat(101), false],
		["a name of 100 bytes", "x".repeat(100), true],
		["folders of 155 bytes and a name of 100", `${"f".repeat(155)}/${"x".repeat(100)}`, true],
		["folders of 156 bytes", `${"f".repeat(156)}/${"x".repeat(100)}`, false],
	])("has %s: %s", (_, path, isShort) => {
		const archive = () => tarGz([{ path, text: "" }], 0);
		if (isShort) expect(archive).not.toThrow();
		else expect(archive).toThrow(RangeError);
	});
});
