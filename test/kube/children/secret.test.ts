import fc from "fast-check";
import { expect, it } from "vitest";
import { secret } from "../../../kube/children/secret.ts";

it("has any text in the form that is stored, so that it does not differ from the observed one", () => {
	fc.assert(
		fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ unit: "grapheme" })), (texts) => {
			const { data = {}, stringData } = secret({ name: "it" }, texts);
			const read = Object.entries(data).map(([key, value]) => [key, Buffer.from(String(value), "base64").toString()]);
			expect(Object.fromEntries(read)).toEqual({ ...texts });
			expect(stringData).toBeUndefined();
		}),
		{ examples: [[{ url: "redis://:pässwörd@redis:6379" }], [{ empty: "" }]] },
	);
});

it("is Opaque", () => {
	expect(secret({ name: "it" }, {})).toMatchObject({ apiVersion: "v1", kind: "Secret", type: "Opaque" });
});
