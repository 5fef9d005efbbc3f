import type { Pod } from "../../kube/types.ts";

// The Secrets and ConfigMaps that a pod needs, and the one that a message of the kubelet names.

/** A Secret or ConfigMap that a pod refers to, optionally with the key. */
export interface PodReference {
	readonly kind: "Secret" | "ConfigMap";
	readonly name: string;
	readonly key?: string | undefined;
}

interface MountedReference extends PodReference {
	/** The volume that has it. */
	readonly volume?: string;
}

/** The Secrets and ConfigMaps that a pod needs to start. */
export const referencesOf = ({ spec }: Pod): MountedReference[] => {
	const found: (Omit<MountedReference, "name"> & { readonly name: string | undefined })[] = [];
	for (const { env = [], envFrom = [] } of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) {
		for (const { valueFrom: { secretKeyRef, configMapKeyRef } = {} } of env) {
			if (secretKeyRef) found.push({ kind: "Secret", name: secretKeyRef.name, key: secretKeyRef.key });
			if (configMapKeyRef) found.push({ kind: "ConfigMap", name: configMapKeyRef.name, key: configMapKeyRef.key });
		}
		for (const { secretRef, configMapRef } of envFrom) {
			if (secretRef) found.push({ kind: "Secret", name: secretRef.name });
			if (configMapRef) found.push({ kind: "ConfigMap", name: configMapRef.name });
		}
	}
	for (const { name: volume, secret, configMap, projected } of spec?.volumes ?? []) {
		for (const source of [{ secret, configMap }, ...(projected?.sources ?? [])]) {
			const named = source.secret ?? source.configMap;
			if (named === undefined) continue;
			const kind = source.secret === undefined ? "ConfigMap" : "Secret";
			const name = "secretName" in named ? named.secretName : "name" in named ? named.name : undefined;
			found.push({ kind, name, volume });
			for (const { key } of named.items ?? []) found.push({ kind, name, key, volume });
		}
	}
	return found.flatMap(({ name, ...rest }) => (name === undefined ? [] : [{ ...rest, name }]));
};

export const pullSecretsOf = ({ spec }: Pod): PodReference[] =>
	(spec?.imagePullSecrets ?? []).flatMap(({ name }) => (name === undefined ? [] : [{ kind: "Secret", name }]));

/** The reference that the kubelet's message names, with its key if the message names that too. Of a volume, it may name the key only. */
export const namedIn = (
	words: string | undefined,
	references: readonly MountedReference[],
): PodReference | undefined => {
	const names = new Set(words?.split(/[\s"'/,:;()]+/));
	const byName = references.filter(
		({ name, volume, key }) => names.has(name) && (volume === undefined || key === undefined),
	);
	const named =
		byName.length > 0 ? byName : references.filter(({ volume = "", key = "" }) => names.has(volume) && names.has(key));
	const found = named.find(({ key }) => key !== undefined && names.has(key)) ?? named[0];
	if (found === undefined) return undefined;
	const { kind, name, key } = found;
	return { kind, name, ...(key !== undefined && names.has(key) && { key }) };
};
