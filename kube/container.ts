import type { ContainerFields, UserVolume } from "../schemas/containers.ts";
import type { FieldProblem } from "../schemas/findings/specs.ts";
import type { Installation } from "../schemas/installation.ts";
import { allFound, type Check, firstFound, type SpecCheck } from "./check-list.ts";
import { credentialPaths, hasCredentials } from "./connection.ts";
import { derivedName } from "./names.ts";
import { contentHash } from "./object.ts";
import { type GrantedFields, grantRefusal } from "./permitted-fields.ts";
import type { ContainerPlan, EnvVar, SidecarPlan } from "./pod.ts";
import { canonicalResource } from "./quantity.ts";
import { resourceProblems } from "./resources.ts";
import { type Refusal, refusal } from "./spec-refusal.ts";
import type { Container, Volume, VolumeMount } from "./types.ts";

// What a user adds to a container of ours.

/** The user's arguments in place of ours; the user's variables after ours, which they may refer to. */
export const argumentsAndEnvironment = ({
	args,
	referringArgs = [],
	env,
	referring = [],
	added,
}: ContainerPlan): Pick<Container, "args" | "env"> => {
	const own = added?.env ?? [];
	const kept = [...env.map(literalVariable), ...referring].filter(({ name }) => own.every((one) => one.name !== name));
	const all = [...kept, ...own.map(userVariable)];
	const given = added?.args ?? [...args.map(literal), ...referringArgs];
	return { args: given.length > 0 ? given : undefined, env: all.length > 0 ? all : undefined };
};

/** The kubelet replaces $(NAME) by that variable's value, and $$ by $: neither is meant. A $ alone stays as it is. */
const literal = (text: string): string =>
	text.replaceAll(/\$+\(?/g, (run) => (run === "$" ? run : run.replaceAll("$", "$$$$")));

const literalVariable = (variable: EnvVar): EnvVar =>
	variable.value === undefined ? variable : { ...variable, value: literal(variable.value) };

const userVariable = ({ name, value, valueFrom }: NonNullable<ContainerFields["env"]>[number]): EnvVar => {
	// The API server does not store an empty one.
	if (valueFrom === undefined) return { name, value: value === "" ? undefined : value };
	const { fieldRef, resourceFieldRef, ...others } = valueFrom;
	return {
		name,
		valueFrom: {
			...others,
			...(fieldRef !== undefined && { fieldRef: podField(fieldRef.fieldPath) }),
			...(resourceFieldRef !== undefined && {
				resourceFieldRef: { ...resourceFieldRef, divisor: canonicalResource(resourceFieldRef.divisor ?? 0) },
			}),
		},
	};
};

/** A field of the pod itself, as the API server stores a reference to it. */
export const podField = (fieldPath: string) => ({ apiVersion: "v1", fieldPath });

/** A volume of the user's, with what the API server adds to lists that can't be merged. */
export const userVolume = ({ name, emptyDir, projected, ...others }: UserVolume): Volume => ({
	name,
	...others,
	...(emptyDir !== undefined && {
		emptyDir: {
			medium: emptyDir.medium === "" ? undefined : emptyDir.medium,
			sizeLimit: emptyDir.sizeLimit === undefined ? undefined : canonicalResource(emptyDir.sizeLimit),
		},
	}),
	...(projected !== undefined && { projected: { ...projected, sources: projected.sources.map(projectedSource) } }),
});

type Source = NonNullable<UserVolume["projected"]>["sources"][number];

const projectedSource = ({ downwardAPI, ...others }: Source) =>
	downwardAPI === undefined
		? others
		: {
				downwardAPI: {
					items: downwardAPI.items.map((item) => ({ ...item, fieldRef: podField(item.fieldRef.fieldPath) })),
				},
			};

export const userMount = ({
	name,
	mountPath,
	subPath,
	readOnly,
}: NonNullable<ContainerFields["volumeMounts"]>[number]): VolumeMount => ({
	name,
	mountPath,
	subPath,
	readOnly: readOnly === true ? true : undefined,
});

/** A sidecar with volumes of its own: two that use one name mean two volumes. */
export const ownVolumes = (sidecar: SidecarPlan): SidecarPlan => {
	if (sidecar.added?.volumes === undefined) return sidecar;
	const { volumes, volumeMounts = [] } = sidecar.added;
	const own = <Named extends { readonly name: string }>(named: Named): Named => ({
		...named,
		name: derivedName(`${sidecar.name}-${named.name}`, contentHash([sidecar.name, named.name]).slice(0, HASH_LENGTH)),
	});
	return { ...sidecar, added: { ...sidecar.added, volumes: volumes.map(own), volumeMounts: volumeMounts.map(own) } };
};

const HASH_LENGTH = 8;

// ── Checks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A part of a spec from which a container is made. */
export interface ContainerInput {
	readonly part: ContainerFields & GrantedFields;
	/** Its place, such as "spec.proxy". */
	readonly path: string;
	readonly installation: Installation;
}

type FieldCheck = Check<ContainerInput, readonly FieldProblem[]>;

/** Mounts of volumes that are not there, and two at one place. */
const mountProblems: FieldCheck = ({ part: { volumes = [], volumeMounts = [] }, path }) =>
	volumeMounts.flatMap(({ name, mountPath }, index): FieldProblem[] => {
		const field = `${path}.volumeMounts[${index}]`;
		const first = volumeMounts.findIndex((other) => other.mountPath === mountPath);
		const names = volumes.map((volume) => volume.name);
		return [
			...(names.includes(name) ? [] : [{ field: `${field}.name`, expected: { oneOf: names }, got: name }]),
			...(first === index
				? []
				: [
						{
							field: `${field}.mountPath`,
							expected: { words: `must differ from ${path}.volumeMounts[${first}].mountPath` },
							got: mountPath,
						},
					]),
		];
	});

const amountProblems: FieldCheck = ({ part: { resources, runnerSpec, placement }, path }) => [
	...resourceProblems(resources ?? {}, `${path}.resources`),
	...resourceProblems(runnerSpec?.resources ?? {}, `${path}.runnerSpec.resources`),
	...resourceProblems(placement?.resources ?? {}, `${path}.placement.resources`),
];

/** What the API server would reject in every pod: all of it at once. */
export const fieldsRejected: SpecCheck<ContainerInput> = (input) => {
	const problems = allFound([mountProblems, amountProblems], input);
	return problems.length === 0 ? undefined : refusal({ reason: "InvalidSpec", about: "fields", problems });
};

/** What the installation does not allow. */
export const fieldsUngranted: SpecCheck<ContainerInput> = ({ part, path, installation }) =>
	grantRefusal(part, path, installation);

/** Credentials in variables and arguments, unless the installation allows them in specs. */
export const credentialsGiven: SpecCheck<ContainerInput> = ({ part: { args, env }, path, installation }) => {
	if (installation.inlineCredentials) return undefined;
	const fields = [
		...(env ?? []).flatMap(({ name, value = "" }) =>
			credentialPaths({ [name]: withoutReferences(value) }).map(() => `${path}.env[${name}].value`),
		),
		...credentialPaths((args ?? []).map(withoutReferences)).map((at) => `${path}.args${at}`),
	];
	return fields.length === 0 ? undefined : refusal({ reason: "InlineCredentials", fields, instead: "secretKeyRef" });
};

/** Credentials in what pods and Services show as it is, whatever the installation allows. */
export const credentialsPublished: SpecCheck<ContainerInput> = ({ part, path }) => {
	const shown: Record<string, string | undefined> = { [`${path}.image`]: part.image };
	for (const field of ["service", "exposure"] as const)
		for (const [key, value] of Object.entries(part[field]?.annotations ?? {}))
			shown[`${path}.${field}.annotations[${key}]`] = value;
	const fields = Object.keys(shown).filter((field) => hasCredentials(shown[field] ?? ""));
	return fields.length === 0
		? undefined
		: refusal({ reason: "InlineCredentials", fields: fields.toSorted(), instead: "never" });
};

/** In this order: the first that finds something decides. */
export const CONTAINER_CHECKS: readonly SpecCheck<ContainerInput>[] = [
	fieldsRejected,
	fieldsUngranted,
	credentialsPublished,
	credentialsGiven,
];

/** Why no container can be made of a part of a spec; `path` is its place, such as "spec.proxy". */
export const containerRefusal = (
	part: ContainerInput["part"],
	path: string,
	installation: Installation,
): Refusal | undefined => firstFound(CONTAINER_CHECKS, { part, path, installation });

/** A text without its $(NAME), nor a password that is one: those are not in the spec. */
const withoutReferences = (text: string): string =>
	text.replaceAll(/\/\/[^/@:]*:\$\([^()]*\)@/g, "//").replaceAll(/\$\([^()]*\)/g, "");
