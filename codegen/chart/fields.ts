import { type TObject, type TProperties, Type } from "@sinclair/typebox";

// The sorts of values that the chart has. Groups know all their fields: a misspelt one is refused.

export const group = (description: string, properties: TProperties): TObject =>
	Type.Object(properties, { description, additionalProperties: false });

export const text = (description: string, fallback = "", options: { pattern?: string } = {}) =>
	Type.String({ description, default: fallback, ...options });

export const flag = (description: string, fallback = false) => Type.Boolean({ description, default: fallback });

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
export const name = (description: string) =>
	text(description, "", { pattern: "^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)?$" });

/** A key of a Secret; nothing, if the Secret is not named. */
export const secretKey = (what: string, key: string) => ({
	name: name(`Secret with ${what}.`),
	key: text("Key in the Secret.", key),
});

/** An image's digest. */
export const digest = text("Digest of the image. It overrides the tag.", "", { pattern: "^(sha256:[a-f0-9]{64})?$" });
export const DURATION = { pattern: "^([0-9]+(h|m|s))+$" };

/** What Helm hands down into every chart: nothing of it is read, but it has to be allowed. */
export const GLOBAL = Type.Optional(
	Type.Unsafe({
		type: "object",
		description: "Values that a parent chart sets for all of its charts. This chart ignores them.",
	}),
);
