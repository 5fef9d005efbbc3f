import { containerRefusal } from "../../kube/container.ts";
import { derivedName } from "../../kube/names.ts";
import { controllerOf, kindKey, recordsAt } from "../../kube/object.ts";
import { readerOf } from "../../kube/received-object.ts";
import { checkOf } from "../../kube/schema.ts";
import { isRefusal } from "../../kube/spec-refusal.ts";
import { durationMillis } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ContainerFields } from "../../schemas/containers.ts";
import type { WaitingPlugin } from "../../schemas/findings/prismshard.ts";
import type { Context, Installation } from "../../schemas/installation.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { ShardState } from "../../schemas/pluginrollout.ts";
import type { Probe } from "../../schemas/pods.ts";
import { PrismPlugin, type PrismPluginSpec } from "../../schemas/prismplugin.ts";
import type { PrismShard } from "../../schemas/prismshard.ts";
import type { Resources } from "../../schemas/scheduling.ts";
import type { PluginSpec } from "../../schemas/shardparts.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { installedPlugin, observedSet, type PluginForm } from "./observed-shard.ts";

const isShardState = checkOf(ShardState);

const readPlugin = readerOf(PrismPlugin);

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
	/** What the user adds to its container. */
	readonly added: ContainerFields | undefined;
	/** The form that its PrismPlugin is for; undefined: there is none. */
	readonly declared: PluginForm | undefined;
}

export interface PluginsPlan {
	readonly plugins: readonly PluginPlan[];
	/** Why the pods can't be specified yet, plugin by plugin; they stay as they are meanwhile. */
	readonly waiting: readonly WaitingPlugin[];
}

/** First port of the plugins without a PrismPlugin. */
const FIRST_PORT = 50100;

export const planPlugins = (shard: PrismShard, request: CompositeRequest, { installation }: Context): PluginsPlan => {
	const namespace = shard.metadata.namespace ?? "default";
	const declared = request.related[kindKey(API_VERSION, PrismPlugin.kind)] ?? {};
	const set = observedSet(request);
	const planned = (shard.spec.plugins ?? []).map((entry, index) =>
		planPlugin({
			entry,
			shard: shard.metadata.name,
			declared: declared[`${namespace}/${entry.name}`],
			service: request.related[kindKey("v1", "Service")]?.[`${namespace}/${pluginService(entry.name)}`],
			installed: installedPlugin(set, entry.name),
			byDefault: FIRST_PORT + index,
			installation,
		}),
	);
	return {
		plugins: planned.flatMap(({ plan }) => plan ?? []),
		waiting: planned.flatMap(({ waiting }) => waiting ?? []),
	};
};

/** Everything that one plugin is planned from. */
interface Input {
	readonly entry: PluginSpec;
	readonly shard: string;
	/** Its PrismPlugin, as it is. */
	readonly declared: KubeObject | undefined;
	/** What has the name of the Service that its PrismPlugin keeps. */
	readonly service: KubeObject | undefined;
	readonly installed: ReturnType<typeof installedPlugin>;
	readonly byDefault: number;
	readonly installation: Installation;
}

interface Planned {
	readonly plan?: PluginPlan;
	readonly waiting?: WaitingPlugin;
}

const planPlugin = (input: Input): Planned => {
	const { entry, declared, byDefault } = input;
	const read = declared && readPlugin(declared);
	if (read !== undefined && isRefusal(read))
		return { waiting: { plugin: entry.name, why: "Unreadable", finding: read.finding } };
	const spec = read?.spec;
	const wrong = spec && containerRefusal(spec.deployment, "spec.deployment", input.installation);
	if (wrong !== undefined) return { waiting: { plugin: entry.name, why: "Unreadable", finding: wrong.finding } };
	const form = entry.deployment ?? spec?.deployment.type ?? "sidecar";
	if (form === "remote" && isTaken(input))
		return { waiting: { plugin: entry.name, why: "ServiceTaken", service: pluginService(entry.name) } };
	const told = form === "remote" ? { image: undefined, version: undefined } : toldVersion(input, spec);
	if (told === undefined) return { waiting: { plugin: entry.name, why: "NoVersion" } };
	const plan: PluginPlan = {
		name: entry.name,
		form,
		...told,
		pullPolicy: spec?.source.pullPolicy,
		pullSecrets: spec?.source.pullSecrets ?? [],
		port: spec?.healthCheck.grpc.port ?? byDefault,
		probe: probeOf(spec?.healthCheck),
		resources: spec?.deployment.resources,
		added: spec?.deployment,
		declared: spec?.deployment.type,
	};
	return { plan };
};

/** Whether what is reached under the Service's name is not the PrismPlugin's own. Without one, the user serves the plugin. */
const isTaken = ({ declared, service }: Input): boolean =>
	declared !== undefined && service !== undefined && controllerOf(service)?.uid !== declared.metadata.uid;

/** The version that a pin names, that the PrismPlugin names for this shard, or that the pods have; undefined: wait. */
const toldVersion = (
	{ entry, shard, declared, installed, installation }: Input,
	spec: PrismPluginSpec | undefined,
): { image: string; version: string | undefined } | undefined => {
	const version = entry.version ?? (spec === undefined ? installation.imageTag : undefined);
	if (version !== undefined) return { version, image: `${repositoryOf(entry.name, spec, installation)}:${version}` };
	const state = recordsAt(declared, "status", "shardStates").find(({ name }) => name === shard);
	if (isShardState(state)) return { version: state.version, image: state.image };
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
