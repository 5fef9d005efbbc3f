import { ApiError, type Resource } from "../store.ts";

// The API server's refusals, in its own words: people search for these sentences.

type Named = Pick<Resource, "apiVersion" | "kind" | "resource">;

const groupOf = ({ apiVersion }: Named): string => (apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "");

/** "deployments.apps", "configmaps" */
const qualified = (resource: Named) => [resource.resource, groupOf(resource)].filter(Boolean).join(".");

/** "Deployment.apps", "ConfigMap" */
const qualifiedKind = (resource: Named) => [resource.kind, groupOf(resource)].filter(Boolean).join(".");

export const noSuchResource = () => new ApiError(404, "NotFound", "the server could not find the requested resource");

export const notFound = (resource: Named, name: string) =>
	new ApiError(404, "NotFound", `${qualified(resource)} "${name}" not found`);

export const alreadyExists = (resource: Named, name: string) =>
	new ApiError(409, "AlreadyExists", `${qualified(resource)} "${name}" already exists`);

const conflict = (resource: Named, name: string, cause: string) =>
	new ApiError(409, "Conflict", `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${cause}`);

export const modified = (resource: Named, name: string) =>
	conflict(
		resource,
		name,
		"the object has been modified; please apply your changes to the latest version and try again",
	);

/** A deletion that was meant for another object of that name. */
export const otherRecord = (resource: Named, name: string, wanted: string, found = "") =>
	new ApiError(
		409,
		"Conflict",
		`Operation cannot be fulfilled on ${qualifiedKind(resource)} "${name}": the UID in the precondition (${wanted}) ` +
			`does not match the UID in record (${found}). The object might have been deleted and then recreated`,
	);

export const versionOnCreate = () =>
	new ApiError(500, "", "resourceVersion should not be set on objects to be created");

export const otherUid = (resource: Named, name: string, wanted: string, found = "") =>
	conflict(resource, name, `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`);

export const invalid = (resource: Named, name: string, causes: readonly string[]) => {
	const list = causes.length === 1 ? causes[0] : `[${causes.join(", ")}]`;
	return new ApiError(422, "Invalid", `${qualifiedKind(resource)} "${name}" is invalid: ${list}`);
};

export const badRequest = (message: string) => new ApiError(400, "BadRequest", message);

export const forbidden = (resource: Named, name: string, cause: string) =>
	new ApiError(403, "Forbidden", `${qualified(resource)} "${name}" is forbidden: ${cause}`);

export const namespaceTerminating = (resource: Named, name: string, namespace: string) =>
	forbidden(resource, name, `unable to create new content in namespace ${namespace} because it is being terminated`);

/** Server-side apply reports an undeclared field as its own failure, not as the user's: a 500. */
export const undeclared = (
	object: { apiVersion: string; metadata: { namespace?: string; name: string } },
	kind: string,
	fields: readonly string[],
) => {
	const id = [object.metadata.namespace, object.metadata.name].filter(Boolean).join("/");
	const causes = fields.map((field) => `.${field}: field not declared in schema`).join("\n  ");
	return new ApiError(
		500,
		"",
		`failed to create typed patch object (${id}; ${object.apiVersion}, Kind=${kind}): ${causes}`,
	);
};
