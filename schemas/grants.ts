import { type Static, Type } from "@sinclair/typebox";

// What an installation lets users of our kinds ask for, beyond the object itself. What is left out is not limited.

/** Fields by which a spec changes what its pods do. */
export const POD_FIELDS = ["args", "env", "volumes"] as const;

const Words = () => Type.Optional(Type.Array(Type.String({ minLength: 1 })));

export const Grants = Type.Object({
	/** LoadBalancer, NodePort, Ingress; ClusterIP always is. */
	exposureTypes: Words(),
	/** Domains of hosts. */
	hostSuffixes: Words(),
	/** Of Services and Ingresses; with the whole name also what is refused by default. */
	annotationPrefixes: Words(),
	/** Registries, and paths in them, of images that a spec names. */
	registries: Words(),
	priorityClasses: Words(),
	podFields: Words(),
});
export type Grants = Readonly<Static<typeof Grants>>;
