import type { FindingOf, WarningOf } from "../findings/finding.ts";
import type { StackFindings } from "../findings/prismstack.ts";
import { counted, listed } from "./words.ts";

// Messages about a PrismStack.

export const stackReadyText = ({ deployments, patterns, backends, namespaces }: FindingOf<"StackReady">): string =>
	[
		`Ready: ${counted(deployments, "deployment")}`,
		counted(patterns, "pattern"),
		counted(backends, "backend"),
		...(namespaces === 0 ? [] : [counted(namespaces, "namespace")]),
	].join(", ");

export const partNotReadyText = ({ part, its }: StackFindings["PatternNotReady"]): string =>
	`${part.kind} ${part.name}: ${its.reason}: ${its.words}`;

export const partPendingText = ({ part }: Extract<StackFindings["Progressing"], { about: "part" }>): string =>
	`${part.kind} ${part.name} is not ready yet`;

export const behindText = ({ namespaces }: Extract<StackFindings["Progressing"], { about: "namespaces" }>): string =>
	`PrismNamespace ${listed(namespaces.map(({ name, proxies }) => `${name} is not on ${listed(proxies)} yet`))}`;

export const stackLeavingText = ({ namespaces }: StackFindings["Terminating"]): string =>
	namespaces.length > 0
		? `Waiting for the deletion of its PrismNamespaces: ${listed(namespaces)}`
		: "Being deleted: its namespaces leave the proxies first";

export const recordsForgottenText = ({ replicas }: WarningOf<"RecordsForgotten">): string =>
	replicas > 1
		? `spec.admin.storage is not set: each of the ${replicas} admin pods has namespaces of its own, and loses them when it is replaced`
		: "spec.admin.storage is not set: the admin pod loses its namespaces when it is replaced, until they are pushed again";

export const proxyIdsNotKeptText = (): string =>
	"spec.proxy.workload is Deployment: each new pod registers with a new id, and prism-admin never removes the ids of deleted pods";

export const backendUnusedText = ({ backend }: WarningOf<"BackendUnused">): string =>
	`spec.backends has "${backend}", which no pattern uses`;

export const backendUnknownText = ({ field, backend, known }: WarningOf<"BackendUnknown">): string =>
	`${field} is "${backend}", and the stack has no backend of that name${known === undefined ? "" : ` (it has ${listed(known)})`}: the runner gets no address`;
