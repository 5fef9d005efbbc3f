import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { stored } from "../world/stored.ts";

// Objects with all the weight that they have on Metacontroller's wire: what the API server adds to each (uid, owner,
// defaults, status), who manages which field, and what was applied last. Half of a real body is made of that.

const UID = "f4e007cf-739c-4675-a3b5-497ce5d74f0b";
const TIME = "2026-01-01T00:00:00Z";

/** Who manages which field, as the API server keeps it. */
const fieldsOf = (value: unknown): Record<string, unknown> => {
	if (Array.isArray(value)) {
		const items: readonly unknown[] = value;
		const named = items.filter(isRecord).filter(({ name }) => typeof name === "string");
		if (named.length === 0 || named.length < items.length) return {};
		return Object.fromEntries(
			named.map((item) => [`k:${JSON.stringify({ name: item["name"] })}`, { ".": {}, ...fieldsOf(item) }]),
		);
	}
	if (!isRecord(value)) return {};
	return Object.fromEntries(Object.entries(value).map(([name, field]) => [`f:${name}`, fieldsOf(field)]));
};

const managed = (
	{ apiVersion, kind: _kind, metadata, status, ...rest }: KubeObject,
	manager: string,
): KubeObject["metadata"]["managedFields"] => {
	const entry = (fields: unknown, who: string, subresource?: string) => ({
		apiVersion,
		fieldsType: "FieldsV1",
		fieldsV1: fieldsOf(fields),
		manager: who,
		operation: "Update",
		...(subresource !== undefined && { subresource }),
		time: TIME,
	});
	const { annotations, labels, finalizers } = metadata;
	const own = entry({ metadata: { annotations, labels, ...(finalizers && { finalizers }) }, ...rest }, manager);
	if (status === undefined) return [own];
	return [
		own,
		entry({ status }, manager === "metacontroller" ? "kube-controller-manager" : "metacontroller", "status"),
	];
};

/** What the API server fills in below a pod template. */
const POD_DEFAULTS = { dnsPolicy: "ClusterFirst", restartPolicy: "Always", schedulerName: "default-scheduler" };
const CONTAINER_DEFAULTS = {
	imagePullPolicy: "IfNotPresent",
	terminationMessagePath: "/dev/termination-log",
	terminationMessagePolicy: "File",
};

const withPodDefaults = (spec: unknown): unknown => {
	if (!isRecord(spec) || !isRecord(spec["template"])) return spec;
	const { template } = spec;
	if (!isRecord(template["spec"])) return spec;
	const pod = template["spec"];
	const containers: readonly unknown[] = Array.isArray(pod["containers"]) ? pod["containers"] : [];
	return {
		...spec,
		template: {
			...template,
			spec: {
				...pod,
				...POD_DEFAULTS,
				containers: containers.map((container) =>
					isRecord(container) ? { ...container, ...CONTAINER_DEFAULTS } : container,
				),
			},
		},
	};
};

/** A child as Metacontroller sends it back to its hook. */
export const observed = (child: KubeObject, parent: KubeObject): KubeObject => {
	const plain = stored(child, parent, undefined);
	const whole: KubeObject = { ...plain, ...(plain["spec"] !== undefined && { spec: withPodDefaults(plain["spec"]) }) };
	return { ...whole, metadata: { ...whole.metadata, managedFields: managed(whole, "metacontroller") ?? [] } };
};

/** An object that a user applied. */
export const applied = (object: KubeObject): KubeObject => {
	const { status: _status, ...bare } = object;
	const text = JSON.stringify({ ...bare, metadata: { name: bare.metadata.name, namespace: bare.metadata.namespace } });
	const whole: KubeObject = {
		...object,
		metadata: {
			...object.metadata,
			annotations: {
				...object.metadata.annotations,
				"kubectl.kubernetes.io/last-applied-configuration": `${text}\n`,
			},
			resourceVersion: "281",
			uid: object.metadata.uid ?? UID,
		},
	};
	return {
		...whole,
		metadata: { ...whole.metadata, managedFields: managed(whole, "kubectl-client-side-apply") ?? [] },
	};
};

/** The controller's own object, which is in every request. */
export const controllerOnWire = (controller: KubeObject): KubeObject => applied(controller);
