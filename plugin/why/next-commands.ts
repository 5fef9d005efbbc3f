import { valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Command } from "../../schemas/findings/command.ts";
import { commandText } from "../../schemas/messages/words.ts";
import { FORCE_DELETE_ANNOTATION } from "../../schemas/vocabulary.ts";
import { ancestry } from "../cluster/cluster-view.ts";
import { kubectlCommand, placeOf, prismCommand, slashName } from "../cluster/command-lines.ts";
import { isOurs } from "../cluster/kinds.ts";
import type { Advice, Known } from "./diagnosis.ts";
import { permissionsOf } from "./permissions.ts";

// Commands to copy, about the object that a user can change: the operator reverts changes of children, and of objects that
// belong to a stack.

/** A kubectl command: verb and arguments, the namespace of the object, and further flags. */
export const kubectl = (
	{ speech }: Known,
	words: readonly string[],
	about?: KubeObject,
	...flags: readonly string[]
): Advice => {
	const args = [...words, ...(about === undefined ? [] : placeOf(about)), ...flags];
	return { command: kubectlCommand(speech, ...args), permissions: permissionsOf(args) };
};

/** A command of kubectl prism. */
export const prism = ({ speech }: Known, words: readonly string[], about?: KubeObject): Advice => {
	const args = [...words, ...(about === undefined ? [] : placeOf(about))];
	return { command: prismCommand(speech, ...args), permissions: permissionsOf(args) };
};

/** Kind and name as arguments of kubectl. */
export const typed = ({ kind, metadata: { name } }: KubeObject): string[] => [kind.toLowerCase(), name];

export const describe = (known: Known, object: KubeObject): Advice =>
	kubectl(known, ["describe", ...typed(object)], object);

export const showYaml = (known: Known, object: KubeObject): Advice =>
	kubectl(known, ["get", ...typed(object)], object, "-o", "yaml");

export const logs = (
	known: Known,
	object: KubeObject,
	{ container, previous = false }: { container?: string | undefined; previous?: boolean } = {},
): Advice =>
	kubectl(
		known,
		["logs", object.kind === "Pod" ? object.metadata.name : slashName(object)],
		object,
		...(container === undefined ? [] : ["-c", container]),
		...(previous ? ["--previous"] : []),
	);

export const why = (known: Known, object: KubeObject): Advice => prism(known, ["why", slashName(object)], object);

export const resume = (known: Known, object: KubeObject): Advice => prism(known, ["resume", slashName(object)], object);

/** The command that sets the annotation force-delete, which ends the wait of a deletion. */
export const release = (known: Known, object: KubeObject): Advice =>
	kubectl(known, ["annotate", ...typed(object)], object, `${FORCE_DELETE_ANNOTATION}=true`);

/** The command of a finding; its default namespace is that of the object. */
export const remedy = ({ speech }: Known, command: Command, about: KubeObject): Advice => {
	if (command.verb === "copy") return { command: commandText(command) };
	const { verb, kind, name, others = [], namespace, flags = [] } = command;
	const what = verb === "logs" ? [`${kind}/${name ?? ""}`] : [kind, ...(name === undefined ? [] : [name, ...others])];
	const place = namespace === undefined ? placeOf(about) : ["-n", namespace];
	const args = [...verb.split(" "), ...what, ...place, ...flags];
	return { command: kubectlCommand(speech, ...args), permissions: permissionsOf(args) };
};

/** The object that a user wrote: the object itself, or the stack that owns it. */
const editable = ({ view }: Known, object: KubeObject): KubeObject =>
	ancestry(view, object).filter(isOurs).at(-1) ?? object;

/**
 * Where to change a field of an object's spec: "spec.image" of a PatternRunner of a stack is
 * spec.patterns[name=orders].image of the stack.
 */
export const edit = (known: Known, object: KubeObject, field: string, purpose: string): Advice => {
	const source = editable(known, object);
	const path = source === object ? field : (fieldInStack(source, object, field) ?? field);
	return {
		say: `${purpose}${purpose.endsWith("?") ? "" : ":"} ${path} of ${source.kind} ${source.metadata.name}`,
		field: path,
		...kubectl(known, ["edit", ...typed(source)], source),
	};
};

const fieldInStack = (stack: KubeObject, object: KubeObject, field: string): string | undefined => {
	const rest = field.replace(/^spec\.?/, "");
	const entry = (list: string, name: string) => `spec.${list}[name=${name}]${rest === "" ? "" : `.${rest}`}`;
	const own = object.metadata.name.replace(`${stack.metadata.name}-`, "");
	switch (object.kind) {
		case "PatternRunner":
			return entry("patterns", object.metadata.name);
		case "BackendConfig":
			return entry("backends", own)
				.replace(".connection.url", ".connectionString")
				.replace(".connection.secretRef", ".secretRef");
		case "PrismNamespace":
			return entry("namespaces", own);
		default:
			return undefined;
	}
};

/** A setting of pods, independent of the field name in each kind. */
export type Setting =
	| "image"
	| "pullSecrets"
	| "config"
	| "memory"
	| "placement"
	| "resources"
	| "podSecurity"
	| "storageClass"
	| "storageSize"
	| "probe";

const IN_PODS: Readonly<Record<Setting, string>> = {
	image: "image",
	pullSecrets: "imagePullSecrets",
	config: "config",
	memory: "resources.limits.memory",
	placement: "runnerSpec",
	resources: "resources",
	podSecurity: "podSecurity",
	storageClass: "storage.storageClassName",
	storageSize: "storage.size",
	probe: "probe",
};

/** Kinds that create PersistentVolumeClaims. */
const WITH_STORAGE: readonly string[] = ["PrismShard"];

/** The field name in the spec: runnerSpec has two names. */
const nameOf = (setting: Setting, spec: unknown): string =>
	setting === "placement" && valueAt(spec, "placement") !== undefined ? "placement" : IN_PODS[setting];

const IN_PLUGIN: Readonly<Partial<Record<Setting, string>>> = {
	image: "spec.source.image",
	pullSecrets: "spec.source.pullSecrets",
	memory: "spec.deployment.resources.limits.memory",
	resources: "spec.deployment.resources",
};

/** The field with the setting in the object that created a workload; undefined: it has none. */
export const settingField = (maker: KubeObject, workload: KubeObject, setting: Setting): string | undefined => {
	if ((setting === "storageClass" || setting === "storageSize") && !WITH_STORAGE.includes(maker.kind)) return undefined;
	if (maker.kind === "PatternRunner" || maker.kind === "PrismShard")
		return `spec.${nameOf(setting, valueAt(maker, "spec"))}`;
	if (maker.kind === "PrismPlugin") return IN_PLUGIN[setting];
	if (maker.kind !== "PrismStack" || setting === "config") return undefined;
	if (setting === "pullSecrets") return `spec.${IN_PODS[setting]}`;
	const component = workload.metadata.labels?.["component"] === "admin" ? "admin" : "proxy";
	return `spec.${component}.${nameOf(setting, valueAt(maker, "spec", component))}`;
};
