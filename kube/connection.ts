// What a connection URL tells, read without ever printing it: it may carry credentials.

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

const CONNECTION = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^/?#]*)@)?(\[[^\]]*\]|[^/?#:,\s]*)(?::(\d+))?/i;
const SECRET_PARAMETER =
	/(?:^|[?&;,\s])[a-z0-9_.-]*(?:password|passwd|pwd|passphrase|secret|token|(?:api|access|account|secret)[_-]?key)\s*=\s*\S/i;

export const connectionParts = (url: string): ConnectionParts => {
	const [, scheme, userInfo, host = "", port] = CONNECTION.exec(url) ?? [];
	// Then what looks like a host and a port may be a user and the beginning of a password.
	const doubtful = userInfo === undefined && hasUserInfo(url);
	return {
		...(scheme !== undefined && { scheme: scheme.toLowerCase() }),
		...(!doubtful && /^[^=(]+$/.test(host) && { host }),
		...(!doubtful && port !== undefined && { port }),
		credentials: doubtful || (userInfo ?? "") !== "" || SECRET_PARAMETER.test(url),
	};
};

/** Of any URL in a list of them; a password may hold an unescaped slash, and then only the colon before it tells. */
const hasUserInfo = (text: string): boolean =>
	text
		.split("://")
		.slice(1)
		.some((rest) => {
			const [before = ""] = rest.split(/[\s@]/, 1);
			return before !== "" && rest[before.length] === "@" && (before.includes(":") || !/[/?#]/.test(before));
		});

/** Paths of the texts in free-form data that carry credentials, such as "natsUrl" or "cluster.nodes[0]". */
export const credentialPaths = (value: unknown, path = ""): string[] => {
	if (typeof value === "string") {
		const suspicious = value.includes("://") ? connectionParts(value).credentials : SECRET_PARAMETER.test(value);
		return suspicious ? [path] : [];
	}
	if (Array.isArray(value)) return value.flatMap((item, index) => credentialPaths(item, `${path}[${index}]`));
	if (typeof value !== "object" || value === null) return [];
	return Object.entries(value).flatMap(([key, item]) => {
		const below = path === "" ? key : `${path}.${key}`;
		return typeof item === "string" && item !== "" && SECRET_NAME.test(key) ? [below] : credentialPaths(item, below);
	});
};

/**
 * Names of fields whose text is a credential whatever it looks like: password, dbPassword, clientSecret, access_key. Not
 * "secret" alone, which may well be the name of a Secret.
 */
export const SECRET_NAME =
	/(?:password|passwd|pwd|passphrase|.secret|token|(?:api|access|account|secret|private)[_-]?key)$/i;
