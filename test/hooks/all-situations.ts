import { BACKEND_CONFIG_SITUATIONS } from "./backendconfig-situations.ts";
import { PATTERN_RUNNER_SITUATIONS } from "./patternrunner-situations.ts";
import { PRISM_PLUGIN_SITUATIONS } from "./prismplugin-situations.ts";
import { PRISM_SHARD_SITUATIONS } from "./prismshard-situations.ts";
import { PRISM_STACK_SITUATIONS } from "./prismstack-situations.ts";
import type { Situation } from "./situations.ts";

/** Those of all kinds that have children; a PrismNamespace has none, and situations of another form. */
export const SITUATIONS: readonly Situation[] = [
	...PRISM_STACK_SITUATIONS,
	...PATTERN_RUNNER_SITUATIONS,
	...BACKEND_CONFIG_SITUATIONS,
	...PRISM_SHARD_SITUATIONS,
	...PRISM_PLUGIN_SITUATIONS,
];
