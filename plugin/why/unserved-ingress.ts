import { recordsAt, valueAt } from "../../kube/object.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { type Known, keyOf, type Need } from "./diagnosis.ts";
import { kubectl } from "./next-commands.ts";

// Ingresses that no controller serves. They keep nothing from being Ready: some controllers publish no address.

/** Seconds within which a controller publishes the address of an Ingress. */
const ADDRESS_SECONDS = 60;

const unserved = ({ view }: Known, object: KubeObject): KubeObject[] =>
	view
		.owned(object)
		.filter(
			({ kind, status, metadata: { creationTimestamp } }) =>
				kind === "Ingress" &&
				recordsAt(status, "loadBalancer", "ingress").length === 0 &&
				secondsBetween(creationTimestamp ?? view.now, view.now) > ADDRESS_SECONDS,
		);

const classOf = ({ spec }: KubeObject): string | undefined => {
	const name = valueAt(spec, "ingressClassName");
	return typeof name === "string" ? name : undefined;
};

const needOf = (name: string): Need => ({ need: "object", resource: "ingressclass", namespace: undefined, name });

/** The classes of these Ingresses, if they were not read. */
export const ingressNeeds = (known: Known, object: KubeObject): Need[] =>
	unserved(known, object)
		.flatMap((ingress) => classOf(ingress) ?? [])
		.map(needOf)
		.filter((need) => !known.extra.objects.has(keyOf(need)));

/** A sentence for each, with the command that shows the cause. */
export const unservedIngresses = (known: Known, object: KubeObject): string[] =>
	unserved(known, object).map(
		(ingress) =>
			`Ingress ${ingress.metadata.name} has no address: ${causeOf(known, ingress)}: ${kubectl(known, ["get", "ingressclass"]).command}`,
	);

const causeOf = ({ extra }: Known, ingress: KubeObject): string => {
	const name = classOf(ingress);
	if (name === undefined) return "it names no class, so a controller must serve the default IngressClass";
	const key = keyOf(needOf(name));
	if (extra.objects.has(key) && extra.objects.get(key) === undefined) return `IngressClass ${name} is not found`;
	const controller = valueAt(extra.objects.get(key)?.["spec"], "controller");
	return `does the controller of IngressClass ${name}${typeof controller === "string" ? ` (${controller})` : ""} run, and publish addresses?`;
};
