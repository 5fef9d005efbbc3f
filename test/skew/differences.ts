// Where today's version is meant to differ from the one before. An entry that does not apply any more fails a test.

export interface Difference {
	/** Kind of a child, or of one of our objects; "*": of whichever has such a place. */
	readonly kind: string;
	/** Place in it, such as spec.template.spec.containers; a place below it is meant, too. */
	readonly path: string | RegExp;
	/** What the reader of an upgrade's notes should know. */
	readonly reason: string;
}

/** Children that both versions make, and make differently: pods may roll once, and while both run, more than once. */
export const INTENDED_CHILDREN: readonly Difference[] = [
	{
		kind: "Deployment",
		path: "metadata.annotations.prism.io/desired-hash",
		reason: "It follows from the differences below.",
	},
	{
		kind: "PodDisruptionBudget",
		path: "",
		reason: "A workload with one pod has a budget too: what depends on the count comes and goes with every scaling.",
	},
	{
		kind: "Deployment",
		path: "spec.strategy.rollingUpdate.maxUnavailable",
		reason: "A new pod comes before an old one goes, unless a required anti-affinity forbids that.",
	},
	{
		kind: "Deployment",
		path: "spec.strategy",
		reason:
			"Control planes without a volume are replaced, not rolled: two at once would each have half of the records.",
	},
	{
		kind: "Deployment",
		path: "spec.minReadySeconds",
		reason: "A proxy counts once it had the time to receive its namespaces.",
	},
	{
		kind: "Deployment",
		path: "metadata.annotations.prism.io/replicas-before-autoscaling",
		reason: "An autoscaled workload remembers spec.replicas, so that switching autoscaling off keeps the count.",
	},
	{
		kind: "Deployment",
		path: "metadata.annotations.prism.io/pods-changed-after-generation",
		reason: "A workload whose pods were changed is not Ready before its controller has observed that. No pod rolls.",
	},
	{
		kind: "PatternRunner",
		path: "metadata.annotations.prism.io/own-backend",
		reason: "A stack's runner uses a BackendConfig of a computed name only if it is the stack's own. No pod rolls.",
	},
	{
		kind: "PatternRunner",
		path: "metadata.annotations.prism.io/unknown-backend",
		reason: "A stack's runner on a backend that the stack does not have is a Warning. No pod rolls.",
	},
	{
		kind: "PatternRunner",
		path: "metadata.annotations.prism.io/desired-hash",
		reason: "It follows from the differences above.",
	},
];

/** Recorded cases of the version before that come to something else; the name as it is recorded. */
export const INTENDED_CASES: readonly { readonly name: RegExp; readonly reason: string }[] = [
	{
		name: /^runner-keda(-unsupported)?\.in\.yaml/,
		reason:
			"Without KEDA, runners that ask for it run unscaled. The version before refuses them, and holds what is there: it deletes no child of the other.",
	},
];

/** Changes of the kinds' schemas that are not compatible by themselves; path as the comparison prints it. */
export const INTENDED_SCHEMAS: readonly Difference[] = [
	{
		kind: "PrismStack",
		path: /^v1alpha1: a rule is new: !has\(self\.spec\.patterns\) \|\| \[self\.metadata\.name \+ '-proxy'/,
		reason: "The rule about names of patterns says the same in a form that Kubernetes 1.28 does not estimate too high.",
	},
	{
		kind: "*",
		path: /^v1alpha1\.status: default changed$/,
		reason: "A new object without a status is in progress for kstatus, as its generation is not observed yet.",
	},
	{
		kind: "*",
		path: /\.(matchExpressions\[\]\.(key|values\[\])|matchFields\[\]\.(key|values\[\])|matchLabels\{\}|topologyKey|matchLabelKeys\[\]|mismatchLabelKeys\[\]|namespaces\[\]|tolerations\[\]\.(key|value)|nodeSelector\{\}): pattern changed$/,
		reason:
			"Keys and values of labels and taints, and names of namespaces, are rejected at once where the API server rejected the child.",
	},
	{
		kind: "*",
		path: /\.(allowedNamespaces\.names\[\]|backendConfig\.namespace|serverName|(probe|grpc)\.service|(spec|namespaces\[\])\.patterns\[\]|host): pattern changed$/,
		reason: "What is a name has no blanks, control or format characters. One with these named nothing that there is.",
	},
	{
		kind: "*",
		path: /(\.(requests|limits)\{\}|exposure\.host): pattern changed$/,
		reason:
			"An amount below zero, or a host with an empty label, is rejected at once where the API server rejected the child.",
	},
	{
		kind: "*",
		path: /\.(name|roster|canary|(priority|runtime|ingress)ClassName|tlsSecretName): pattern changed$/,
		reason: "A name of an object has no empty part, as in a..b: no object has such a name.",
	},
	{
		kind: "*",
		path: /(\.image|\.secretRef\.keys\.\w+|storage\.size): (pattern changed|minimum.*)$/,
		reason:
			"An image with blanks, a key that begins with two periods, or a volume without a size is rejected at once where the API server rejected the child.",
	},
	{
		kind: "*",
		path: /\.tolerations\[\]: a rule is new: /,
		reason:
			"Tolerations whose fields contradict each other are rejected at once where the API server rejected the pods.",
	},
	{
		kind: "*",
		path: /\.autoscaling\.metrics\[\]\.(name|averageValue): pattern changed$/,
		reason:
			"A value of zero or below, or a metric's name with a slash, is rejected at once where the API server rejected the autoscaler.",
	},
	{
		kind: "*",
		path: /\.autoscaling\.metrics\[\]: a rule is new: has\(self\.type\) \?/,
		reason: "It lets through what the version before let through: a name with averageValue, which were required.",
	},
	{
		kind: "*",
		path: /\.autoscaling\.triggers: a rule is new: self\.all\(t, !has\(t\.name\)/,
		reason: "KEDA rejects two triggers of one name.",
	},
	{
		kind: "PrismShard",
		path: /^v1alpha1\.spec\.autoscaling: a rule is new: !self\.enabled \|\| has\(self\.targetRPS\)/,
		reason: "It lets through what has targetRPS, which was required.",
	},
	{
		kind: "PrismStack",
		path: "v1alpha1: a rule is new: !has(self.spec.admin.storage) || !has(self",
		reason: "It is about stacks that use the new field admin.storage.",
	},
	{
		kind: "PrismShard",
		path: "v1alpha1.spec.storage.storageClassName: pattern changed",
		reason: 'It may be "", for volumes without a class. The pattern allows more than the one before.',
	},
	{
		kind: "PrismShard",
		path: "v1alpha1.spec.storage: a rule is new: self.size == oldSelf.size || double(string(self",
		reason: "Another spelling of the same storage.size is taken. The rule allows more than the one before.",
	},
	{
		kind: "PrismShard",
		path: "v1alpha1: a rule is new: has(self.status) || !self.metadata.name.matches('(^|-)(proxy|admin|headless)$')",
		reason:
			"A new shard can't be named proxy, admin or headless, nor end in one of these: its objects could meet those of a stack. One that is there keeps its name: the rule passes whatever has a status.",
	},
];
