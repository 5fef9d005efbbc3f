import { operatorDashboard } from "./operator.ts";
import type { Dashboard } from "./panels.ts";
import { resourcesDashboard } from "./resources.ts";

/** Every dashboard that the chart ships. */
export const DASHBOARDS: readonly Dashboard[] = [operatorDashboard, resourcesDashboard];
