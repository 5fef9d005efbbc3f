import type { V1Secret } from "@kubernetes/client-node";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { base64 } from "@scure/base";
import type { ObjectMeta } from "../../schemas/common.ts";
import type { Child } from "../types.ts";

export type Secret = Child<"v1", "Secret", V1Secret>;

/** A Secret from clear text. `stringData` would differ from the stored object at every sync. */
export const secret = (metadata: ObjectMeta, data: Readonly<Record<string, string>>): Secret => ({
	apiVersion: "v1",
	kind: "Secret",
	metadata,
	type: "Opaque",
	data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64.encode(utf8ToBytes(value))])),
});
