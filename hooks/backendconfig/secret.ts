import { type Secret, secret } from "../../kube/children/secret.ts";
import { childMetadata } from "../../kube/object.ts";
import type { BackendPlan } from "./plan.ts";

/** The URL, if it has credentials. */
export const connectionSecret = (plan: BackendPlan): Secret | undefined =>
	plan.secretUrl === undefined ? undefined : secret(childMetadata(plan, plan.name), { url: plan.secretUrl });
