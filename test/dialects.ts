import type { Dialect } from "../devcluster/proxy/faults.ts";

/** What every test of namespaces on a control plane is run with: the manners of the one that exists, and the contract. */
export const DIALECTS = ["prism-admin", "extended"] as const satisfies readonly Dialect[];
