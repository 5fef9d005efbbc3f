import { type Secret, secret } from "../../kube/children/secret.ts";
import { childMetadata } from "../../kube/object.ts";
import type { RunnerPlan } from "./plan.ts";

/** spec.config, if it has credentials. */
export const runnerSecret = (plan: RunnerPlan): Secret | undefined =>
	plan.config?.kind === "Secret" ? secret(childMetadata(plan, plan.config.name), plan.config.data) : undefined;
