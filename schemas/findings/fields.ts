import type { Finding, FindingMap, Warning, WarningMap } from "./finding.ts";

// The field of its object that a finding is about, to show or to change.

/** undefined: no field. */
export const fieldOf = (finding: Finding): string | undefined => {
	switch (finding.reason) {
		case "InvalidSpec":
			return finding.about === "fields" ? finding.problems[0]?.field : finding.field;
		case "InlineCredentials":
			return finding.fields[0];
		case "BackendConfigNotFound":
		case "CrossNamespaceReference":
		case "Unsupported":
			return finding.field;
		case "NotPermitted": {
			const [first] = finding.excesses;
			return first?.about === "quota" ? first.field : "spec.backendConfig";
		}
		case "Expired":
			return "spec.ttl";
		case "NoMatchingProxy":
			return "spec.proxyRef";
		case "NoMatchingShard":
			return "spec.shard";
		default:
			return undefined;
	}
};

const WARNING_FIELDS: { readonly [Name in keyof WarningMap]?: (warning: WarningMap[Name]) => string | undefined } = {
	ImageNotPinned: ({ field }) => field,
	IdleAntiAffinity: ({ of }) => ("field" in of ? of.field : undefined),
	MetricsPortShared: ({ field }) => field,
	UnreadableSwitch: ({ annotation }) => `metadata.annotations.${annotation}`,
	ReplicasUnused: ({ path }) => `${path}.replicas`,
	ReplicasKept: ({ path }) => `${path}.replicas`,
	KedaMissing: ({ path }) => `${path}.autoscaling.scaler`,
	NothingRequested: ({ field }) => field,
	ContainerUnknown: ({ field }) => field,
	RecordsForgotten: () => "spec.admin.storage",
	ProxyIdsNotKept: () => "spec.proxy.workload",
	BackendUnused: () => "spec.backends",
	BackendUnknown: ({ field }) => field,
	UnknownPattern: () => "spec.pattern",
	BackendConfigMissing: () => "spec.backendConfig",
	UrlInClearText: () => "spec.connection.url",
	UrlUnused: () => "spec.connection.url",
	NotProbed: () => "spec.healthCheck.enabled",
	TooManyShards: () => "spec.shard",
	PluginNotServed: () => "spec.plugins",
	PluginMissing: () => "spec.plugins",
	VolumesKept: () => "spec.storage.size",
	DifferentTag: () => "spec.source.image",
	StrangeCanary: () => "spec.rollout.canary",
	RemoteNotServed: () => "spec.deployment.type",
};

/** undefined: the whole object. */
export const fieldOfWarning = (warning: Warning): string | undefined => fieldIn(warning.warning, warning);

const fieldIn = <Name extends keyof WarningMap>(name: Name, warning: WarningMap[Name]): string | undefined =>
	WARNING_FIELDS[name]?.(warning);

/** The command that helps, if the finding has one. */
export const remedyOf = (finding: Finding): FindingMap["BackendUnhealthy"]["remedy"] | undefined =>
	"remedy" in finding ? finding.remedy : undefined;
