import type { Row } from "../kube/hook.ts";
import { backendConfig } from "./backendconfig/index.ts";
import { patternRunner } from "./patternrunner/index.ts";
import { prismStack } from "./prismstack/index.ts";

/**
 * The registry: one row per controller. The server makes its routes of it, the CLI finds a manifest's hook in it, and
 * crds/ and compositecontrollers/ are generated from it.
 */
export const REGISTRY: readonly Row[] = [prismStack, patternRunner, backendConfig];
