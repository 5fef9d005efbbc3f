import type { KubeObject } from "../../schemas/common.ts";
import type { Container, Pod } from "../controllers/workloads/shapes.ts";
import { objectAt, objectsAt, stringAt, valueAt } from "../json.ts";
import { ApiError, type Store } from "../store.ts";

// The Secrets and ConfigMaps that a pod refers to, resolved as the kubelet resolves them.

type Source = "Secret" | "ConfigMap";

/** A reference that can't be resolved, in the kubelet's words. */
export class MissingReference extends Error {}

/**
 * The container's environment variables by name. Throws MissingReference for an object or a key that is not there and
 * is not optional.
 */
export const environmentOf = async (
	store: Store,
	pod: KubeObject,
	container: Container,
): Promise<Record<string, string>> => {
	const variables: Record<string, string> = {};
	const find = readOnce(store, pod);
	for (const entry of objectsAt(container, "envFrom")) {
		const [source, reference] = sourceOf(entry, "secretRef", "configMapRef");
		const data = await dataOf(find, source, reference);
		for (const [key, value] of Object.entries(data ?? {}))
			variables[`${stringAt(entry, "prefix") ?? ""}${key}`] = value;
	}
	for (const variable of objectsAt(container, "env")) {
		const name = stringAt(variable, "name");
		const value = await resolved(find, pod, variable);
		if (name !== undefined && value !== undefined) variables[name] = value;
	}
	return variables;
};

const resolved = async (find: Find, pod: KubeObject, variable: unknown): Promise<string | undefined> => {
	const from = objectAt(variable, "valueFrom");
	if (from["fieldRef"] !== undefined) return fieldOf(pod, stringAt(from["fieldRef"], "fieldPath") ?? "");
	if (from["secretKeyRef"] === undefined && from["configMapKeyRef"] === undefined) return stringAt(variable, "value");
	const [source, reference] = sourceOf(from, "secretKeyRef", "configMapKeyRef");
	const key = stringAt(reference, "key") ?? "";
	const data = await dataOf(find, source, reference);
	const value = data?.[key];
	if (value === undefined && valueAt(reference, "optional") !== true) {
		const name = `${pod.metadata.namespace}/${stringAt(reference, "name")}`;
		throw new MissingReference(`couldn't find key ${key} in ${source} ${name}`);
	}
	return value;
};

/** The downward API, as far as it is a field of the pod. */
const fieldOf = (pod: KubeObject, path: string): string | undefined => {
	const found = valueAt(pod, ...path.split("."));
	return typeof found === "string" ? found : undefined;
};

/**
 * The files of a volume by path, as far as they come from Secrets and ConfigMaps; undefined for a volume of another
 * kind. Throws MissingReference.
 */
export const filesOf = async (
	store: Store,
	pod: KubeObject,
	volume: unknown,
): Promise<Record<string, string> | undefined> => {
	const sources = [volume, ...objectsAt(volume, "projected", "sources")].filter(
		(source) => valueAt(source, "secret") !== undefined || valueAt(source, "configMap") !== undefined,
	);
	if (sources.length === 0) return undefined;
	const files: Record<string, string> = {};
	const find = readOnce(store, pod);
	for (const entry of sources) {
		const [source, reference] = sourceOf(entry, "secret", "configMap");
		const data = (await dataOf(find, source, reference)) ?? {};
		const items = objectsAt(reference, "items");
		if (items.length === 0) Object.assign(files, data);
		for (const item of items) {
			const [key, path] = [stringAt(item, "key") ?? "", stringAt(item, "path") ?? ""];
			const value = data[key];
			if (value !== undefined) files[path] = value;
			else if (valueAt(reference, "optional") !== true)
				throw new MissingReference(`references non-existent ${source.toLowerCase()} key: ${key}`);
		}
	}
	return files;
};

/** Why the pod's volumes can't be mounted; undefined when they can. */
export const unmountable = async (store: Store, pod: Pod): Promise<string | undefined> => {
	for (const volume of pod.spec.volumes ?? []) {
		const problem = await problemOf(filesOf(store, pod, volume));
		if (problem !== undefined) return `MountVolume.SetUp failed for volume "${stringAt(volume, "name")}" : ${problem}`;
	}
	return undefined;
};

/** What is missing, when that is why the promise rejects. */
export const problemOf = async (resolving: Promise<unknown>): Promise<string | undefined> => {
	try {
		await resolving;
		return undefined;
	} catch (error) {
		if (error instanceof MissingReference) return error.message;
		throw error;
	}
};

const sourceOf = (entry: unknown, secret: string, configMap: string): readonly [Source, unknown] => {
	const found = valueAt(entry, secret);
	return found === undefined ? ["ConfigMap", valueAt(entry, configMap)] : ["Secret", found];
};

/** Decoded; undefined for an object that is not there and is optional. */
const dataOf = async (find: Find, source: Source, reference: unknown): Promise<Record<string, string> | undefined> => {
	const name = stringAt(reference, "name") ?? stringAt(reference, "secretName") ?? "";
	const object = await find(source, name);
	if (object === undefined) {
		if (valueAt(reference, "optional") === true) return undefined;
		throw new MissingReference(`${source.toLowerCase()} "${name}" not found`);
	}
	const texts = Object.entries(objectAt(object, "data")).map(
		([key, value]) => [key, source === "Secret" ? decoded(value) : String(value)] as const,
	);
	const bytes = Object.entries(objectAt(object, "binaryData")).map(([key, value]) => [key, decoded(value)] as const);
	return Object.fromEntries([...texts, ...bytes]);
};

type Find = (kind: Source, name: string) => Promise<KubeObject | undefined>;

/** Reads each object of the pod's namespace once, however many variables and files come from it. */
const readOnce = (store: Store, pod: KubeObject): Find => {
	const reading = new Map<string, Promise<KubeObject | undefined>>();
	return (kind, name) => {
		const key = `${kind} ${name}`;
		const found = reading.get(key) ?? read(store, pod, kind, name);
		reading.set(key, found);
		return found;
	};
};

const read = async (store: Store, pod: KubeObject, kind: Source, name: string): Promise<KubeObject | undefined> => {
	try {
		return await store.get(await store.resourceOf("v1", kind), pod.metadata.namespace, name);
	} catch (error) {
		if (error instanceof ApiError && error.status === 404) return undefined;
		throw error;
	}
};

const decoded = (value: unknown): string => Buffer.from(String(value), "base64").toString("utf8");
