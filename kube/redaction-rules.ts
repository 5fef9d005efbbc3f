import { connectionParts } from "./connection.ts";

// Credentials in free text, line by line. Every rule takes time that grows with the length of the line and no faster: a
// run that a pattern may begin anywhere in has a bound, and so has a line.

export const REDACTED = "REDACTED";

/** The rest of a longer line is neither scanned nor shown. */
const MOST_OF_A_LINE = 65_536;

const NAME =
	"(?:pass(?:w(?:or)?d|wort|code|[_-]?phrase)|pwd|secret(?:[_-]?id)?|token|credentials?|(?:api|access|account|secret|priv(?:ate)?|shared|signing|encryption|master|storage|ssh)[ _.-]?key(?:[_-]?base)?)s?\\d{0,3}";

/** Names of credentials as whole words only. */
const SHORT_NAME = "(?:(?<![a-z])(?:pass|pw|creds?|jwt|nkey)|(?:db|user|root|admin)_?pass)";

/** No credential is without one of these; most texts of objects have none of them. */
const SUSPICIOUS =
	/[=:@%\u0080-\uffff]|\\u00|-----BEGIN|\b(?:eyJ|AKIA|ASIA|gh[a-z]_|github_pat_|gl[a-z]{2,6}-|xox[a-z]-|AIza|sk[-_]|SG\.|hv[sb]\.|npm_|dop_v1_|pypi-|AGE-SECRET|S[UAOCNX][A-Z2-7]{8}|bearer\s|basic\s|redis-cli\s|mysql|mariadb|sshpass|requirepass|masterauth|identified\s|passw|pwd\s)|<[\w-]{0,40}(?:pass|secret|token|key)|(?<![\w-])--?[\w-]{0,40}(?:pass|pwd|secret|token|key|credential)/i;

export const isSuspicious = (text: string): boolean => SUSPICIOUS.test(text);

// ── Lines ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/i;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/i;
const WHOLE_KEY =
	/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/gi;

/**
 * Where a field may begin: a line, or the text behind a prefix, which ends with a sign and a space ("cannot dial: ", "[pod/x] ") or with
 * the spaces of a column.
 */
const START = "(?:^[ \\t]*|(?<=[^\\w\\s,;&(=\"'`[{<][ \\t]|[ \\t]{2}))";

/** name: value, as the first thing of a line of YAML or of properties, or behind a prefix. The rest of the line is the value. */
const FIELD = new RegExp(
	`${START}((?:- )?["']?[\\w.-]{0,100}?(?:${NAME}|${SHORT_NAME})["']?[ \\t]{0,8}:)([ \\t]*)(\\S.*)$`,
	"i",
);
/** A value that goes on in the lines below: there is nothing yet, a comment, a block, an open bracket or quote. */
const GOES_ON = new RegExp(
	`((?:${NAME}|${SHORT_NAME})["']?[ \\t]{0,8}[:=][ \\t]{0,8})(|#.{0,500}|\\\\|"""|'''|[|>][-+\\d]{0,3}|\\[[^\\]]{0,500}|\\{[^}]{0,500}|"[^"]{0,500}|'[^']{0,500})[ \\t]{0,8}$`,
	"i",
);
/** A header with its value in the next line. */
const FOLDED = /(authorization["']?[ \t]{0,8}:)[ \t]{0,8}(?:bearer|basic)?[ \t]{0,8}$/i;
const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", "[": "]", "{": "}", "\\": "\\" };
/** Lines that an open quote or bracket goes on for: most are merely cut off. */
const MOST_OPEN = 100;

/** A variable and its value in lines of their own. */
const VARIABLE_NAME = new RegExp(
	`(?:^|[\\s"'{])(?:name|key)["']?[ \\t]{0,8}[:=][ \\t]{0,8}["']?[\\w.-]{0,100}?${NAME}["']?,?[ \\t]{0,8}$`,
	"i",
);
const VARIABLE_VALUE = new RegExp(`(${START}(?:- )?["']?value["']?[ \\t]{0,8}[:=][ \\t]{0,8})\\S.*$`, "i");

/** A credential that goes on below its field. */
interface Open {
	/** What stands before its field, without spaces at the end: the lines below may have the same prefix, or none. */
	readonly prefix: string;
	readonly indent: number;
	/** What ends it; undefined: the indentation does. */
	readonly closing: string | undefined;
	readonly lines: number;
}

/**
 * A text's lines without their credentials, one for each line. A line that is a part of a credential which began above
 * is undefined.
 */
export const redactedLines = (lines: readonly string[]): (string | undefined)[] => {
	const bare = lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
	return withoutReturns(bare).map((line, index) =>
		line !== undefined && bare[index] !== lines[index] ? `${line}\r` : line,
	);
};

const withoutReturns = (lines: readonly string[]): (string | undefined)[] => {
	let isInKey = false;
	let open: Open | undefined;
	return lines.map((line, index) => {
		if (isInKey) {
			const end = END.exec(line);
			if (end === null) return undefined;
			isInKey = false;
			const rest = line.slice(end.index + end[0].length);
			return rest.trim() === "" ? undefined : redactedLine(rest);
		}
		if (open !== undefined) {
			const isPart = goesOn(open, line);
			const isEnd =
				open.closing === "\\" ? !line.endsWith("\\") : open.closing !== undefined && line.includes(open.closing);
			open = isPart && !isEnd ? { ...open, lines: open.lines + 1 } : undefined;
			if (isPart) return undefined;
		}
		const whole = line.replace(WHOLE_KEY, REDACTED);
		isInKey = BEGIN.test(line) && !END.test(line.slice(line.lastIndexOf("-----BEGIN")));
		const found = GOES_ON.exec(line) ?? FOLDED.exec(line);
		if (found === null) return variableLine(lines, index) ?? redactedLine(whole);
		const [, name = "", value = ""] = found;
		open = {
			...fieldStart(lines, index, found.index),
			closing: /^(?:"""|''')/.exec(value)?.[0] ?? CLOSING[value.charAt(0)],
			lines: 0,
		};
		return redactedLine(line.slice(0, found.index)) + name + (value === "" ? "" : REDACTED);
	});
};

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** The prefix and the indentation of the field whose name is at this column, or begins before it. */
const fieldStart = (lines: readonly string[], index: number, column: number): Pick<Open, "prefix" | "indent"> => {
	const line = lines[index] ?? "";
	const before = line.slice(0, column).replace(/[\w.-]{0,100}["']?$/, "");
	const prefix = before.trimEnd().replace(/-$/, "").trimEnd();
	// The spaces of a text's first line can be a prefix of the whole text.
	return { prefix, indent: index === 0 && prefix === "" ? 0 : indentOf(line.slice(prefix.length)) };
};

const goesOn = ({ prefix, indent, closing, lines }: Open, line: string): boolean => {
	if (closing !== undefined) return lines < MOST_OPEN;
	const hasPrefix = withoutDigits(line.slice(0, prefix.length)) === withoutDigits(prefix);
	const rest = hasPrefix ? line.slice(prefix.length) : line;
	// Behind a prefix that only the first line has, the indentation of the field is not known.
	const least = hasPrefix ? indent : 0;
	const isItem = /^\s*- /.test(rest) && indentOf(rest) >= least;
	return rest.trim() === "" || indentOf(rest) > least || isItem;
};

/** Times in prefixes differ from line to line. */
const withoutDigits = (text: string): string => text.replaceAll(/\d/g, "0");

/** The line, if it has the value of a variable whose name is in the line before or after it. */
const variableLine = (lines: readonly string[], index: number): string | undefined => {
	const [line = "", before, after] = [lines[index], lines[index - 1], lines[index + 1]];
	const found = VARIABLE_VALUE.exec(line);
	const isVariable = [before, after].some((other) => other !== undefined && VARIABLE_NAME.test(other));
	return found === null || !isVariable
		? undefined
		: `${redactedLine(line.slice(0, found.index))}${found[1]}${REDACTED}`;
};

/** Words that follow a credential's name where no credential does: "secret: not found", "token=true". */
const NO_VALUE = /^["']?(?:true|false|null|none|undefined|~|not|REDACTED[)\]}]{0,9})["']?$/i;
const NOTHING_THERE = /^(?:true|false|null|none|undefined|~|not (?:found|set|known|there).*)$/i;

const redactedLine = (line: string): string => {
	if (line.length > MOST_OF_A_LINE) return `${redactedLine(line.slice(0, MOST_OF_A_LINE))} ${REDACTED}`;
	if (!isSuspicious(line)) return line;
	const plain = plainSpelling(line);
	if (plain !== line) {
		const shown = redactedLine(plain);
		if (shown !== plain) return shown;
	}
	const found = FIELD.exec(line);
	const [, name = "", space = "", value = ""] = found ?? [];
	const isSentence = found?.index !== 0 && SENTENCE.test(name) && /^\w/.test(value);
	if (found !== null && !isSentence && !NOTHING_THERE.test(value)) {
		const before = line.slice(0, line.length - name.length - space.length - value.length);
		return `${redactedLine(before)}${name}${space}${REDACTED}`;
	}
	return withoutAddresses(line)
		.map((part) => (typeof part === "string" ? withoutNamed(part) : part.shown))
		.join("");
};

// ── Spellings ───────────────────────────────────────────────────────────────────────────────────────────────────────

const ENCODED = /%[0-7][0-9a-f]|\\u00[0-7][0-9a-f]/i;
const CODES = /%([0-7][0-9a-f])|\\u00([0-7][0-9a-f])/gi;
const UNUSUAL = /[^\n\u0020-\u007e\t]/;

/** The same with wide letters as plain ones, without what is not seen, and with escaped characters as they are. */
const plainSpelling = (line: string): string => {
	const seen = UNUSUAL.test(line)
		? line
				.replaceAll(/\p{Cf}/gu, "")
				.replaceAll(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
				.replaceAll(/[^\S\n\t]/g, " ")
		: line;
	if (!ENCODED.test(seen)) return seen;
	return seen.replaceAll(CODES, (_, percent: string | undefined, unicode: string | undefined) =>
		String.fromCharCode(Number.parseInt(percent ?? unicode ?? "", 16)).replaceAll(/[\n\r]/g, " "),
	);
};

// ── Credentials by their form, or by the name before them ────────────────────────────────────────────────────────────

const FORMS =
	/(?<![\w-])(?:eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|(?:AKIA|ASIA)[A-Z0-9]{16}(?!\w)|gh[pousr]_\w{16,}|github_pat_\w{16,}|gl[a-z]{2,6}-[\w-]{16,}|xox[a-z]-[\w-]{10,}|AIza[\w-]{30,}|sk-[\w-]{20,}|[rs]k_(?:live|test)_\w{16,}|SG\.[\w-]{16,}\.[\w-]{16,}|hv[sb]\.[\w-]{20,}|npm_\w{30,}|dop_v1_\w{16,}|pypi-[\w-]{16,}|AGE-SECRET-KEY-1\w{8,}|S[UAOCNX][A-Z2-7]{56}(?!\w))/g;
/** Addresses whose path is the credential. */
const HOOKS =
	/(hooks\.slack\.com\/services\/|discord(?:app)?\.com\/api\/webhooks\/|api\.telegram\.org\/bot)[^\s"'<>]{1,500}/gi;

const AUTHORIZATION =
	/(authorization\\?["']?[ \t]{0,8}[:=][ \t]{0,8}\\?["']?(?:(?:bearer|basic|token|negotiate|ntlm|apikey|hawk)[ \t]{1,8})?)(?:(?:digest|aws4-hmac-sha256)[ \t].*|[^\s"',;]+)/gi;
const COOKIE = /((?<![\w-])(?:set-)?cookie\\?["']?[ \t]{0,8}[:=][ \t]{0,8})(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|\S.*)/gi;
const SCHEME = /\b((?:bearer|basic)[ \t:=]{1,8}["'`]?)([\w.~+/=-]{6,})/gi;
/** "basic authentication" is a word, and a credential of nothing but small letters is longer. */
const WORD = /^[A-Z]?[a-z]{0,15}[.-]?$/;

/** A word goes on behind a comma, unless the next parameter begins there, and ends before a quote that closes something. */
const BARE = `(?:(?![,;&]["']?[\\w.-]{1,64}["']?[=:])(?!["'](?:[,;\\]})\\s]|$))\\S)+`;
const VALUE = `(\\\\{1,4}"[^"]*(?:"|$)|"(?:[^"\\\\]|\\\\.)*(?:"|$)|'[^']*(?:'|$)|\\[[^\\]]*(?:\\]|$)|\\{[^}]*(?:\\}|$)|${BARE})`;
/** What these are followed by is a credential only with "=". */
const BRIEFLY = `(?:(?<![a-z])(?:sig|signature|auth|session(?:id)?|jsessionid)|(?<=[?&;])(?:key|code))`;
/** name=value, name: value and name => value anywhere, <name>value. */
const NAMED = new RegExp(
	`((?:${NAME}|${SHORT_NAME})\\\\{0,4}["'\`]?(?:[ \\t]{0,8}[=:]{1,2}>?[ \\t]{0,8}|>(?=[^\\s<]))|${BRIEFLY}[ \\t]{0,8}=[ \\t]{0,8})${VALUE}`,
	"gi",
);
/** A name and its value as two fields: name="password" value="x". */
const PAIR = new RegExp(`(${NAME}["']?[\\s,;]{1,8}["']?value["']?[ \\t]{0,8}[:=][ \\t]{0,8})${VALUE}`, "gi");
/** Statements of SQL, and of the configuration of Redis. */
const STATEMENT =
	/(\b(?:passw(?:or)?d|pwd|passphrase|identified\s{1,8}by|requirepass|masterauth)[ \t]{1,8}(?:is[ \t]{1,8})?)("[^"]{1,500}"|'[^']{1,500}'|(?<=(?:requirepass|masterauth)[ \t]{1,8})[^\s"']{1,500})/gi;
/** credentials: value is a sentence, unless it is a field at the start of a line. */
const SENTENCE = /credentials?s?[ \t]{0,8}:[ \t]{0,8}$/i;
const SWITCH = new RegExp(`((?<![\\w-])--?(?:[\\w-]{0,40}[_-])?${NAME}[ \\t]{1,8})((?!-)${VALUE})`, "gi");
/** Switches without a name of a credential: -u user:password; -p and -a of clients of databases. */
const USER_SWITCH =
	/((?<![\w-])(?:-u|--user|--proxy-user)[ \t=]{1,4}["']?[^\s:"'/]{1,64}:)(?!\d{1,9}(?:\s|$))[^\s"']{1,500}/g;
const CLIENT_SWITCH =
	/(\b(?:redis-cli|mysql\w{0,8}|mariadb|sshpass)\s[^\n]{0,200}?(?<=\s)-(?:a[ \t]{1,4}|p[ \t]{0,4}))(?!REDACTED)[^\s"'-][^\s"']{0,500}/g;

const withoutNamed = (text: string): string =>
	text
		.replace(FORMS, REDACTED)
		.replace(HOOKS, `$1${REDACTED}`)
		.replace(AUTHORIZATION, `$1${REDACTED}`)
		.replace(COOKIE, `$1${REDACTED}`)
		.replace(SCHEME, (whole, scheme: string, value: string) => (WORD.test(value) ? whole : `${scheme}${REDACTED}`))
		.replace(SWITCH, `$1${REDACTED}`)
		.replace(USER_SWITCH, `$1${REDACTED}`)
		.replace(CLIENT_SWITCH, `$1${REDACTED}`)
		.replace(STATEMENT, `$1${REDACTED}`)
		.replace(PAIR, (whole, name: string, value: string) => (value.startsWith(REDACTED) ? whole : `${name}${REDACTED}`))
		.replace(NAMED, (whole, name: string, value: string) =>
			NO_VALUE.test(value) || (SENTENCE.test(name) && /^\w/.test(value)) ? whole : `${name}${REDACTED}`,
		);

// ── Addresses ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface Shown {
	readonly shown: string;
}

/** A text in parts, of which addresses with credentials are done. */
const withoutAddresses = (line: string): (string | Shown)[] => {
	const parts: (string | Shown)[] = [];
	const lastAt = line.lastIndexOf("@");
	let from = 0;
	for (const { index, 0: word } of line.matchAll(/\S+/g)) {
		if (index < from) continue;
		const found = addressIn(line, index, word, lastAt);
		if (found === undefined) continue;
		parts.push(line.slice(from, found.from), { shown: found.shown });
		from = found.to;
	}
	return [...parts, line.slice(from)];
};

interface Found extends Shown {
	readonly from: number;
	readonly to: number;
}

const URL_START = /[a-z][a-z0-9+.-]{0,20}:\/\//i;
/** An "@" that is none of a digest: registry/image:v1@sha256:... */
const AT = /@(?!sha\d{1,3}:)/;

const addressIn = (line: string, index: number, word: string, lastAt: number): Found | undefined => {
	const start = URL_START.exec(word)?.index;
	if (start !== undefined) return urlIn(line, index + start, word.slice(start), lastAt);
	if (!AT.test(word)) return undefined;
	const at = word.lastIndexOf("@");
	const user = userStart(word, at);
	// What is introduced by its name ends where the word does: it may hold an "@", and no host.
	if (user === undefined || INTRODUCED.test(word)) return undefined;
	return { from: index + user, to: index + word.length, shown: `${REDACTED}@${placeAfter(word, at)}` };
};

const urlIn = (line: string, from: number, word: string, lastAt: number): Found | undefined => {
	// A quote ends a URL, unless what is before an "@" goes on behind it.
	const quote = word.search(/["'`<>\\]/);
	const url = quote >= 0 && !AT.test(word.slice(quote)) ? word.slice(0, quote) : word;
	if (AT.test(url) || connectionParts(url).credentials) {
		const bare = url.replace(/[).,;:]$/, "");
		return { from, to: from + url.length, shown: withoutUserInfo(bare) + url.slice(bare.length) };
	}
	// A password with a space in it: what looks like a port is none, and the "@" is in a later word.
	const authority = url.slice(url.indexOf("://") + 3).split(/[/?#]/, 1)[0] ?? "";
	const [, , port] = /^(\[[^\]]*\]|[^:]*):(.*)$/.exec(authority.replace(/[,.;:)\]}]$/, "")) ?? [];
	if (port === undefined || /^\d*(?:,.*)?$/.test(port) || lastAt < from) return undefined;
	const end = lastAt + line.slice(lastAt).search(/[\s"']|$/);
	return { from, to: end, shown: `${url.slice(0, url.indexOf("://"))}://${REDACTED}@${REDACTED.toLowerCase()}` };
};

/** Keeps the parts that identify the backend; with more than one "@", the extent of the password is unknown. */
const withoutUserInfo = (url: string): string => {
	const { scheme, host, port, credentials } = connectionParts(url);
	const isPlain = credentials && url.split("@").length <= 2 && host !== undefined && host !== "";
	const place = isPlain ? `${host}${port === undefined ? "" : `:${port}`}${pathOf(url)}` : REDACTED.toLowerCase();
	return `${scheme === undefined ? "" : `${scheme}://`}${REDACTED}@${place}`;
};

/** A plain path is no credential; what has a query may hold one. */
const pathOf = (url: string): string => /^[^@]*@[^/?#@]*(\/[\w./-]*)$/.exec(url)?.[1] ?? "";

const INTRODUCED = new RegExp(`${NAME}["']?[=:]`, "i");

/** Where the user begins of user:password@host or of user/password@host; undefined: it is neither. */
const userStart = (word: string, at: number): number | undefined => {
	for (let colon = word.indexOf(":"); colon >= 0 && colon < at; colon = word.indexOf(":", colon + 1)) {
		if (colon === 0 || /["'`]/.test(word[colon - 1] ?? "")) continue;
		return (
			1 + Math.max(...['"', "'", "`", "=", "(", "[", "{", "<", ","].map((sign) => word.lastIndexOf(sign, colon - 1)))
		);
	}
	return ORACLE.test(word) && !VERSION.test(word.slice(at + 1)) ? 0 : undefined;
};

const ORACLE = /^[\w.$#-]+\/[^/]+@[^@]+$/;
/** scope/package@1.2.3 is no account. */
const VERSION = /^v?\d{1,9}(?:\.\d{1,9}){0,2}(?:[-+][\w.+-]*)?[.,;:)]?$/;

const placeAfter = (word: string, at: number): string => {
	const place = word.slice(at + 1);
	return word.indexOf("@") === at && /^[\w.:()/[\],"'`}-]*$/.test(place) ? place : REDACTED.toLowerCase();
};
