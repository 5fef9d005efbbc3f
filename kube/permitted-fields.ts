import type { FindingOf } from "../schemas/findings/finding.ts";
import type { Installation } from "../schemas/installation.ts";
import { type Grants, POD_FIELDS } from "../schemas/permitted-fields.ts";
import type { Resources } from "../schemas/scheduling.ts";
import { type Check, firstFound } from "./check-list.ts";
import { type Refusal, refusal } from "./spec-refusal.ts";

// What the permission to write one of our kinds grants beyond the object itself, within the limits of the installation. A violation
// keeps the children unchanged: a new limit never deletes a child.

/** The settings of a part of a spec that can be limited. */
export interface GrantedFields {
	readonly image?: string;
	readonly resources?: Resources;
	readonly runnerSpec?: PlacedFields;
	readonly placement?: PlacedFields;
	readonly args?: readonly unknown[];
	readonly env?: readonly unknown[];
	readonly volumes?: readonly unknown[];
	/** How it is exposed: the exposure of a shard, or the Service of other kinds. */
	readonly exposure?: ExposedFields;
	readonly service?: ExposedFields;
}

interface PlacedFields {
	readonly priorityClassName?: string;
	readonly resources?: Resources;
}

interface ExposedFields {
	readonly type?: string;
	readonly host?: string;
	readonly annotations?: Readonly<Record<string, string>>;
}

/** Violations of the installation's limits in a part; `path` is its location, such as "spec.proxy". */
export const grantRefusal = (part: GrantedFields, path: string, { grants = {} }: Installation): Refusal | undefined => {
	const found = firstFound(GRANT_CHECKS, { part, path, grants });
	return found && refusal(found);
};

interface GrantInput {
	readonly part: GrantedFields;
	readonly path: string;
	readonly grants: Grants;
}

type GrantCheck = Check<GrantInput, FindingOf<"Unsupported">>;
type Denied = ReturnType<GrantCheck>;

const denied = (field: string, value: string | undefined, allowed: readonly string[]): Denied => ({
	reason: "Unsupported",
	about: "grant",
	field,
	...(value !== undefined && { value }),
	allowed,
});

/** An image in a spec: the installation's default images are not limited. */
export const imageDenied = (image: string | undefined, field: string, { registries }: Grants): Denied =>
	image === undefined || registries === undefined || registries.some((registry) => isIn(image, registry))
		? undefined
		: denied(field, image, registries);

/** "ghcr.io/prism" includes ghcr.io/prism/x, but not ghcr.io/prism-evil/x. Without a host, it is Docker Hub. */
const isIn = (image: string, registry: string): boolean => qualified(image).startsWith(`${registry}/`);

const qualified = (image: string): string => {
	const [host = "", ...rest] = image.split("/");
	if (rest.length > 0 && (/[.:]/.test(host) || host === "localhost")) return image;
	return `docker.io/${rest.length === 0 ? "library/" : ""}${image}`;
};

const classDenied: GrantCheck = ({ part, path, grants: { priorityClasses } }) => {
	if (priorityClasses === undefined) return undefined;
	for (const field of ["runnerSpec", "placement"] as const) {
		const name = part[field]?.priorityClassName;
		if (name !== undefined && !priorityClasses.includes(name))
			return denied(`${path}.${field}.priorityClassName`, name, priorityClasses);
	}
	return undefined;
};

const podFieldDenied: GrantCheck = ({ part, path, grants: { podFields } }) => {
	if (podFields === undefined) return undefined;
	const field = POD_FIELDS.find((name) => (part[name] ?? []).length > 0 && !podFields.includes(name));
	return field && denied(`${path}.${field}`, undefined, podFields);
};

/** Service types that are not reachable from outside the cluster. */
const INSIDE: readonly string[] = ["ClusterIP", "None"];

const exposureDenied = (exposed: ExposedFields | undefined, path: string, grants: Grants): Denied => {
	if (exposed === undefined) return undefined;
	const { type = "ClusterIP", host, annotations = {} } = exposed;
	const { exposureTypes, hostSuffixes } = grants;
	if (exposureTypes !== undefined && !INSIDE.includes(type) && !exposureTypes.includes(type))
		return denied(`${path}.type`, type, [...INSIDE.slice(0, 1), ...exposureTypes]);
	if (host !== undefined && hostSuffixes !== undefined && !hostSuffixes.some((suffix) => isBelow(host, suffix)))
		return denied(`${path}.host`, host, hostSuffixes);
	const key = Object.keys(annotations)
		.toSorted()
		.find((name) => !isAnnotationAllowed(name, grants));
	return key === undefined ? undefined : denied(`${path}.annotations`, key, grants.annotationPrefixes ?? []);
};

const isBelow = (host: string, suffix: string): boolean => host === suffix || host.endsWith(`.${suffix}`);

/** Text that ingress controllers insert into their own configuration: its author can read everything that the controller can read. */
const SNIPPET = /^nginx\.(ingress\.kubernetes\.io|org)\/.*snippets?$/;
/** Annotations of controllers that act on the objects themselves: Metacontroller, this operator, kubectl, Helm, Argo CD, Flux. */
const OF_CONTROLLERS =
	/^([-a-z0-9]+\.)*(metacontroller\.k8s\.io|metacontroller\.io|prism\.io|kubectl\.kubernetes\.io|helm\.sh|argoproj\.io|fluxcd\.io)\//;

/** Annotations that other controllers act on must be allowed by their full name. */
const isAnnotationAllowed = (name: string, { annotationPrefixes }: Grants): boolean => {
	if (SNIPPET.test(name) || OF_CONTROLLERS.test(name)) return annotationPrefixes?.includes(name) === true;
	return annotationPrefixes === undefined || annotationPrefixes.some((prefix) => name.startsWith(prefix));
};

const GRANT_CHECKS: readonly GrantCheck[] = [
	({ part, path, grants }) => imageDenied(part.image, `${path}.image`, grants),
	classDenied,
	podFieldDenied,
	({ part, path, grants }) => exposureDenied(part.exposure, `${path}.exposure`, grants),
	({ part, path, grants }) => exposureDenied(part.service, `${path}.service`, grants),
];
