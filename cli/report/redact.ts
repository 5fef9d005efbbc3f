import { credentialPaths } from "../../kube/connection.ts";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";

// Takes credentials out of what is about to be shown or handed to somebody: by the same rules by which hooks find them in
// a spec, and for free text by what a credential is introduced by.

export const REDACTED = "[redacted]";

// ── Text ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const USER_INFO = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*:?[^\s@"']*@/gi;
const INTRODUCED =
	/((?:passw(?:or)?d|passphrase|pwd|secret|token|(?:api|access|private|account)[ _.-]?key)[\w.-]*\\?["'`]?\s*[=:]+>?\s*)(\\?"[^"]*"|'[^']*'|[^\s,;&"']+)/gi;
const BEARER = /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi;
const JWT = /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g;
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const ACCESS_KEY = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g;

/** A log line, an event's message or the like, without what looks like a credential. */
export const redactedText = (text: string): string =>
	text
		.replaceAll(PEM, REDACTED)
		.replaceAll(USER_INFO, `$1${REDACTED}@`)
		.replaceAll(JWT, REDACTED)
		.replaceAll(BEARER, `$1 ${REDACTED}`)
		.replaceAll(ACCESS_KEY, REDACTED)
		.replaceAll(INTRODUCED, (whole, introduction: string, value: string) =>
			isName(value) ? whole : `${introduction}${REDACTED}`,
		);

/** "secret: not found", "token=true" and the like name things; they are none. */
const isName = (value: string): boolean => /^(?:true|false|null|none|undefined|\[redacted\]|\{|\[|not)$/i.test(value);

// ── Objects ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const LAST_APPLIED = [
	"kubectl.kubernetes.io/last-applied-configuration",
	"metacontroller.k8s.io/last-applied-configuration",
];

/** A copy of an object that can be handed on. Annotations that repeat the object go: what was sent is in the object. */
export const redactedObject = (object: KubeObject): KubeObject => {
	const { annotations, managedFields: _managed, ...metadata } = object.metadata;
	const kept = Object.entries(annotations ?? {}).filter(([name]) => !LAST_APPLIED.includes(name));
	const { apiVersion, kind, metadata: _metadata, ...rest } = object;
	const clean = object.kind === "Secret" ? secretKeys(rest) : redactedValue(rest);
	return {
		apiVersion,
		kind,
		metadata: {
			...metadata,
			...(annotations !== undefined && {
				annotations: Object.fromEntries(kept.map(([name, value]) => [name, redactedText(value)])),
			}),
		},
		...(isRecord(clean) ? clean : {}),
	};
};

/** Never read on purpose; should one come along, its keys are all that stays. */
const secretKeys = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
	...(fields["type"] !== undefined && { type: fields["type"] }),
	data: Object.fromEntries(Object.keys(isRecord(fields["data"]) ? fields["data"] : {}).map((key) => [key, REDACTED])),
});

/** Names of environment variables whose value is a credential, whatever it looks like. */
const SECRET_ENV = /(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(?:API|ACCESS|PRIVATE|ACCOUNT)_?KEY)S?$/i;

const redactedValue = (value: unknown): unknown => {
	const found = new Set(credentialPaths(value));
	return walk(value, "", found);
};

const walk = (value: unknown, path: string, found: ReadonlySet<string>): unknown => {
	if (typeof value === "string") return found.has(path) && !value.includes("://") ? REDACTED : textIn(value);
	if (Array.isArray(value)) return value.map((item: unknown, index) => walk(item, `${path}[${index}]`, found));
	if (!isRecord(value)) return value;
	if (isCredentialVariable(value)) return { ...value, value: REDACTED };
	return Object.fromEntries(
		Object.entries(value).map(([name, field]) => [name, walk(field, path === "" ? name : `${path}.${name}`, found)]),
	);
};

/** A document inside a string, as in a ConfigMap, is looked at as the document that it is. */
const textIn = (text: string): string => {
	if (!/^\s*[{[]/.test(text)) return redactedText(text);
	try {
		const value: unknown = JSON.parse(text);
		return isRecord(value) || Array.isArray(value)
			? JSON.stringify(redactedValue(value), undefined, 2)
			: redactedText(text);
	} catch {
		return redactedText(text);
	}
};

const isCredentialVariable = (value: Record<string, unknown>): boolean =>
	typeof value["name"] === "string" &&
	typeof value["value"] === "string" &&
	value["value"] !== "" &&
	SECRET_ENV.test(value["name"]);
