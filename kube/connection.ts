// Parses a connection URL without printing it: it can contain credentials.

export interface ConnectionParts {
	/** Lower-case scheme; undefined when there is none, as in "broker-1:9092,broker-2:9092". */
	readonly scheme?: string;
	/** First host. */
	readonly host?: string;
	/** Port of the first host. */
	readonly port?: string;
	/** Whether the text carries a user, a password, a token or the like. */
	readonly credentials: boolean;
}

const CONNECTION = /^(?:([a-z][a-z0-9+.-]*):\/\/|\/\/)?(?:([^/?#]*)@)?(\[[^\]]*\]|[^/?#:,\s]*)(?::(\d+))?/i;
const HOST = /^(?:\[[0-9a-f:.%]+\]|[a-z0-9_.*-]+)$/i;
const SECRET_PARAMETER =
	/(?:^|[?&;,\s])(?:[a-z0-9_.-]*(?:password|passwd|pwd|passphrase|secret|token|signature|credentials?|[._-]pass|(?:api|access|account|secret)[_-]?key)|pass|sig)\s*=\s*\S/i;

export const connectionParts = (url: string): ConnectionParts => {
	const [whole = "", scheme, userInfo, host = "", port] = CONNECTION.exec(url) ?? [];
	const isHidden = hasUserInfo(url);
	// Otherwise, a supposed host and port can be a part of the user name or password.
	const isDoubtful =
		/\s/.test(url) ||
		(userInfo === undefined
			? isHidden
			: url.includes("@", whole.length) || (scheme === undefined && /=/.test(userInfo)));
	return {
		...(scheme !== undefined && { scheme: scheme.toLowerCase() }),
		...(!isDoubtful && HOST.test(host) && { host }),
		...(!isDoubtful && port !== undefined && { port }),
		credentials: isHidden || (userInfo ?? "") !== "" || SECRET_PARAMETER.test(url),
	};
};

/** Whether any URL of a list, or an address without a scheme, has credentials. */
const hasUserInfo = (text: string): boolean => {
	const [before = "", ...behind] = text.split("://");
	const urls = behind.length > 0 ? behind : [before.replace(/^\/\//, "")];
	return urls.some((rest) => {
		const at = rest.indexOf("@");
		return at > 0 && isUserInfo(rest.slice(0, at));
	});
};

/** A password can contain any unescaped character: only an "@" in a parameter does not end one. */
const isUserInfo = (text: string): boolean => {
	const end = text.search(/[/?#]/);
	if (end < 0) return true;
	const [, port] = /^(?:\[[^\]]*\]|[^:]*):(.*)$/.exec(text.slice(0, end)) ?? [];
	if (port !== undefined && !/^\d*$/.test(port)) return true;
	const parameters = text.search(/[?#]/);
	return parameters < 0 || !text.includes("=", parameters);
};

/** An address without a scheme, as a text alone: user:password@host, user/password@host; no image, no package. */
const BARE_ADDRESS = /^(?:\/\/)?[^\s:/@]+[:/][^\s@]*@(?!sha\d{1,3}:|v?\d{1,9}(?:\.\d{1,9}){0,2}(?:[-+][\w.+-]*)?$)\S/;

/** Whether a text that can be anything is an address with credentials. */
export const hasCredentials = (text: string): boolean =>
	text.includes("://") ? connectionParts(text).credentials : SECRET_PARAMETER.test(text) || BARE_ADDRESS.test(text);

/** Paths of the texts in free-form data that carry credentials, such as "natsUrl" or "cluster.nodes[0]". */
export const credentialPaths = (value: unknown, path = ""): string[] => {
	if (typeof value === "string") return hasCredentials(value) ? [path] : [];
	if (Array.isArray(value)) return value.flatMap((item, index) => credentialPaths(item, `${path}[${index}]`));
	if (typeof value !== "object" || value === null) return [];
	return Object.entries(value).flatMap(([key, item]) => {
		// The path of a key that has credentials itself is that of its map.
		if (hasCredentials(key)) return [path];
		const below = path === "" ? key : `${path}.${key}`;
		return typeof item === "string" && item !== "" && isSecretName(key) ? [below] : credentialPaths(item, below);
	});
};

/**
 * Names of fields whose text is a credential whatever it looks like: password, dbPassword, clientSecret, access_key. Not
 * "secret" alone, which may well be the name of a Secret.
 */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name) || CAMEL_NAME.test(name);

const SECRET_NAME =
	/(?:pass(?:words?|wd|wort|codes?|[_-]?phrases?)|pwd|.secret|token|secret[_-]?id|(?<!(?:by|high|low|band|first|second|single|multi|one|two)[._-])(?<![a-z])(?:pass|jwt|nkey)|(?:db|user|root|admin)pass|nkey[_-]?seed|(?:api|access|account|secret|priv(?:ate)?|shared|signing|encryption|master)[_-]?keys?)[_-]?\d{0,3}$/i;
const CAMEL_NAME = /[a-z](?:Pass|Jwt|Nkey)\d{0,3}$/;
