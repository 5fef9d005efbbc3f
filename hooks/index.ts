import type { Row } from "../kube/hook.ts";
import { relatingToNamesakes } from "../kube/namesakes.ts";
import type { KindDescriptor } from "../schemas/common.ts";
import { PrismRoster } from "../schemas/prismroster.ts";
import { backendConfig } from "./backendconfig/index.ts";
import { patternRunner } from "./patternrunner/index.ts";
import { prismNamespace } from "./prismnamespace/index.ts";
import { prismPlugin } from "./prismplugin/index.ts";
import { prismShard } from "./prismshard/index.ts";
import { prismStack } from "./prismstack/index.ts";
import { withHandoff } from "./with-revision-handoff.ts";

const asRegistered = (row: Row): Row => relatingToNamesakes(withHandoff(row));

/**
 * The registry: one row per controller. The server makes its routes of it, the CLI finds a manifest's hook in it, and
 * crds/ and compositecontrollers/ are generated from it.
 */
export const REGISTRY: readonly Row[] = [
	prismStack,
	patternRunner,
	backendConfig,
	prismNamespace,
	prismShard,
	prismPlugin,
].map(asRegistered);

/** Every kind of the API: those with a hook of their own, and the one that only the hooks write. */
export const KINDS: readonly KindDescriptor[] = [...REGISTRY.map(({ parent }) => parent), PrismRoster];
