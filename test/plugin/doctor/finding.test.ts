import { expect, it } from "vitest";
import { type DoctorFinding, doctorCode, doctorLines, findingsAbout } from "../../../plugin/doctor/finding.ts";
import { PLAIN } from "../../../plugin/text/paint.ts";

const { good, odd, bad, unknown } = findingsAbout("CRDs");

it("makes findings of one component, with a fix where there is one", () => {
	expect(good("fine")).toEqual({ level: "good", about: "CRDs", says: "fine" });
	expect(bad("broken", "a", "b")).toEqual({ level: "bad", about: "CRDs", says: "broken", fix: ["a", "b"] });
});

it.each<[DoctorFinding[], number, string]>([
	[[], 0, "0 problems, 0 warnings"],
	[[good("a"), odd("b"), unknown("c")], 0, "0 problems, 1 warning, 1 unknown"],
	[[bad("a"), bad("b")], 2, "2 problems, 0 warnings"],
])("%#: exit code and counts", (findings, code, counts) => {
	expect(doctorCode(findings)).toBe(code);
	expect(doctorLines(findings, PLAIN).at(-1)).toBe(counts);
});

it("shows commands apart from sentences, and details before both", () => {
	const lines = doctorLines([{ ...bad("broken", "kubectl get pods", "or wait"), details: ["more"] }], PLAIN);
	expect(lines.slice(0, 4).map((line) => line.trim())).toEqual([
		expect.stringMatching(/^✖ CRDs +broken$/),
		"- more",
		"kubectl get pods",
		"→ or wait",
	]);
});
