// The recommended labels of Kubernetes. Never one with a version: it would replace every pod of every object at an upgrade of the
// operator.

export interface Recommended {
	/** The application: "prism-proxy", "keyvalue-runner". */
	readonly name: string;
	/** The instance: the owner's name. */
	readonly instance: string;
	/** The component: "proxy", "admin", "runner", "backend". */
	readonly component: string;
	/** The application that it is a part of. */
	readonly partOf: string;
	readonly managedBy: string;
}

/** A label value has at most 63 characters and ends in a letter or digit; names may be longer. */
export const labelValue = (text: string): string =>
	text
		.replaceAll(/[^-_.a-zA-Z0-9]+/g, "-")
		.replace(/^[^a-zA-Z0-9]+/, "")
		.slice(0, 63)
		.replace(/[^a-zA-Z0-9]+$/, "");

export const recommendedLabels = (labels: Recommended): Record<string, string> => ({
	"app.kubernetes.io/name": labelValue(labels.name),
	"app.kubernetes.io/instance": labelValue(labels.instance),
	"app.kubernetes.io/component": labelValue(labels.component),
	"app.kubernetes.io/part-of": labelValue(labels.partOf),
	"app.kubernetes.io/managed-by": labelValue(labels.managedBy),
});
