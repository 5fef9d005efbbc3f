import { describe, expect, it } from "vitest";
import { labelValue, recommendedLabels } from "../../kube/labels.ts";
import { derivedName, fractionOf, jittered } from "../../kube/names.ts";

const long = (length: number, letter = "a") => letter.repeat(length);

describe("derived names", () => {
	it.each([
		{ reason: "a short one is just joined", base: "dev", suffix: "proxy", name: "dev-proxy" },
		{ reason: "one of 63 characters fits", base: long(57), suffix: "proxy", name: `${long(57)}-proxy` },
		{ reason: "one of 64 is cut", base: long(58), suffix: "proxy", name: `${long(48)}-60c28555-proxy` },
		{
			reason: "no hyphens pile up where it is cut",
			base: `${long(46)}--${long(20)}`,
			suffix: "proxy",
			name: `${long(46)}-09be2ee2-proxy`,
		},
		{
			reason: "a suffix that fills the limit is cut itself",
			base: "dev",
			suffix: long(63, "b"),
			name: `dev-${long(50, "b")}-5d56bfad`,
		},
	])("$reason", ({ base, suffix, name }) => {
		expect(derivedName(base, suffix)).toBe(name);
		expect(derivedName(base, suffix).length).toBeLessThanOrEqual(63);
	});

	it("keep apart what is the same where it was cut", () => {
		expect(derivedName(`${long(60)}-1`, "proxy")).not.toBe(derivedName(`${long(60)}-2`, "proxy"));
		expect(derivedName("a", `${long(62)}1`)).not.toBe(derivedName("a", `${long(62)}2`));
		expect(derivedName(long(58), "proxy")).not.toBe(derivedName(long(58), "admin"));
	});

	it("know other limits, such as a StatefulSet's", () => {
		expect(derivedName(long(60), "shard", 52)).toHaveLength(52);
	});
});

describe("label values", () => {
	it.each([
		{ reason: "short", text: "redis", value: "redis" },
		{ reason: "too long", text: long(70), value: long(63) },
		{ reason: "cut behind a dot", text: `${long(62)}.${long(5)}`, value: long(62) },
		{ reason: "nothing but dots", text: "...", value: "" },
	])("$reason", ({ text, value }) => {
		expect(labelValue(text)).toBe(value);
	});

	it("never tell the operator's version: every upgrade would roll every pod", () => {
		const labels = recommendedLabels({ name: "n", instance: "i", component: "c", partOf: "p", managedBy: "m" });
		expect(Object.keys(labels).join(" ")).not.toContain("version");
	});
});

describe("jitter", () => {
	it("is always the same for the same object, and different for others", () => {
		expect(jittered(60, "a")).toBe(jittered(60, "a"));
		expect(new Set(["a", "b", "c", "d", "e"].map((uid) => jittered(1000, uid))).size).toBe(5);
	});

	it.each(["", "a", "uid-1", "ü"])("lengthens by up to a quarter: %j", (uid) => {
		expect(fractionOf(uid)).toBeGreaterThanOrEqual(0);
		expect(fractionOf(uid)).toBeLessThan(1);
		expect(jittered(60, uid)).toBeGreaterThanOrEqual(60);
		expect(jittered(60, uid)).toBeLessThanOrEqual(75);
	});
});
