import { stamped } from "../../kube/object.ts";
import { configMap, secret } from "../../kube/workload.ts";
import type { KubeObject, ObjectMeta } from "../../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { BackendPlan } from "./plan.ts";

/** All children of a BackendConfig, as they are to be sent. */
export const childrenOf = (plan: BackendPlan): KubeObject[] =>
	[connectionConfig(plan), connectionSecret(plan)]
		.filter((child) => child !== undefined)
		.map((child) => stamped(child, DESIRED_HASH_ANNOTATION));

const metadata = ({ name, namespace, labels }: BackendPlan): ObjectMeta => ({ name, namespace, labels: { ...labels } });

const connectionConfig = (plan: BackendPlan): KubeObject => configMap(metadata(plan), plan.published);

const connectionSecret = (plan: BackendPlan): KubeObject | undefined =>
	plan.secretUrl === undefined ? undefined : secret(metadata(plan), { url: plan.secretUrl });
