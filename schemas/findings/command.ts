// Remedies as data: commands that users can run. `why` adds the flags that select the same cluster.

/** A kubectl command, such as `kubectl get configmap taken-config -n team -o yaml`. */
export interface KubectlCommand {
	readonly verb: "annotate" | "delete" | "describe" | "get" | "label" | "logs" | "patch" | "rollout resume" | "scale";
	/** In lower case, as users type it. */
	readonly kind: string;
	/** Absent: the objects that the flags select. */
	readonly name?: string;
	/** Names of more objects of the same kind. */
	readonly others?: readonly string[];
	readonly namespace?: string;
	/** The remaining arguments, in order. */
	readonly flags?: readonly string[];
}

/** Copies the object to another namespace. */
export interface CopyCommand {
	readonly verb: "copy";
	readonly kind: string;
	readonly name: string;
	readonly namespace: string;
	readonly to: string;
}

export type Command = KubectlCommand | CopyCommand;

/** An object in the namespace of the finding's object. */
export interface Named {
	readonly kind: string;
	readonly name: string;
}
