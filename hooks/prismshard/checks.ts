import type { SpecCheck } from "../../kube/check-list.ts";
import { containerRefusal } from "../../kube/container.ts";
import { credentialsWritten, refusal } from "../../kube/spec-refusal.ts";
import type { Installation } from "../../schemas/installation.ts";
import type { PrismShard } from "../../schemas/prismshard.ts";
import type { PluginPlan } from "./plugins.ts";

/** What is checked before a shard's spec is carried out. */
export interface ShardSpecInput {
	readonly shard: PrismShard;
	readonly plugins: readonly PluginPlan[];
	readonly installation: Installation;
}

/** What the API server would reject in every pod, or the installation does not allow. */
export const containerRejected: SpecCheck<ShardSpecInput> = ({ shard, installation }) =>
	containerRefusal(shard.spec, "spec", installation);

/** A user may not write credentials into a spec, unless the installation allows it. */
export const credentialsInConfig: SpecCheck<ShardSpecInput> = ({ shard, installation }) =>
	installation.inlineCredentials ? undefined : credentialsWritten(shard.spec.config, "spec.config", "nowhere");

const sidecarsOf = ({ plugins }: ShardSpecInput) => plugins.filter(({ form }) => form === "sidecar");

/** Containers of one pod share its ports: the second that listens on one never starts. */
export const pluginPortsClash: SpecCheck<ShardSpecInput> = (input) => {
	const sidecars = sidecarsOf(input);
	const second = sidecars.find(({ port }, index) => sidecars.findIndex((other) => other.port === port) !== index);
	const first = sidecars.find(({ port }) => port === second?.port);
	if (first === undefined || second === undefined) return undefined;
	return refusal({
		reason: "InvalidSpec",
		about: "pluginPorts",
		field: "spec.plugins",
		plugins: [first.name, second.name],
		port: first.port,
	});
};

const PROXY_PORTS = ["port", "adminPort", "metricsPort"] as const;

/** A plugin that would listen where the proxy itself does. */
export const proxyPortTaken: SpecCheck<ShardSpecInput> = (input) => {
	const { spec } = input.shard;
	const [clash] = sidecarsOf(input).flatMap(({ name, port }) =>
		PROXY_PORTS.filter((field) => spec[field] === port).map((field) => ({ name, port, field })),
	);
	if (clash === undefined) return undefined;
	return refusal({
		reason: "InvalidSpec",
		about: "pluginPort",
		field: "spec.plugins",
		plugin: clash.name,
		port: clash.port,
		other: `spec.${clash.field}`,
	});
};

/** In this order: the first that finds something decides. */
export const SHARD_CHECKS: readonly SpecCheck<ShardSpecInput>[] = [
	containerRejected,
	credentialsInConfig,
	pluginPortsClash,
	proxyPortTaken,
];
