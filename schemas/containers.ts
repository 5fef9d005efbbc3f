import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Amount, Choice, checked, DNS_LABEL_PATTERN, ListBy, ObjectName, Quantity, rules } from "./common.ts";

// What a user adds to the operator's containers: arguments, environment variables, volumes. None of it weakens the Pod Security level
// `restricted`: no host paths, no service account tokens.

/** Neither "." nor "..", nor does it begin with two periods. */
export const KEY_PATTERN = "^([-_a-zA-Z0-9]|\\.[-_a-zA-Z0-9])[-._a-zA-Z0-9]*$";

const Key = (description: string) => Type.String({ description, minLength: 1, maxLength: 253, pattern: KEY_PATTERN });

/** No segment is "." or "..", or begins with two periods. */
const RelativePath = (description: string) =>
	Type.String({
		description: `${description} It is relative, without '..'.`,
		minLength: 1,
		maxLength: 1024,
		pattern: "^\\.?[^/.][^/]*(/\\.?[^/.][^/]*)*$",
	});

const ConfigMapKey = Type.Object(
	{
		name: ObjectName({ description: "ConfigMap in the same namespace." }),
		key: Key("Key with the value."),
		optional: Type.Optional(Type.Boolean({ description: "Whether the pod starts without it." })),
	},
	{ description: "A key of a ConfigMap." },
);

const SecretKey = Type.Object(
	{
		name: ObjectName({ description: "Secret in the same namespace." }),
		key: Key("Key with the value."),
		optional: Type.Optional(Type.Boolean({ description: "Whether the pod starts without it." })),
	},
	{ description: "A key of a Secret." },
);

/** Key of a label or of an annotation: the domain of the latter may have capitals. */
const QUALIFIED_NAME = "([A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";

const FieldRef = (description: string, others: string) =>
	Type.Object(
		{
			fieldPath: Type.String({
				description,
				maxLength: 512,
				pattern: `^(metadata\\.(name|namespace|uid|(labels|annotations)\\['${QUALIFIED_NAME}'\\])|${others})$`,
			}),
		},
		{ description: "A field of the pod itself." },
	);

const ResourceFieldRef = Type.Object(
	{
		resource: Choice(["limits.cpu", "limits.memory", "requests.cpu", "requests.memory"], {
			description: "Resource of the container.",
		}),
		divisor: Type.Optional(Quantity({ description: "Unit of the value, such as 1Mi. Default: 1." })),
	},
	{ description: "A resource of the container itself.", ...checked("divisor") },
);

const exactlyOne = (fields: readonly string[], what: string) =>
	rules({
		rule: `[${fields.map((field) => `has(self.${field})`).join(", ")}].filter(x, x).size() == 1`,
		message: `${what} needs exactly one of ${fields.join(", ")}`,
	});

const EnvVar = Type.Object(
	{
		name: Type.String({
			description: "Name of the variable.",
			minLength: 1,
			maxLength: 253,
			pattern: "^([-_a-zA-Z]|\\.[-_a-zA-Z0-9])[-._a-zA-Z0-9]*$",
		}),
		value: Type.Optional(
			Type.String({
				description: "Value of the variable. $(NAME) refers to another variable, including the operator's variables.",
				maxLength: 8192,
			}),
		),
		valueFrom: Type.Optional(
			Type.Object(
				{
					configMapKeyRef: Type.Optional(ConfigMapKey),
					secretKeyRef: Type.Optional(SecretKey),
					fieldRef: Type.Optional(
						FieldRef(
							"Field of the pod, such as metadata.name, metadata.labels['app'], spec.nodeName, status.podIP.",
							"spec\\.(nodeName|serviceAccountName)|status\\.(hostIP|hostIPs|podIP|podIPs)",
						),
					),
					resourceFieldRef: Type.Optional(ResourceFieldRef),
				},
				{
					description: "Where the value comes from.",
					...exactlyOne(["configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef"], "valueFrom"),
				},
			),
		),
	},
	{
		description: "One environment variable.",
		...rules({
			rule: "!has(self.value) || !has(self.valueFrom)",
			message: "value and valueFrom are mutually exclusive: remove one of them",
			fieldPath: ".valueFrom",
		}),
	},
);

const Mode = (description: string) =>
	Type.Optional(Type.Integer({ description, minimum: 0, maximum: 511, format: "int32" }));

const items = Type.Optional(
	Type.Array(
		Type.Object(
			{
				key: Key("Key to project."),
				path: RelativePath("Path of its file."),
				mode: Mode("Permissions of the file, in decimal: 292 is 0444."),
			},
			{ description: "One file." },
		),
		{ description: "Keys that become files. Default: all.", maxItems: 64 },
	),
);
const optional = Type.Optional(Type.Boolean({ description: "Whether the pod starts without it." }));
const defaultMode = Mode("Permissions of the files, in decimal. Default: 420 (0644).");

const Named = (what: string) => ({
	name: ObjectName({ description: `Name of the ${what}, in the same namespace.` }),
	items,
	optional,
});

const ProjectedSource = Type.Object(
	{
		configMap: Type.Optional(Type.Object(Named("ConfigMap"), { description: "Files of a ConfigMap." })),
		secret: Type.Optional(Type.Object(Named("Secret"), { description: "Files of a Secret." })),
		downwardAPI: Type.Optional(
			Type.Object(
				{
					items: Type.Array(
						Type.Object(
							{
								path: RelativePath("Path of the file."),
								fieldRef: FieldRef(
									"Field of the pod, such as metadata.name, metadata.labels.",
									"metadata\\.(labels|annotations)",
								),
								mode: Mode("Permissions of the file, as a decimal number."),
							},
							{ description: "One file." },
						),
						{ description: "Fields that become files.", maxItems: 16 },
					),
				},
				{ description: "Fields of the pod itself." },
			),
		),
	},
	{
		description: "One source. Service-account tokens can't be projected.",
		...exactlyOne(["configMap", "secret", "downwardAPI"], "A source"),
	},
);

/** Names of the operator's own volumes. */
const OWN_VOLUMES = ["tmp", "config", "data", "plugins", "backend", "backend-tls", "backend-runner"];

const Volume = Type.Object(
	{
		name: Type.String({
			description: `Name of the volume, for volumeMounts. Not ${OWN_VOLUMES.join(", ")}, tmp-* or plugin-*, which the operator uses.`,
			minLength: 1,
			maxLength: 63,
			pattern: DNS_LABEL_PATTERN,
		}),
		configMap: Type.Optional(
			Type.Object({ ...Named("ConfigMap"), defaultMode }, { description: "Files of a ConfigMap." }),
		),
		secret: Type.Optional(
			Type.Object(
				{
					secretName: ObjectName({ description: "Secret in the same namespace." }),
					items,
					optional,
					defaultMode,
				},
				{ description: "Files of a Secret." },
			),
		),
		emptyDir: Type.Optional(
			Type.Object(
				{
					medium: Type.Optional(
						Choice(["", "Memory"], { description: "Memory: an in-memory file system. Default: the node's disk." }),
					),
					sizeLimit: Type.Optional(Amount({ description: "Size above which the pod is evicted." }, { minimum: 0 })),
				},
				{ description: "An empty directory with the lifetime of the pod." },
			),
		),
		persistentVolumeClaim: Type.Optional(
			Type.Object(
				{
					claimName: ObjectName({ description: "Name of the PersistentVolumeClaim, in the same namespace." }),
					readOnly: Type.Optional(Type.Boolean({ description: "Whether all containers mount it read-only." })),
				},
				{
					description:
						"A PersistentVolumeClaim of your own. For pods on several nodes, it needs the access mode ReadWriteMany or ReadOnlyMany.",
				},
			),
		),
		projected: Type.Optional(
			Type.Object(
				{
					sources: Type.Array(ProjectedSource, {
						description: "Sources of the files.",
						minItems: 1,
						maxItems: 8,
					}),
					defaultMode,
				},
				{ description: "Files of several sources in one folder.", ...checked("projected") },
			),
		),
	},
	{
		description: "One volume.",
		...rules(
			{
				rule: `!(self.name in [${OWN_VOLUMES.map((name) => `'${name}'`).join(", ")}]) && !self.name.startsWith('tmp-') && !self.name.startsWith('plugin-')`,
				message: "This name is in use by the operator's own volume: choose another",
				fieldPath: ".name",
			},
			...exactlyOne(["configMap", "secret", "emptyDir", "persistentVolumeClaim", "projected"], "A volume")[
				"x-kubernetes-validations"
			],
		),
	},
);

const VolumeMount = Type.Object(
	{
		name: Type.String({
			description:
				"Name of one of the volumes. A volume can be mounted once: to mount a source twice, list two volumes.",
			minLength: 1,
			maxLength: 63,
			pattern: DNS_LABEL_PATTERN,
		}),
		mountPath: Type.String({
			description: "Absolute path in the container. Not /tmp, nor in /etc/prism, which the operator uses.",
			minLength: 2,
			maxLength: 1024,
			pattern: "^(/\\.?[^/.:][^/:]*)+$",
		}),
		subPath: Type.Optional(RelativePath("File or folder of the volume to mount, instead of the whole volume.")),
		readOnly: Type.Optional(Type.Boolean({ description: "Whether the mount is read-only." })),
	},
	{
		description: "Where the container sees a volume.",
		...rules({
			rule: "!(self.mountPath in ['/tmp', '/etc/prism', '/var/lib/prism', '/var/lib/prism-plugins']) && !self.mountPath.startsWith('/etc/prism/')",
			message: "This path is in use by the operator's own volume: choose another",
			fieldPath: ".mountPath",
		}),
	},
);

/** Fields that a user adds to a container. The operator's own values stay, unless the user's have the same name. */
export const containerFields = {
	args: Type.Optional(
		Type.Array(Type.String({ maxLength: 4096 }), {
			description: "Arguments of the program, in place of the operator's. $(NAME) stands for an environment variable.",
			maxItems: 64,
		}),
	),
	env: Type.Optional(
		ListBy(EnvVar, ["name"], {
			description:
				"Environment variables. They come after the operator's variables. A variable of the same name replaces the operator's.",
			maxItems: 64,
		}),
	),
	volumes: Type.Optional(ListBy(Volume, ["name"], { description: "Volumes of the pods.", maxItems: 16 })),
	volumeMounts: Type.Optional(
		ListBy(VolumeMount, ["name"], { description: "Where the container sees the volumes.", maxItems: 16 }),
	),
} satisfies Record<string, TSchema>;

const ContainerFields = Type.Object(containerFields);
export type ContainerFields = Static<typeof ContainerFields>;
export type UserVolume = NonNullable<ContainerFields["volumes"]>[number];
