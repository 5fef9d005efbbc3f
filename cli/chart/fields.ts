import { type TObject, type TProperties, Type } from "@sinclair/typebox";

// The sorts of values that the chart has. Groups know all their fields: a misspelt one is refused.

export const group = (description: string, properties: TProperties): TObject =>
	Type.Object(properties, { description, additionalProperties: false });

export const text = (description: string, fallback = "", options: { pattern?: string } = {}) =>
	Type.String({ description, default: fallback, ...options });

export const flag = (description: string, fallback: boolean) => Type.Boolean({ description, default: fallback });

export const count = (description: string, fallback: number, minimum = 0, maximum = 1_000_000) =>
	Type.Integer({ description, default: fallback, minimum, maximum });

export const choice = (description: string, [first, ...others]: readonly [string, ...string[]]) =>
	Type.Unsafe<string>({ type: "string", enum: [first, ...others], default: first, description });

/** An object of Kubernetes' own, which the API server checks. */
export const object = (description: string, fallback: Record<string, unknown> = {}) =>
	Type.Unsafe<Record<string, unknown>>({ type: "object", description, default: fallback });

export const objects = (description: string, fallback: readonly Record<string, unknown>[] = []) =>
	Type.Unsafe<unknown[]>({ type: "array", items: { type: "object" }, description, default: [...fallback] });

export const texts = (description: string, fallback: Readonly<Record<string, string>> = {}) =>
	Type.Unsafe<Record<string, string>>({
		type: "object",
		additionalProperties: { type: "string" },
		description,
		default: { ...fallback },
	});

/** Name of an object, or nothing. */
export const NAME = { pattern: "^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)?$" };
export const DURATION = { pattern: "^([0-9]+(h|m|s))+$" };

/** What Helm hands down into every chart: nothing of it is read, but it has to be allowed. */
export const GLOBAL = Type.Optional(
	Type.Unsafe({ type: "object", description: "What a chart that contains this one sets for all; not read." }),
);
