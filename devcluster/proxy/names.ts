import type { Informer } from "../controllers/informer.ts";
import { isService } from "../controllers/workloads/shapes.ts";
import { numberAt, objectAt, objectsAt, stringAt, valueAt } from "../json.ts";

// What the cluster's DNS and its Services make of an address: the pod that a connection ends at.

export interface Destination {
	/** uid of the pod. */
	readonly pod: string;
	/** What its container listens on. */
	readonly port: number;
}

export interface NamesOptions {
	readonly services: Informer;
	readonly slices: Informer;
}

const ADDRESS = /^(?:([a-z0-9-]+)\.)?([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?\.?:(\d+)$/;

/** undefined: there is no such name, or no ready pod behind it. */
export const destinationOf = ({ services, slices }: NamesOptions, address: string): Destination | undefined => {
	const [, host, name, namespace = "", port] = ADDRESS.exec(address) ?? [];
	const service = name === undefined ? undefined : services.get(namespace, name);
	if (!isService(service)) return undefined;
	const isHeadless = service.spec.clusterIP === "None";
	// Only a headless Service gives its pods names, and only another one translates ports.
	if (host !== undefined && !isHeadless) return undefined;
	const listed = service.spec.ports?.find((candidate) => candidate.port === Number(port));
	const found = slices.byOwner(service.metadata.uid ?? "").flatMap((slice) => {
		const target = isHeadless ? Number(port) : listed && portNamed(slice, listed.name ?? "");
		return target === undefined ? [] : readyPods(slice, host).map((pod) => ({ pod, port: target }));
	});
	return found[0];
};

/** A slice has the number that its pods' containers give to the name. */
const portNamed = (slice: unknown, name: string): number | undefined =>
	numberAt(
		objectsAt(slice, "ports").find((port) => (stringAt(port, "name") ?? "") === name),
		"port",
	);

/** uids of the pods that may be connected to, by the order of their names; with a host, of the one that has this name. */
const readyPods = (slice: unknown, host: string | undefined): string[] =>
	objectsAt(slice, "endpoints")
		.filter((endpoint) => objectAt(endpoint, "conditions")["ready"] !== false)
		.filter((endpoint) => host === undefined || hostOf(endpoint) === host)
		.map((endpoint) => stringAt(endpoint, "targetRef", "uid"))
		.filter((uid) => uid !== undefined);

/** A pod without a name of its own is called by its address. */
const hostOf = (endpoint: unknown): string | undefined => {
	const addresses = valueAt(endpoint, "addresses");
	const ip: unknown = Array.isArray(addresses) ? addresses[0] : undefined;
	return stringAt(endpoint, "hostname") ?? (typeof ip === "string" ? ip.replaceAll(".", "-") : undefined);
};
