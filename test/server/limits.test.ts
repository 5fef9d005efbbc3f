import { expect, test } from "vitest";
import { BECOMES, bodyMemory } from "../../server/limits.ts";
import { MIB, toyLimits } from "./toy.ts";

test.each([1024, 16 * MIB, 256 * MIB])(
	"with a limit of %d bytes, one such body and small ones fit into memory",
	(bodyBytes) => {
		const memory = bodyMemory({ ...toyLimits, bodyBytes });
		expect(memory).toBeGreaterThanOrEqual(BECOMES * (bodyBytes + 6 * MIB));
	},
);

test("two bodies at the default limit do not", () => {
	expect(bodyMemory(toyLimits)).toBeLessThan(2 * BECOMES * toyLimits.bodyBytes);
});
