import { canonicalJson } from "../../kube/object.ts";
import type { InitPlan, SidecarPlan } from "../../kube/pod.ts";
import type { Resources } from "../../schemas/scheduling.ts";
import { pluginContainer } from "./observed-shard.ts";
import type { PluginPlan } from "./plugins.ts";

// The containers of plugins that run in the shard's own pods: beside the proxy, or as a library in it.

/** Volume and folders of the libraries that plugins bring along: of the proxy, and of the container that copies one. */
export const LIBRARIES = { volume: "plugins", proxy: "/var/lib/prism-plugins", copy: "/plugins" } as const;

const COPY_RESOURCES: Resources = { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } };

/** A plugin whose image the shard's pods run. */
type LocalPlugin = PluginPlan & { readonly image: string };

const isLocal = (plugin: PluginPlan): plugin is LocalPlugin => plugin.image !== undefined;

const localPlugins = (plugins: readonly PluginPlan[], form: PluginPlan["form"]): LocalPlugin[] =>
	plugins.filter((plugin) => plugin.form === form).filter(isLocal);

/** One container per plugin of the form "sidecar". `preStopSeconds`: undefined, if they get SIGTERM at once. */
export const sidecars = (plugins: readonly PluginPlan[], preStopSeconds: number | undefined): SidecarPlan[] =>
	localPlugins(plugins, "sidecar").map((plugin) => ({
		name: pluginContainer(plugin.name),
		image: plugin.image,
		imagePullPolicy: plugin.pullPolicy,
		args: [],
		env: [{ name: "PRISM_PLUGIN_PORT", value: String(plugin.port) }],
		// A name of its own: Services find the proxy's ports by theirs.
		ports: [{ name: `plugin-${plugin.port}`, port: plugin.port }],
		probe: plugin.probe,
		added: plugin.added,
		resources: plugin.resources,
		mounts: [],
		preStopSeconds,
	}));

/**
 * One init container per plugin of the form "in-process", which copies the library out of the plugin's image into a volume that the
 * proxy sees. In pods that were made before there were defaults, it goes on without the plugin's own resources, which were not used for
 * it (`takesOwn` is false).
 */
export const libraryCopies = (plugins: readonly PluginPlan[], takesOwn: boolean): InitPlan[] =>
	localPlugins(plugins, "in-process").map((plugin) => ({
		name: pluginContainer(plugin.name),
		image: plugin.image,
		imagePullPolicy: plugin.pullPolicy,
		command: ["cp", "-r", "/plugin/.", `${LIBRARIES.copy}/${plugin.name}/`],
		resources: (takesOwn ? plugin.resources : undefined) ?? COPY_RESOURCES,
		mounts: [{ name: LIBRARIES.volume, mountPath: LIBRARIES.copy, source: { emptyDir: {} }, access: "write" }],
	}));

/** JSON by name, kept on the pods, so that their version can be read from what is observed. */
export const pluginVersions = (plugins: readonly PluginPlan[]): string | undefined => {
	const versions = plugins.flatMap(({ name, version }) => (version === undefined ? [] : [[name, version] as const]));
	return versions.length === 0 ? undefined : canonicalJson(Object.fromEntries(versions));
};
