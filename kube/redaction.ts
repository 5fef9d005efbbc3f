import type { KubeObject } from "../schemas/common.ts";
import { isSecretName as isCredential } from "./connection.ts";
import { isKubeObject, isRecord } from "./object.ts";
import { isSuspicious, REDACTED, redactedLines } from "./redaction-rules.ts";

// Redacts credentials in objects and texts for people. By the same rules by which hooks find credentials, so that a hook finds them in
// the same fields of a redacted object; and by further rules for texts in objects. This is the only redactor: the dashboard, recordings
// and every command use it.

/** The same in base64, which is the encoding of a Secret's data. */
const REDACTED_DATA = "UkVEQUNURUQ=";

export interface Redaction<Value> {
	readonly value: Value;
	/** Paths of redacted values, such as "spec.config.natsUrl". */
	readonly paths: readonly string[];
}

/** An object without credentials, and without managedFields. */
export const redacted = (object: KubeObject): Redaction<KubeObject> => {
	const { managedFields: _managed, ...metadata } = object.metadata;
	const paths: string[] = [];
	const fields = { ...object, metadata };
	return { value: { ...fields, ...withoutCredentials(fields, object.kind, listing(paths)) }, paths };
};

/** Free-form data, such as a status, without credentials. */
export const redactedData = (data: unknown, path = ""): Redaction<unknown> => {
	const paths: string[] = [];
	return { value: withoutSecrets(data, { path, depth: 0 }, listing(paths)), paths };
};

/** Two versions of an object without credentials; a changed credential has different placeholders. */
export const redactedChange = (before: unknown, after: unknown, kind: string): readonly [unknown, unknown] => {
	const old = new Map<string, unknown>();
	const remember: Note = ({ path }, raw, shown) => {
		old.set(path, raw);
		return shown;
	};
	const compare: Note = ({ path }, raw, shown) =>
		!old.has(path) || old.get(path) === raw ? shown : `${shown} (changed)`;
	const shown = (side: unknown, note: Note) => (isRecord(side) ? withoutCredentials(side, kind, note) : side);
	return [shown(before, remember), shown(after, compare)];
};

interface Place {
	readonly path: string;
	readonly depth: number;
}

/** Callback for each replacement, which decides the output. */
type Note = (place: Place, raw: unknown, shown: string) => string;

const listing =
	(paths: string[]): Note =>
	({ path }, _raw, shown) => {
		paths.push(path);
		return shown;
	};

const withoutCredentials = (fields: Record<string, unknown>, kind: string, note: Note): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries(fields).map(([field, inner]) => {
			const place = { path: field, depth: 1 };
			const isData = kind === "Secret" && isRecord(inner) && (field === "data" || field === "stringData");
			return [field, isData ? secretData(inner, place, note) : withoutSecrets(inner, place, note)];
		}),
	);

/** Maximum depth that is scanned and shown: manifests are not deeper, and the stack is limited. */
const MOST_DEEP = 100;

const below = ({ path, depth }: Place, key: string | number): Place => ({
	path: typeof key === "number" ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`,
	depth: depth + 1,
});

/** Key names of BackendConfigs and stacks, of which some are called password: where a credential is, not what it is. */
const KEY_NAME =
	/(^|\.)(spec\.(connection|backends\[\d+\])\.secretRef\.keys|status\.binding\.secret)\.(url|username|password)$/;

const withoutSecrets = (value: unknown, place: Place, note: Note): unknown => {
	if (typeof value === "string") {
		const shown = redactedText(value);
		return shown === value ? value : note(place, value, shown);
	}
	if (typeof value !== "object" || value === null) return value;
	if (place.depth > MOST_DEEP) return note(place, value, REDACTED);
	if (Array.isArray(value)) return value.map((item: unknown, index) => inList(value, item, index, place, note));
	if (!isRecord(value)) return value;
	const isSecretVariable = VARIABLE_KEYS.some((key) => typeof value[key] === "string" && isVariableName(value[key]));
	return Object.fromEntries(
		Object.entries(value).map(([given, item]) => {
			const key = redactedText(given);
			const inner = below(place, key);
			const isValue = isSecretVariable && (key === "value" || key === "Value");
			const isSecret = (isSecretName(key) || isValue) && !KEY_NAME.test(inner.path);
			return [key, isSecret ? withoutScalars(item, inner, note) : withoutSecrets(item, inner, note)];
		}),
	);
};

/** Fields that have the name of a variable. */
const VARIABLE_KEYS = ["name", "key", "Name", "Key"] as const;

/** A flag of a command line has its value as the next word. */
const SECRET_SWITCH = /^--?[a-z0-9_.-]+$/i;

const inList = (list: readonly unknown[], item: unknown, index: number, place: Place, note: Note): unknown => {
	const before = list[index - 1];
	const inner = below(place, index);
	const isSecret = typeof before === "string" && SECRET_SWITCH.test(before) && isSecretName(before);
	return isSecret ? withoutScalars(item, inner, note) : withoutSecrets(item, inner, note);
};

const EXTENSION = /\.(txt|json|ya?ml|env|conf|cfg|ini|properties|key)$/i;
const CREDENTIALS = /(?:^|[-_.a-z])credentials?(?:\[\d{1,9}\])?$/i;
/** An environment variable with this name has a value, where a field may have the name of a Secret. */
const VARIABLE =
	/(?:secret|(?:password|passwd|passphrase|secret|token|credential|(?:api|access|private|account)_?key)s)$/i;

/** Each name of a credential contains one of these; most other names need no further check. */
const HINT = /pass|pwd|secret|token|key|cred|jwt|authorization|cookie/i;
/** Fields of texts for people, where hooks expect the name of a file, or nothing at all. */
const MORE_NAMES = /(?:(?<![a-z])creds?|[a-z]Creds?|(?:storage|ssh)[_-]?key|authorization|(?:set-)?cookie)$/i;

const isSecretName = (name: string): boolean => {
	if (!HINT.test(name)) return false;
	const bare = name.replace(EXTENSION, "");
	return isCredential(bare) || CREDENTIALS.test(bare) || MORE_NAMES.test(bare);
};

const isVariableName = (name: string): boolean => isSecretName(name) || (HINT.test(name) && VARIABLE.test(name));

/** What stands below a secret's name: a text, a number, or a list of them. References to Secrets are objects, and stay. */
const withoutScalars = (value: unknown, place: Place, note: Note): unknown => {
	if (typeof value === "number" || (typeof value === "string" && value !== "" && value !== REDACTED))
		return note(place, value, REDACTED);
	if (place.depth > MOST_DEEP) return withoutSecrets(value, place, note);
	if (Array.isArray(value)) return value.map((item, index) => withoutScalars(item, below(place, index), note));
	if (!isRecord(value)) return value;
	// A map of credentials, by whatever names.
	if (CREDENTIALS.test(place.path)) return withoutValues(value, place, note);
	const { value: its, ...others } = value;
	const rest = withoutSecrets(others, place, note);
	return "value" in value && isRecord(rest)
		? { ...rest, value: withoutScalars(its, below(place, "value"), note) }
		: rest;
};

const REFERENCE = /(?:ref|^valueFrom)$/i;

const withoutValues = (map: Record<string, unknown>, place: Place, note: Note): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries(map).map(([given, item]) => {
			const key = redactedText(given);
			const inner = below(place, key);
			if (!isRecord(item)) return [key, withoutScalars(item, inner, note)];
			const isDeep = inner.depth > MOST_DEEP || REFERENCE.test(key);
			return [key, isDeep ? withoutSecrets(item, inner, note) : withoutValues(item, inner, note)];
		}),
	);

const secretData = (data: Record<string, unknown>, place: Place, note: Note): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries(data).map(([key, value]) => [
			key,
			note(below(place, key), value, place.path === "data" ? REDACTED_DATA : REDACTED),
		]),
	);

// ── Texts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A text without the credentials in it; the same text when there are none. */
export const redactedText = (text: string): string => {
	if (!isSuspicious(text)) return text;
	return (
		redactedJson(text) ??
		redactedLines(text.split("\n"))
			.filter((line) => line !== undefined)
			.join("\n")
	);
};

/** JSON in a text, such as the last applied configuration; undefined: no JSON. */
const redactedJson = (text: string): string | undefined => {
	if (!/^\s*[{[]/.test(text)) return undefined;
	try {
		const parsed: unknown = JSON.parse(text);
		const paths: string[] = [];
		const note = listing(paths);
		const value =
			isKubeObject(parsed) && parsed.kind === "Secret"
				? withoutCredentials(parsed, parsed.kind, note)
				: withoutSecrets(parsed, { path: "", depth: 0 }, note);
		if (paths.length === 0) return text;
		return JSON.stringify(value, undefined, text.trim().includes("\n") ? 2 : undefined);
	} catch {
		return undefined;
	}
};
