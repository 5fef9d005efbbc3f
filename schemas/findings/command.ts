// What helps, as data: a command that somebody may run. `why` adds the flags that lead to the same cluster.

/** kubectl's, such as `kubectl get configmap taken-config -n team -o yaml`. */
export interface KubectlCommand {
	readonly verb: "annotate" | "delete" | "describe" | "get" | "label" | "logs" | "patch" | "rollout resume" | "scale";
	/** In lower case, as it is typed. */
	readonly kind: string;
	/** Absent: those that the flags select. */
	readonly name?: string;
	/** Names of the same kind, after the first. */
	readonly others?: readonly string[];
	readonly namespace?: string;
	/** Whatever comes after that, in order. */
	readonly flags?: readonly string[];
}

/** The same object once more, in another namespace. */
export interface CopyCommand {
	readonly verb: "copy";
	readonly kind: string;
	readonly name: string;
	readonly namespace: string;
	readonly to: string;
}

export type Command = KubectlCommand | CopyCommand;

/** An object in the namespace of the one that a finding is about. */
export interface Named {
	readonly kind: string;
	readonly name: string;
}
