import type { V1ConfigMap } from "@kubernetes/client-node";
import type { ObjectMeta } from "../../schemas/common.ts";
import type { Child } from "../types.ts";

export type ConfigMap = Child<"v1", "ConfigMap", V1ConfigMap>;

export const configMap = (metadata: ObjectMeta, data: Readonly<Record<string, string>>): ConfigMap => ({
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata,
	data,
});
