import { describe, expect, it } from "vitest";
import { tooLarge } from "../../kube/child-size.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";

describe("a child that is applied with a copy of itself", () => {
	const parent = (config: unknown): KubeObject => ({
		apiVersion: "prism.io/v1alpha1",
		kind: "PatternRunner",
		metadata: { name: "a", namespace: "default" },
		spec: { config, pattern: "kv" },
	});
	const child = (text: string): KubeObject => ({
		apiVersion: "v1",
		kind: "ConfigMap",
		metadata: { name: "a-config", namespace: "default" },
		data: { text },
	});
	const envelope = JSON.stringify(child("")).length;
	const observed = (annotations?: Record<string, string>) => {
		const there = child("");
		return { "ConfigMap.v1": { "default/a-config": { ...there, metadata: { ...there.metadata, annotations } } } };
	};
	const isRejected = (text: string, there = {}) => tooLarge(parent({ text }), [child(text)], there) !== undefined;

	/** Bytes of each character in the JSON that Go writes. */
	it.each([
		["a", 1],
		["é", 2],
		["€", 3],
		["🦊", 4],
		["<", 6],
		[">", 6],
		["&", 6],
		["\u2028", 6],
		["\u2029", 6],
	])("%j is counted as %d bytes", (character, bytes) => {
		const room = 256_000 - envelope;
		const text = (more: number) => character.repeat(Math.floor(room / bytes) + more);
		expect([isRejected(text(0)), isRejected(text(1))]).toEqual([false, true]);
	});

	it("names the deepest field that outweighs the others", () => {
		const found = tooLarge(parent({ a: 1, b: [{ c: "x".repeat(300_000) }] }), [child("x".repeat(300_000))], {});
		expect(found).toMatchObject({ finding: { about: "size", field: "spec.config.b[0].c", most: 256_000 } });
	});

	it("may be larger where the one that is there was applied by the server's side", () => {
		const text = "x".repeat(300_000);
		const hash = { [DESIRED_HASH_ANNOTATION]: "h" };
		expect(isRejected(text, observed(hash))).toBe(false);
		expect(isRejected("x".repeat(1_000_001), observed(hash))).toBe(true);
		expect(isRejected(text, observed({ ...hash, "metacontroller.k8s.io/last-applied-configuration": "{}" }))).toBe(
			true,
		);
		expect(isRejected(text, observed({}))).toBe(true);
	});
});
