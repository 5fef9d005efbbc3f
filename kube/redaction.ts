import type { KubeObject } from "../schemas/common.ts";
import { connectionParts, SECRET_NAME } from "./connection.ts";
import { isRecord } from "./object.ts";

// Objects that may be shown to people: what is a credential, or looks like one, is replaced. By the same rules by which hooks
// find credentials, so that a hook that is called with the result finds them where they were; and by some more, for texts
// that people write into objects.

export const REDACTED = "REDACTED";
/** The same in base64, for whoever decodes a Secret's data. */
const REDACTED_DATA = "UkVEQUNURUQ=";

export interface Redaction<Value> {
	readonly value: Value;
	/** Paths of what was replaced, such as "spec.config.natsUrl". */
	readonly paths: readonly string[];
}

/** An object without credentials. What only the API server needs (managedFields) is left out. */
export const redacted = (object: KubeObject): Redaction<KubeObject> => {
	const { managedFields: _managed, ...metadata } = object.metadata;
	const paths: string[] = [];
	const note: Note = (path) => void paths.push(path);
	const value: KubeObject = { ...object, metadata: { ...metadata } };
	for (const [field, inner] of Object.entries(value)) value[field] = withoutSecrets(inner, field, note);
	for (const field of object.kind === "Secret" ? ["data", "stringData"] : [])
		if (isRecord(object[field])) value[field] = secretData(object[field], field, note);
	return { value, paths };
};

/** Free-form data, such as a status, without credentials. */
export const redactedData = (data: unknown, path = ""): Redaction<unknown> => {
	const paths: string[] = [];
	return { value: withoutSecrets(data, path, (place) => void paths.push(place)), paths };
};

type Note = (path: string) => void;

/** Key names of BackendConfigs and stacks, of which some are called password: where a credential is, not what it is. */
const KEY_NAME =
	/(^|\.)(spec\.(connection|backends\[\d+\])\.secretRef\.keys|status\.binding\.secret)\.(url|username|password)$/;

const withoutSecrets = (value: unknown, path: string, note: Note): unknown => {
	if (typeof value === "string") return noted(value, redactedText(value), path, note);
	if (Array.isArray(value)) return value.map((item: unknown, index) => inList(value, item, index, path, note));
	if (!isRecord(value)) return value;
	const isSecretVariable = typeof value["name"] === "string" && isSecretName(value["name"]);
	return Object.fromEntries(
		Object.entries(value).map(([key, item]) => {
			const below = path === "" ? key : `${path}.${key}`;
			const isSecret = (isSecretName(key) || (key === "value" && isSecretVariable)) && !KEY_NAME.test(below);
			return [key, isSecret ? withoutScalars(item, below, note) : withoutSecrets(item, below, note)];
		}),
	);
};

/** A switch of a command line gives its value as the next word. */
const SECRET_SWITCH = /^--?[a-z0-9_.-]+$/i;

const inList = (list: readonly unknown[], item: unknown, index: number, path: string, note: Note): unknown => {
	const before = list[index - 1];
	const below = `${path}[${index}]`;
	const isSecret = typeof before === "string" && SECRET_SWITCH.test(before) && isSecretName(before);
	return isSecret ? withoutScalars(item, below, note) : withoutSecrets(item, below, note);
};

const EXTENSION = /\.(txt|json|ya?ml|env|conf|cfg|ini|properties|key)$/i;
const CREDENTIALS = /(?:^|[-_.a-z])credentials?$/i;

/** No secret's name is without one of these; of most names nothing else has to be looked at. */
const HINT = /pass|pwd|secret|token|key|credential/i;

const isSecretName = (name: string): boolean => {
	if (!HINT.test(name)) return false;
	const bare = name.replace(EXTENSION, "");
	return SECRET_NAME.test(bare) || CREDENTIALS.test(bare);
};

/** What stands below a secret's name: a text, a number, or a list of them. References to Secrets are objects, and stay. */
const withoutScalars = (value: unknown, path: string, note: Note): unknown => {
	if (typeof value === "number" || (typeof value === "string" && value !== "" && value !== REDACTED)) {
		note(path);
		return REDACTED;
	}
	if (Array.isArray(value)) return value.map((item, index) => withoutScalars(item, `${path}[${index}]`, note));
	if (!isRecord(value) || !CREDENTIALS.test(path)) return withoutSecrets(value, path, note);
	// A map of credentials, by whatever names.
	return Object.fromEntries(
		Object.entries(value).map(([key, item]) => [key, withoutScalars(item, `${path}.${key}`, note)]),
	);
};

const secretData = (data: Record<string, unknown>, field: string, note: Note): Record<string, unknown> =>
	Object.fromEntries(
		Object.keys(data).map((key) => {
			note(`${field}.${key}`);
			return [key, field === "data" ? REDACTED_DATA : REDACTED];
		}),
	);

const noted = (before: string, after: string, path: string, note: Note): string => {
	if (after !== before) note(path);
	return after;
};

// ── Texts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const JSON_WEB_TOKEN = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
const AUTHORIZATION = /(authorization["']?\s*[:=]\s*["']?)(?:(bearer|basic|token)\s+)?[^\s"',;]+/gi;
const BEARER = /\b(bearer\s+)[\w.~+/=-]{16,}/gi;
const NAME =
	"(?:password|passwd|pwd|passphrase|secret|token|credentials?|(?:api|access|account|secret|private)[_-]?key)";
/** name=value anywhere. */
const PARAMETER = new RegExp(`((?:^|[?&;,\\s"'{])[\\w.-]*${NAME}["']?\\s*=\\s*)("[^"]*"|'[^']*'|[^\\s&;,"']+)`, "gi");
/** name: value at the beginning of a line, as in YAML and in files of properties. */
const LINE = new RegExp(`^([ \\t]*(?:- )?["']?[\\w.-]*${NAME}["']?[ \\t]*:[ \\t]*)("[^"]*"|'[^']*'|\\S.*)$`, "gim");
const URL_LIKE = /[a-z][a-z0-9+.-]*:\/\/\S*/gi;
/** user:password@host without a scheme; not the digest of an image. */
const USER_INFO = /[^\s/@"']+:[^\s/@]+@(?!sha\d+:)[^\s"']*/gi;
/** No credential is without one of these. */
const SUSPICIOUS = /[=:@]|\beyJ|-----BEGIN/;

/** A text without the credentials in it; the same text when there are none. */
export const redactedText = (text: string): string => {
	if (!SUSPICIOUS.test(text)) return text;
	const inner = redactedJson(text);
	if (inner !== undefined) return inner;
	const hidden: string[] = [];
	const hide = (url: string) => {
		// Stricter than a hook: with an "@" anywhere, what is before it may be a password with anything in it.
		if (!connectionParts(url).credentials && !/@(?!sha\d+:)/.test(url)) return url;
		hidden.push(withoutUserInfo(url));
		return HOLE;
	};
	const holed = text
		.replace(PRIVATE_KEY, REDACTED)
		.replace(URL_LIKE, hide)
		.replace(USER_INFO, hide)
		.replace(JSON_WEB_TOKEN, REDACTED)
		.replace(AUTHORIZATION, `$1${REDACTED}`)
		.replace(BEARER, `$1${REDACTED}`)
		.replace(PARAMETER, `$1${REDACTED}`)
		.replace(LINE, `$1${REDACTED}`);
	// A password with a space in it is in no single word.
	if (holed.includes("://") && connectionParts(holed.replaceAll(REDACTED, "")).credentials) return REDACTED;
	return holed.replaceAll(HOLE, () => hidden.shift() ?? REDACTED);
};

const HOLE = "\u0000";

/** Keeps what a hook needs to tell what the backend is; with more than one "@", nobody knows what belongs to a password. */
const withoutUserInfo = (url: string): string => {
	const { scheme, host, port, credentials } = connectionParts(url);
	const isPlain = credentials && url.split("@").length <= 2 && host !== undefined && host !== "";
	const place = isPlain ? `${host}${port === undefined ? "" : `:${port}`}` : REDACTED.toLowerCase();
	return `${scheme === undefined ? "" : `${scheme}://`}${REDACTED}@${place}`;
};

/** JSON in a text, such as what was applied last; undefined: it is none. */
const redactedJson = (text: string): string | undefined => {
	if (!/^\s*[{[]/.test(text)) return undefined;
	try {
		const parsed: unknown = JSON.parse(text);
		if (isRecord(parsed) && parsed["kind"] === "Secret" && isRecord(parsed["metadata"])) return secretText(parsed);
		const { value, paths } = redactedData(parsed);
		return paths.length === 0 ? text : JSON.stringify(value);
	} catch {
		return undefined;
	}
};

const ignore: Note = () => {};

const secretText = (secret: Record<string, unknown>): string => {
	const fields = Object.entries(secret).map(([field, value]) => [
		field,
		(field === "data" || field === "stringData") && isRecord(value) ? secretData(value, field, ignore) : value,
	]);
	return JSON.stringify(Object.fromEntries(fields));
};
