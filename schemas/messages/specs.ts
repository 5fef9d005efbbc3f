import type { FindingOf } from "../findings/finding.ts";
import type { FieldProblem, SpecFindings } from "../findings/specs.ts";
import { title, uncapitalized } from "./words.ts";

/** "spec.proxy.port: expected integer, got "grpc"". */
export const problemText = (problem: FieldProblem): string => `${problem.field}: ${wrongText(problem)}`;

/** The same without the field. */
export const wrongText = ({ expected, got }: FieldProblem): string =>
	`${expectationText(expected)}${got === undefined ? "" : `, got ${JSON.stringify(got)}`}`;

const expectationText = (expected: FieldProblem["expected"]): string => {
	if ("oneOf" in expected) return `must be one of ${expected.oneOf.join(", ")}`;
	if ("positive" in expected) return "must be a quantity above 0, such as 500m, 2 or 1k";
	if ("quantity" in expected) return "must be a quantity such as 500m, 2 or 1Gi";
	if ("quoted" in expected) return "numbers with a fraction are not accepted: write it in quotes";
	if ("quantityAtMost" in expected) return `must be a quantity of at most ${expected.quantityAtMost}`;
	if ("key" in expected)
		return `must be the key of ${expected.key === "label" ? "a label" : "an annotation"}, such as app or example.com/app`;
	if ("resource" in expected) return resourceText(expected);
	if ("operator" in expected) return `operator ${expected.operator} ${VALUES[expected.values]}`;
	if ("goesWith" in expected) return `goes with ${expected.goesWith} only`;
	if ("exact" in expected) return "integers beyond 2^53 are not kept exactly: write it in quotes";
	if ("otherKey" in expected) return "a field of this name is not kept: give it another name";
	if ("levels" in expected) return `nests more than ${expected.levels} levels`;
	return uncapitalized(expected.words);
};

const VALUES = { none: "takes no values", some: "needs values", one: "needs exactly one value" } as const;

const resourceText = (expected: Extract<FieldProblem["expected"], { readonly resource: string }>): string => {
	if ("names" in expected)
		return `must be ${expected.names.join(", ")}, or a resource with a domain, such as example.com/gpu`;
	return expected.resource === "whole"
		? "must be a whole number: this resource can't be divided"
		: "must equal the limit of this resource, which is not shared: set both";
};

export const problemsText = (problems: readonly FieldProblem[]): string => problems.map(problemText).join("; ");

export const sizeText = ({
	field,
	child,
	bytes,
	most,
}: Extract<FindingOf<"InvalidSpec">, { readonly about: "size" }>): string =>
	`${field} is too large: ${title(child)} would have ${bytes} bytes, and at most ${most} can be applied`;

const INSTEAD = {
	backendConfig: "leave them out, and name a Secret in the BackendConfig",
	backendConfigSecret: "put them into a Secret, and name it in connection.secretRef of a BackendConfig",
	runnerFileSecret: "put the whole file into a Secret, and name its key in spec.connection.secretRef.keys.runnerFile",
	connectionSecret: "put the URL into a Secret, and name it in spec.connection.secretRef",
	never: "remove them: pods and statuses show the value",
	secretKeyRef: "put them into a Secret, and name it in env[].valueFrom.secretKeyRef",
	nowhere: "remove them",
} as const satisfies Record<SpecFindings["InlineCredentials"]["instead"], string>;

export const inlineCredentialsText = ({ fields, instead }: FindingOf<"InlineCredentials">): string =>
	`${fields.join(", ")} carries credentials: ${INSTEAD[instead]}`;

export const unsupportedText = (finding: FindingOf<"Unsupported">): string => {
	const { field, value } = finding;
	const named = field.endsWith(".annotations") ? `has "${value}"` : value === undefined ? "is set" : `is "${value}"`;
	const allowed = finding.allowed.length === 0 ? "" : `: it allows ${finding.allowed.join(", ")}`;
	return `${field} ${named}, which this installation does not allow${allowed}`;
};
