import type { Named } from "../findings/command.ts";
import type {
	ClaimTrouble,
	CommonFindings,
	FieldProblem,
	Held,
	HeldVolume,
	MissingAddress,
	RewrittenField,
	WorkloadState,
} from "../findings/common.ts";
import type { FindingOf, WarningOf } from "../findings/finding.ts";
import { listed, uncapitalized } from "./words.ts";

// Messages about objects of any kind.

const title = ({ kind, name }: Named): string => `${kind} ${name}`;

const countsOf = ({ available, desired }: Pick<WorkloadState, "available" | "desired">): string =>
	`${available} of ${desired} pods are available`;

const unreadyPart = ({ unready }: WorkloadState): string =>
	unready === undefined ? "" : `; not ready: ${listed(unready)}`;

export const childrenText = ({ children }: { readonly children: readonly Named[] }): string =>
	`Being created or changed: ${listed(children.map(title))}`;

export const sendingText = ({ workload }: { readonly workload: Named }): string =>
	`${title(workload)} is being created or changed`;

const updatedPart = ({ updated, updatedReady }: WorkloadState): string =>
	updated === 0 ? "" : `, ${updatedReady} of ${updated} updated pods are ready`;

export const growingText = (state: Pick<WorkloadState, "workload" | "available" | "desired">): string =>
	`${title(state.workload)} is scaled up: ${countsOf(state)}`;

export const rollingOutText = (state: WorkloadState): string =>
	`${title(state.workload)} is rolling out: ${state.updated} of ${state.desired} pods are updated${updatedPart(state)}${unreadyPart(state)}`;

export const unavailableText = (state: WorkloadState): string =>
	`${title(state.workload)}: ${countsOf(state)}${unreadyPart(state)}`;

export const deadlineText = (finding: FindingOf<"ProgressDeadlineExceeded">): string =>
	`${title(finding.workload)} makes no progress: ${countsOf(finding)}`;

export const replicaFailureText = ({ workload, words }: FindingOf<"ReplicaFailure">): string =>
	`${title(workload)} can't create its pods${words === undefined ? "" : `: ${words}`}`;

const holdText = ({ hold }: Held): string => {
	if (hold.by === "paused") return "spec.paused is true";
	if (hold.by === "pods")
		return `not ready, of an older revision, and not replaced by Kubernetes: ${listed(hold.pods ?? [])}`;
	return hold.by === "partition"
		? `spec.updateStrategy.rollingUpdate.partition is ${hold.partition}`
		: "spec.updateStrategy.type is OnDelete";
};

export const heldText = (held: Held): string => `${title(held.workload)} is not rolled out: ${holdText(held)}`;

export const holdInPlaceText = (held: Held): string =>
	`${title(held.workload)} will not be rolled out at the next change: ${holdText(held)}`;

const claimText = (trouble: ClaimTrouble): string => {
	switch (trouble.about) {
		case "missing":
			return "does not exist";
		case "lost":
			return "has lost its volume";
		case "noDefaultClass":
			return "has no storage class, and the cluster has no default one";
		case "noClass":
			return "is not bound: its storage class is empty, and no PersistentVolume fits";
		case "unknownClass":
			return `is not bound: storage class ${trouble.class} does not exist`;
		case "notProvisioned":
			return `is not bound: storage class ${trouble.class} has not provided a volume`;
		case "terminating":
			return `is being deleted since ${trouble.since}${finalizersPart(trouble.finalizers)}`;
		default:
			return trouble satisfies never;
	}
};

const finalizersPart = (finalizers: readonly string[]): string =>
	finalizers.length === 0 ? "" : `, finalizers: ${listed(finalizers)}`;

export const volumeText = ({ workload, claim, trouble }: HeldVolume): string =>
	`${title(workload)} waits for a volume: PersistentVolumeClaim ${claim} ${claimText(trouble)}`;

export const volumeWarningText = ({ workload, claim, trouble }: HeldVolume): string =>
	`PersistentVolumeClaim ${claim} of ${title(workload)} ${claimText(trouble)}`;

export const foreignSelectorText = ({ service, labels }: WarningOf<"ForeignSelector">): string =>
	`Service ${service} selects labels that the operator did not set: ${listed(labels)}; pods without them get no requests`;

const CHANGES = { creation: "was not created", update: "was not updated", correction: "was not corrected" } as const;

export const refusedText = (finding: FindingOf<"ChildRefused">): string => {
	const { child, change, field, isNameUnknown = false, seconds } = finding;
	const deviation = field === undefined ? "" : `${field.isMissing ? "lacks" : "has another"} ${field.path}, and `;
	const otherwise = isNameUnknown ? ", or its name is in use" : "";
	return `${title(child)} ${deviation}${CHANGES[change]} within ${seconds} s: rejected by the API server${otherwise}`;
};

export const rewrittenText = ({ child, fields }: WarningOf<"Rewritten">): string =>
	`${title(child)} is stored with other values than the operator sends: ${listed(fields.map(rewrittenField))}`;

const rewrittenField = ({ path, sent, stored }: RewrittenField): string =>
	`${path} is ${stored === undefined ? "left out" : shortened(stored)}, not ${shortened(sent)}`;

/** Long enough to distinguish values. */
const shortened = (value: string): string =>
	value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE - 3)}...`;
const LONGEST_VALUE = 60;

export const rescaledText = ({ workload }: WarningOf<"Rescaled">): string =>
	`${title(workload)}: another client changes spec.replicas, and the operator reverts it; remove that autoscaler, or set autoscaling in the spec`;

export const noAddressText = ({ service, seconds }: MissingAddress): string =>
	`Service ${service} is of type LoadBalancer, and has had no address for ${seconds} s`;

export const terminatingText = ({ child, since, finalizers }: FindingOf<"ChildTerminating">): string =>
	`${title(child)} is being deleted since ${since}${finalizersPart(finalizers)}; it is created again after that`;

export const nameTakenText = ({ child, isLeftOver, seconds }: FindingOf<"NameTaken">): string => {
	const holder =
		isLeftOver === true ? "without an owner, left over from a deletion" : "that this controller does not own";
	return `${title(child)} was not created within ${seconds} s: the name is in use by an object ${holder}`;
};

export const pausedText = ({
	about,
	annotation,
}: Exclude<CommonFindings["PausedByAnnotation"], { about: "unfinished" }>) =>
	about === "children"
		? `Children stay as they are until the annotation ${annotation} is removed`
		: `Nothing is pushed to the proxies until the annotation ${annotation} is removed`;

export const UNFINISHED = "Paused before this was done: ";

export const unfinishedText = (before: string): string => `${UNFINISHED}${before}`;

// ── Specs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

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
} as const satisfies Record<CommonFindings["InlineCredentials"]["instead"], string>;

export const inlineCredentialsText = ({ fields, instead }: FindingOf<"InlineCredentials">): string =>
	`${fields.join(", ")} carries credentials: ${INSTEAD[instead]}`;

export const unsupportedText = (finding: FindingOf<"Unsupported">): string => {
	const { field, value } = finding;
	const named = field.endsWith(".annotations") ? `has "${value}"` : value === undefined ? "is set" : `is "${value}"`;
	const allowed = finding.allowed.length === 0 ? "" : `: it allows ${finding.allowed.join(", ")}`;
	return `${field} ${named}, which this installation does not allow${allowed}`;
};

// ── Warnings ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const switchText = ({ annotation, value }: WarningOf<"UnreadableSwitch">): string =>
	`Annotation ${annotation} is ${JSON.stringify(value)}, which is neither on nor off: set it to "true", or remove it`;

export const imageText = ({ image }: WarningOf<"ImageNotPinned">): string =>
	`Image ${image} has no fixed version: pods that start later may run another one`;

export const antiAffinityText = ({ of, noun, selector, labels }: WarningOf<"IdleAntiAffinity">): string => {
	const where = "field" in of ? of.field : `The ${of.component}'s podAntiAffinity`;
	const whose = noun === "it" ? "its" : `this ${noun}'s`;
	const own = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
	return `${where} selects ${selector}, which matches none of ${whose} own pods (labels ${own.join(", ")})`;
};

export const metricsPortText = ({ field, other, port }: WarningOf<"MetricsPortShared">): string =>
	`${field} equals ${other} ${port}: one port serves both${field.endsWith(".metrics.port") ? "; give metrics a port of its own" : ""}`;

export const replicasUnusedText = ({ path, replicas }: WarningOf<"ReplicasUnused">): string =>
	`${path}.replicas was set to ${replicas}, without effect while ${path}.autoscaling is on: change minReplicas or maxReplicas`;

export const replicasKeptText = ({ path, replicas, kept }: WarningOf<"ReplicasKept">): string =>
	`${path}.replicas is ${replicas}, and ${kept} pods are kept from the autoscaling that was switched off, until ${path}.replicas is changed`;

export const kedaMissingText = ({ path }: WarningOf<"KedaMissing">): string =>
	`${path}.autoscaling.scaler is "keda", and this installation has no KEDA: the pods run unscaled`;

export const nothingRequestedText = ({ field, resource, set }: WarningOf<"NothingRequested">): string =>
	`${field} is a share of the pods' requests, and they request no ${resource}: set ${set ?? `spec.resources.requests.${resource}`}`;

export const containerUnknownText = ({ field, container, known }: WarningOf<"ContainerUnknown">): string =>
	`${field} is ${container}, which is not among the pods' containers: ${listed(known)}`;

export const scalingInactiveText = ({ scaler, because }: WarningOf<"ScalingInactive">): string =>
	`${title(scaler)} does not scale: ${because}`;
