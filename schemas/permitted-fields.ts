import { type Static, Type } from "@sinclair/typebox";

// What an installation permits users to request beyond the object itself. An absent field sets no limit.

/** Spec fields that change what the pods do. */
export const POD_FIELDS = ["args", "env", "volumes"] as const;

const Words = () => Type.Optional(Type.Array(Type.String({ minLength: 1 })));

export const Grants = Type.Object({
	/** LoadBalancer, NodePort, Ingress. ClusterIP is always permitted. */
	exposureTypes: Words(),
	/** Permitted domains of hosts. */
	hostSuffixes: Words(),
	/** Of Services and Ingresses. A complete annotation name also permits an annotation that is rejected by default. */
	annotationPrefixes: Words(),
	/** Permitted registries of images, with or without a path. */
	registries: Words(),
	priorityClasses: Words(),
	podFields: Words(),
});
export type Grants = Readonly<Static<typeof Grants>>;
