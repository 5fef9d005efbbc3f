import { describe, expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CHECKS, fluxOf, holds } from "./cel.ts";
import { situations } from "./observed.ts";

describe("Flux's health checks", () => {
	it("are there for every kind that somebody writes", () => {
		const kinds = KINDS.map(({ kind }) => kind).filter((kind) => kind !== "PrismRoster");
		expect(CHECKS.map(({ kind }) => kind)).toEqual(kinds);
	});

	it("wait for the first status, and for an answer to the last change", () => {
		for (const { object } of situations().filter(
			({ object: { metadata } }) => metadata.deletionTimestamp === undefined,
		)) {
			const { status: _none, ...fresh } = object as KubeObject & { status: unknown };
			expect(fluxOf(fresh)).toBe("InProgress");
			expect(fluxOf({ ...object, status: {} })).toBe("InProgress");
			const metadata = { ...object.metadata, generation: 99 };
			expect(fluxOf({ ...object, metadata })).toBe("InProgress");
			expect(holds(CHECKS[0]?.["inProgress"], { ...object, metadata })).toBe(true);
		}
	});
});
