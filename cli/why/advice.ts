import type { KubeObject } from "../../schemas/common.ts";
import { isOurs } from "../cluster/kinds.ts";
import { kubectlCommand, placeOf, prismCommand, slashName } from "../cluster/speech.ts";
import { ancestry } from "../cluster/view.ts";
import type { Advice, Known } from "./diagnosis.ts";

// Commands that can be copied, about the object that a person may really change: what the hooks made is written again at the
// next sync, and so is an object that belongs to a stack.

export const describe = ({ speech }: Known, object: KubeObject): Advice => ({
	command: kubectlCommand(speech, "describe", object.kind.toLowerCase(), object.metadata.name, ...placeOf(object)),
});

export const showYaml = ({ speech }: Known, object: KubeObject): Advice => ({
	command: kubectlCommand(
		speech,
		"get",
		object.kind.toLowerCase(),
		object.metadata.name,
		...placeOf(object),
		"-o",
		"yaml",
	),
});

export const logs = (
	{ speech }: Known,
	object: KubeObject,
	{ container, previous = false }: { container?: string | undefined; previous?: boolean } = {},
): Advice => ({
	command: kubectlCommand(
		speech,
		"logs",
		object.kind === "Pod" ? object.metadata.name : slashName(object),
		...placeOf(object),
		...(container === undefined ? [] : ["-c", container]),
		...(previous ? ["--previous"] : []),
	),
});

export const why = ({ speech }: Known, object: KubeObject): Advice => ({
	command: prismCommand(speech, "why", slashName(object), ...placeOf(object)),
});

export const annotate = ({ speech }: Known, object: KubeObject, annotation: string): Advice => ({
	command: kubectlCommand(
		speech,
		"annotate",
		object.kind.toLowerCase(),
		object.metadata.name,
		...placeOf(object),
		annotation,
	),
});

export const resume = ({ speech }: Known, object: KubeObject): Advice => ({
	command: prismCommand(speech, "resume", slashName(object), ...placeOf(object)),
});

/** The object that a person wrote: the object itself, or the stack that it is a part of. */
export const editable = ({ view }: Known, object: KubeObject): KubeObject =>
	ancestry(view, object).filter(isOurs).at(-1) ?? object;

/**
 * Where to change a field of an object's spec: "spec.image" of a PatternRunner that a stack made is
 * spec.patterns[name=orders].image of the stack.
 */
export const edit = (known: Known, object: KubeObject, field: string, purpose: string): Advice => {
	const source = editable(known, object);
	const path = source === object ? field : (fieldInStack(source, object, field) ?? field);
	return {
		say: `${purpose}${purpose.endsWith("?") ? "" : ":"} ${path} of ${source.kind} ${source.metadata.name}`,
		command: kubectlCommand(known.speech, "edit", source.kind.toLowerCase(), source.metadata.name, ...placeOf(source)),
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

/** A setting of pods, whatever the object calls it that makes them. */
export type Setting = "image" | "pullSecrets" | "config" | "memory" | "placement";

/** The field by which the object that made a workload has the setting; undefined: it has none. */
export const settingField = (maker: KubeObject, workload: KubeObject, setting: Setting): string | undefined => {
	const inPods: Readonly<Record<Setting, string>> = {
		image: "image",
		pullSecrets: "imagePullSecrets",
		config: "config",
		memory: "resources.limits.memory",
		placement: "runnerSpec",
	};
	switch (maker.kind) {
		case "PatternRunner":
		case "PrismShard":
			return `spec.${inPods[setting]}`;
		case "PrismStack": {
			if (setting === "config") return undefined;
			if (setting === "pullSecrets") return "spec.imagePullSecrets";
			return `spec.${workload.metadata.labels?.["component"] === "admin" ? "admin" : "proxy"}.${inPods[setting]}`;
		}
		case "PrismPlugin":
			return {
				image: "spec.source.image",
				pullSecrets: "spec.source.pullSecrets",
				memory: "spec.deployment.resources.limits.memory",
				config: undefined,
				placement: undefined,
			}[setting];
		default:
			return undefined;
	}
};
