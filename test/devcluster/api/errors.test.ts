import { expect, test } from "vitest";
import {
	alreadyExists,
	badRequest,
	forbidden,
	invalid,
	modified,
	namespaceTerminating,
	noSuchResource,
	notFound,
	otherRecord,
	otherUid,
	undeclared,
	versionOnCreate,
} from "../../../devcluster/api/errors.ts";

const deployments = { apiVersion: "apps/v1", kind: "Deployment", resource: "deployments" };
const pods = { apiVersion: "v1", kind: "Pod", resource: "pods" };

test.each([
	[noSuchResource(), 404, "NotFound", ""],
	[notFound(deployments, "a"), 404, "NotFound", 'deployments.apps "a"'],
	[notFound(pods, "a"), 404, "NotFound", 'pods "a"'],
	[alreadyExists(pods, "a"), 409, "AlreadyExists", 'pods "a"'],
	[modified(deployments, "a"), 409, "Conflict", 'on deployments.apps "a": the object has been modified'],
	[otherRecord(deployments, "a", "u", "v"), 409, "Conflict", 'on Deployment.apps "a": the UID in the precondition (u)'],
	[otherRecord(pods, "a", "u"), 409, "Conflict", "record ()"],
	[otherUid(pods, "a", "u", "v"), 409, "Conflict", "UID in precondition: u, UID in object meta: v"],
	[versionOnCreate(), 500, "", "resourceVersion"],
	[invalid(deployments, "a", ["one"]), 422, "Invalid", 'Deployment.apps "a" is invalid: one'],
	[invalid(pods, "a", ["one", "two"]), 422, "Invalid", 'Pod "a" is invalid: [one, two]'],
	[badRequest("why"), 400, "BadRequest", "why"],
	[forbidden(pods, "a", "why"), 403, "Forbidden", 'pods "a" is forbidden: why'],
	[namespaceTerminating(pods, "a", "team"), 403, "Forbidden", "namespace team"],
	[
		undeclared({ apiVersion: "apps/v1", metadata: { name: "a", namespace: "team" } }, "Deployment", ["spec.x", "y"]),
		500,
		"",
		"(team/a; apps/v1, Kind=Deployment): .spec.x: field not declared in schema\n  .y: field not declared",
	],
	[undeclared({ apiVersion: "v1", metadata: { name: "a" } }, "Node", ["x"]), 500, "", "(a; v1, Kind=Node)"],
])("%o is told as the API server tells it", (error, status, reason, text) => {
	expect(error).toMatchObject({ status, reason });
	expect(error.message).toContain(text);
});
