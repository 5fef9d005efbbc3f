import { type Secret, secret } from "../../kube/children/secret.ts";
import { childMetadata } from "../../kube/object.ts";
import type { ShardPlan } from "./plan.ts";

/** The configuration file, if it has credentials. */
export const shardSecret = (plan: ShardPlan): Secret | undefined =>
	plan.config.kind === "Secret" ? secret(childMetadata(plan, plan.names.base), plan.config.data) : undefined;
