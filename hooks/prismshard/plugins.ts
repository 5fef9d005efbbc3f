import { derivedName } from "../../kube/names.ts";
import { kindKey, recordsAt } from "../../kube/object.ts";
import { readObject } from "../../kube/read.ts";
import { isRefusal, type Refusal, refusal } from "../../kube/refusal.ts";
import { conforms } from "../../kube/schema.ts";
import { durationMillis } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context, Installation } from "../../schemas/installation.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { Resources } from "../../schemas/placement.ts";
import { ShardState } from "../../schemas/pluginrollout.ts";
import type { Probe } from "../../schemas/pods.ts";
import { PrismPlugin, type PrismPluginSpec } from "../../schemas/prismplugin.ts";
import type { PrismShard, PrismShardSpec } from "../../schemas/prismshard.ts";
import type { PluginSpec } from "../../schemas/shardparts.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { installedPlugin, observedSet, type PluginForm } from "./observed.ts";

/** A plugin with its PrismPlugin resolved. */
export interface PluginPlan {
	readonly name: string;
	readonly form: PluginForm;
	/** undefined: a remote one, whose pods are not the shard's. */
	readonly image: string | undefined;
	/** undefined: not known, as for an image that was observed. */
	readonly version: string | undefined;
	readonly pullPolicy: string | undefined;
	readonly pullSecrets: readonly { name: string }[];
	/** Port that it serves on, in the proxy's own pod or in its own. */
	readonly port: number;
	readonly probe: Probe;
	readonly resources: Resources | undefined;
}

export interface PluginsPlan {
	readonly plugins: readonly PluginPlan[];
	/** Why the pods can't be specified yet, plugin by plugin; they stay as they are meanwhile. */
	readonly waiting: readonly string[];
	readonly warnings: readonly string[];
}

/** First port of the plugins that have no PrismPlugin to say one. */
const FIRST_PORT = 50100;

export const planPlugins = (
	shard: PrismShard,
	request: CompositeRequest,
	{ installation }: Context,
): PluginsPlan | Refusal => {
	const namespace = shard.metadata.namespace ?? "default";
	const declared = request.related[kindKey(API_VERSION, PrismPlugin.kind)] ?? {};
	const set = observedSet(request);
	const planned = (shard.spec.plugins ?? []).map((entry, index) =>
		planPlugin({
			entry,
			shard: shard.metadata.name,
			declared: declared[`${namespace}/${entry.name}`],
			installed: installedPlugin(set, entry.name),
			byDefault: FIRST_PORT + index,
			installation,
		}),
	);
	const plugins = planned.flatMap(({ plan }) => plan ?? []);
	const clash = portClash(plugins, shard.spec);
	if (clash !== undefined) return clash;
	return {
		plugins,
		waiting: planned.flatMap(({ waiting }) => waiting ?? []),
		warnings: planned.flatMap(({ warnings }) => warnings ?? []),
	};
};

/** Everything that one plugin is planned from. */
interface Matter {
	readonly entry: PluginSpec;
	readonly shard: string;
	/** Its PrismPlugin, as it is. */
	readonly declared: KubeObject | undefined;
	readonly installed: ReturnType<typeof installedPlugin>;
	readonly byDefault: number;
	readonly installation: Installation;
}

interface Planned {
	readonly plan?: PluginPlan;
	readonly waiting?: string;
	readonly warnings?: readonly string[];
}

const planPlugin = (matter: Matter): Planned => {
	const { entry, declared, byDefault } = matter;
	const read = declared && readObject(PrismPlugin, declared);
	if (read !== undefined && isRefusal(read))
		return { waiting: `PrismPlugin ${entry.name} can't be read: ${read.message}` };
	const spec = read?.spec;
	const form = entry.deployment ?? spec?.deployment.type ?? "sidecar";
	const told = form === "remote" ? { image: undefined, version: undefined } : toldVersion(matter, spec);
	if (told === undefined)
		return { waiting: `PrismPlugin ${entry.name} does not say yet which version this shard is to run` };
	const plan = {
		name: entry.name,
		form,
		...told,
		pullPolicy: spec?.source.pullPolicy,
		pullSecrets: spec?.source.pullSecrets ?? [],
		port: spec?.healthCheck.grpc.port ?? byDefault,
		probe: probeOf(spec?.healthCheck),
		resources: spec?.deployment.resources,
	};
	return { plan, warnings: warningsOf(plan, spec) };
};

/** The version that a pin names, that the PrismPlugin names for this shard, or that the pods have; undefined: wait. */
const toldVersion = (
	{ entry, shard, declared, installed, installation }: Matter,
	spec: PrismPluginSpec | undefined,
): { image: string; version: string | undefined } | undefined => {
	const version = entry.version ?? (spec === undefined ? installation.imageTag : undefined);
	if (version !== undefined) return { version, image: `${repositoryOf(entry.name, spec, installation)}:${version}` };
	const state = recordsAt(declared, "status", "shardStates").find(({ name }) => name === shard);
	if (conforms(ShardState, state)) return { version: state.version, image: state.image };
	return installed?.image === undefined ? undefined : { version: installed.version, image: installed.image };
};

/** Where the plugin's images are, without a tag. */
const repositoryOf = (name: string, spec: PrismPluginSpec | undefined, { imageRegistry }: Installation): string => {
	const { registry = `${imageRegistry}/plugins`, image = `${name}-plugin` } = spec?.source ?? {};
	return `${registry}/${image.replace(/@.*$/, "").replace(/:[^/]*$/, "")}`;
};

const DEFAULT_CHECK = { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 };

const probeOf = (check: PrismPluginSpec["healthCheck"] | undefined): Probe => {
	if (check === undefined) return { type: "grpc", ...DEFAULT_CHECK };
	return {
		type: "grpc",
		...(check.grpc.service !== undefined && { service: check.grpc.service }),
		periodSeconds: wholeSeconds(check.interval),
		timeoutSeconds: wholeSeconds(check.timeout),
		failureThreshold: DEFAULT_CHECK.failureThreshold,
	};
};

/** The kubelet counts in seconds, and knows none below 1. */
const wholeSeconds = (duration: string): number => Math.max(1, Math.ceil(durationMillis(duration) / 1000));

/** Name of the Service that a remote plugin's own hook keeps. */
export const pluginService = (plugin: string): string => derivedName(plugin, "plugin");

// ── Findings ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Containers of one pod share its ports: the second that listens on one never starts. */
const portClash = (plugins: readonly PluginPlan[], spec: PrismShardSpec): Refusal | undefined => {
	const sidecars = plugins.filter(({ form }) => form === "sidecar");
	const second = sidecars.find(({ port }, index) => sidecars.findIndex((other) => other.port === port) !== index);
	const first = sidecars.find(({ port }) => port === second?.port);
	if (first !== undefined && second !== undefined)
		return refusal(
			"InvalidSpec",
			`spec.plugins "${first.name}" and "${second.name}" both serve on port ${first.port} of the same pod: give one of them another port, by healthCheck.grpc.port of its PrismPlugin`,
		);
	const fields = ["port", "adminPort", "metricsPort"] as const;
	const clashes = sidecars.flatMap(({ name, port }) =>
		fields.filter((field) => spec[field] === port).map((field) => ({ name, port, field })),
	);
	const [clash] = clashes;
	if (clash === undefined) return undefined;
	return refusal(
		"InvalidSpec",
		`spec.plugins "${clash.name}" serves on port ${clash.port}, which is spec.${clash.field} of the same pod: change the one, or healthCheck.grpc.port of the PrismPlugin`,
	);
};

const warningsOf = ({ name, form, image }: PluginPlan, spec: PrismPluginSpec | undefined): string[] => {
	if (spec !== undefined)
		return form === "remote" && spec.deployment.type !== "remote"
			? [
					`spec.plugins "${name}" is remote, but PrismPlugin ${name} has type ${spec.deployment.type}: nothing serves it`,
				]
			: [];
	return [
		form === "remote"
			? `spec.plugins "${name}" is remote, and there is no PrismPlugin ${name}: nothing serves it`
			: `spec.plugins "${name}" has no PrismPlugin ${name} in this namespace: image ${image} is used`,
	];
};
