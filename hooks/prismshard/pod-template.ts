import { podField } from "../../kube/container.ts";
import { serviceHost } from "../../kube/names.ts";
import { type EnvVar, type Mount, podTemplate } from "../../kube/pod.ts";
import { ofProxy } from "../../kube/pod-termination.ts";
import { registration } from "../../kube/registration.ts";
import { isSpread } from "../../kube/scheduling.ts";
import type { PodTemplate } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { TCP_PROBE } from "../../schemas/pods.ts";
import type { Resources } from "../../schemas/scheduling.ts";
import {
	CONFIG_CHECKSUM_ANNOTATION,
	CONFIG_FILE,
	PLUGIN_VERSIONS_ANNOTATION,
	RESTARTED_AT_ANNOTATION,
} from "../../schemas/vocabulary.ts";
import { DATA_FOLDER } from "./config-file.ts";
import { pluginVariable } from "./observed-shard.ts";
import type { ShardPlan } from "./plan.ts";
import { LIBRARIES, libraryCopies, pluginVersions, sidecars } from "./plugin-containers.ts";
import { pluginService } from "./plugins.ts";

export const PROXY_CONTAINER = "prism-proxy";
/** Volume that the StatefulSet's claim template provides. */
export const DATA_VOLUME = "data";
const CONFIG_FOLDER = "/etc/prism/config";

/** The pods of the StatefulSet. `byDefault`: undefined for pods as they were made before there were default resources. */
export const shardPods = (
	plan: ShardPlan,
	there: KubeObject | undefined,
	byDefault: Resources | undefined,
): PodTemplate => {
	const { imagePullPolicy, imagePullSecrets = [], podSecurity, terminationGracePeriodSeconds } = plan.spec;
	const { preStopSeconds, graceSeconds } = ofProxy(
		terminationGracePeriodSeconds,
		plan.installation,
		byDefault === undefined,
	);
	const registered = registration({ installation: plan.installation, byDefault, controlPlane: undefined });
	const secrets = [...imagePullSecrets, ...plan.plugins.flatMap(({ pullSecrets }) => pullSecrets)];
	return podTemplate({
		container: {
			name: PROXY_CONTAINER,
			image: plan.image,
			imagePullPolicy,
			args: registered.args,
			referringArgs: registered.referringArgs,
			env: [...environment(plan), ...registered.env],
			ports: plan.ports,
			added: plan.spec,
			probe: plan.spec.probe ?? TCP_PROBE,
			mounts: mounts(plan),
			preStopSeconds,
		},
		// The proxy still calls them. Those that were made before did not wait.
		sidecars: sidecars(plan.plugins, byDefault === undefined ? undefined : preStopSeconds),
		init: libraryCopies(plan.plugins, byDefault !== undefined),
		labels: plan.labels,
		annotations: {
			[CONFIG_CHECKSUM_ANNOTATION]: plan.config.checksum,
			[PLUGIN_VERSIONS_ANNOTATION]: pluginVersions(plan.plugins),
			[RESTARTED_AT_ANNOTATION]: plan.restartedAt,
		},
		selector: plan.selector,
		placement: plan.placement,
		byDefault,
		security: { ...podSecurity, fsGroup: plan.fsGroup },
		imagePullSecrets: secrets.filter(({ name }, index) => secrets.findIndex((other) => other.name === name) === index),
		terminationGracePeriodSeconds: graceSeconds,
		spread: isSpread(there),
	});
};

const environment = ({ name, namespace, plugins, installation }: ShardPlan): EnvVar[] => [
	{ name: "PRISM_SHARD", value: name },
	{ name: "PRISM_CONFIG_FILE", value: `${CONFIG_FOLDER}/${CONFIG_FILE}` },
	{ name: "PRISM_POD_NAME", valueFrom: { fieldRef: podField("metadata.name") } },
	...plugins.map(({ name: plugin, form, port }) => {
		if (form === "in-process") return { name: pluginVariable(plugin, "PATH"), value: `${LIBRARIES.proxy}/${plugin}` };
		const host =
			form === "sidecar" ? "localhost" : serviceHost(pluginService(plugin), namespace, installation.clusterDomain);
		return { name: pluginVariable(plugin, "ADDRESS"), value: `${host}:${port}` };
	}),
];

const mounts = ({ names: { base }, config, plugins }: ShardPlan): Mount[] => {
	const source = config.kind === "Secret" ? { secret: { secretName: base } } : { configMap: { name: base } };
	return [
		{ name: DATA_VOLUME, mountPath: DATA_FOLDER, source: undefined, access: "write" },
		{ name: "config", mountPath: CONFIG_FOLDER, source },
		...(libraryCopies(plugins, true).length === 0
			? []
			: [{ name: LIBRARIES.volume, mountPath: LIBRARIES.proxy, source: { emptyDir: {} } }]),
	];
};
