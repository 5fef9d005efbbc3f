// What has to be done for a cluster of kind with the operator and samples in it, as data: commands, in order.

export type Program = "docker" | "kind" | "helm" | "kubectl";

export interface Command {
	readonly program: Program;
	readonly args: readonly string[];
}

export interface Step extends Command {
	/** "build the image": what is being done, and can't be when it fails. */
	readonly title: string;
	/** Done already when this command prints that line. */
	readonly unless?: { readonly command: Command; readonly line: string };
	/** What to do when it fails, beside reading what it wrote. */
	readonly advice?: string;
	/** What shows more when it fails. */
	readonly diagnosis?: Command;
}

export interface Options {
	/** Name of the cluster; its context is kind-<name>. */
	readonly name: string;
	/** Image of the nodes, and so their Kubernetes; undefined: kind's own. */
	readonly nodeImage?: string | undefined;
	/** Image of the operator, with its tag. */
	readonly image: string;
	/** Files that are applied. */
	readonly samples: readonly string[];
	/** Further images of this machine that the pods are to have: Prism's own, when no registry has them. */
	readonly load: readonly string[];
	/** Registry and tag of Prism's own images, where they are not the default ones. */
	readonly imageRegistry?: string | undefined;
	readonly imageTag?: string | undefined;
	readonly timeoutSeconds: number;
}

export const CHART = "charts/prism-operator";
const RELEASE = "prism-operator";
const NAMESPACE = "prism-system";
const DEPLOYMENT = `${RELEASE}-controller-manager`;

const files = (samples: readonly string[]): string[] => samples.flatMap((sample) => ["--filename", sample]);

export const upSteps = (options: Options): Step[] => {
	const { name, image, samples, load, timeoutSeconds } = options;
	const context = `kind-${name}`;
	const [repository, tag] = splitImage(image);
	// The chart's name for it.
	const probe = `${repository}-probe:${tag}`;
	return [
		{
			title: "reach Docker",
			program: "docker",
			args: ["info", "--format", "{{.ServerVersion}}"],
			advice: "start Docker, or let your user talk to it",
		},
		{
			title: `create the cluster ${name}`,
			program: "kind",
			args: [
				...`create cluster --name ${name} --config devcluster/kind-cluster/cluster.yaml --wait 180s`.split(" "),
				...(options.nodeImage === undefined ? [] : ["--image", options.nodeImage]),
			],
			unless: { command: { program: "kind", args: ["get", "clusters"] }, line: name },
		},
		{ title: `build the image ${image}`, program: "docker", args: ["build", "--tag", image, "."] },
		{
			title: `build the image ${probe}`,
			program: "docker",
			args: ["build", "--target", "probe", "--tag", probe, "."],
		},
		...[image, probe, ...load].map(
			(each): Step => ({
				title: `load the image ${each}`,
				program: "kind",
				args: ["load", "docker-image", each, "--name", name],
			}),
		),
		{
			title: "install Metacontroller and the operator",
			program: "helm",
			args: [
				...`upgrade --install ${RELEASE} ${CHART} --kube-context ${context}`.split(" "),
				...`--namespace ${NAMESPACE} --create-namespace --wait --timeout 300s`.split(" "),
				...sets({
					"metacontroller.enabled": "true",
					"image.repository": repository,
					"image.tag": tag,
					"config.PRISM_IMAGE_REGISTRY": options.imageRegistry,
					"config.PRISM_IMAGE_TAG": options.imageTag,
				}),
			],
			diagnosis: kubectl(context, "--namespace", NAMESPACE, "get", "pods"),
		},
		{
			// An image that was built again has the tag that the pods have already.
			title: "restart the hooks with that image",
			...kubectl(context, "--namespace", NAMESPACE, "rollout", "restart", `deployment/${DEPLOYMENT}`),
		},
		{
			title: "wait for the hooks",
			...kubectl(context, "--namespace", NAMESPACE, "rollout", "status", `deployment/${DEPLOYMENT}`, "--timeout=180s"),
		},
		{ title: `apply ${samples.join(", ")}`, ...kubectl(context, "apply", ...files(samples)) },
		{
			title: "wait until all of it is Ready",
			...kubectl(context, "wait", "--for=condition=Ready", `--timeout=${timeoutSeconds}s`, ...files(samples)),
			diagnosis: kubectl(context, "get", "prism,pods", "--all-namespaces"),
			advice:
				"`kubectl describe` says why not. Images of Prism itself that no registry has are loaded with LOAD='IMAGE...', or come from PRISM_IMAGE_REGISTRY and PRISM_IMAGE_TAG",
		},
	];
};

export const downSteps = ({ name }: Pick<Options, "name">): Step[] => [
	{ title: `delete the cluster ${name}`, program: "kind", args: ["delete", "cluster", "--name", name] },
];

/** What is printed at the end. */
export const nextCommands = ({ name }: Pick<Options, "name">): string[] => [
	`kubectl --context kind-${name} get prism --all-namespaces`,
	`kubectl --context kind-${name} logs --namespace ${NAMESPACE} deployment/${DEPLOYMENT} --follow`,
	"make kind-down",
];

const kubectl = (context: string, ...args: string[]): Command => ({
	program: "kubectl",
	args: ["--context", context, ...args],
});

const sets = (values: Readonly<Record<string, string | undefined>>): string[] =>
	Object.entries(values).flatMap(([name, value]) => (value ? ["--set", `${name}=${value}`] : []));

/** A registry's port has a colon too. */
const splitImage = (image: string): [repository: string, tag: string] => {
	const colon = image.lastIndexOf(":");
	return colon > image.lastIndexOf("/") ? [image.slice(0, colon), image.slice(colon + 1)] : [image, "latest"];
};
