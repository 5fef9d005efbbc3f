import fc from "fast-check";
import { expect, it } from "vitest";
import { portableSha256Hex, sha256Hex } from "../../kube/hash.ts";

it("knows the digits that FIPS 180-4 gives", () => {
	const digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	expect(sha256Hex("abc")).toBe(digits);
	expect(portableSha256Hex("abc")).toBe(digits);
});

it("is the same whoever computes it", () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
			expect(sha256Hex(text)).toBe(portableSha256Hex(text));
		}),
	);
	expect(sha256Hex("half a pair: \ud800.")).toBe(portableSha256Hex("half a pair: \ud800."));
});
