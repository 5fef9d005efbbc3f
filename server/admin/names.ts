import { readFile } from "node:fs/promises";

// Names of Services for the cluster DNS. A resolver looks up a name without the cluster domain along the pod's search list first, so a
// Service in a user's namespace `svc` could be called instead of <name>.<namespace>.svc.

const RESOLV_CONF = "/etc/resolv.conf";

/** Value of the setting that takes the domain from the pod's search list. */
export const AUTO = "auto";

/** undefined: no domain, and names are looked up as they are. */
export const clusterDomain = async (setting: string, file = RESOLV_CONF): Promise<string | undefined> =>
	setting === AUTO ? searchedDomain(await readFile(file, "utf8").catch(() => "")) : setting;

const DOMAIN = /^svc\.([a-z0-9]([-a-z0-9.]*[a-z0-9])?)\.?$/;

/** The domain in svc.<domain> of the last search list, which is the effective one. */
export const searchedDomain = (text: string): string | undefined => {
	const lists = text.split("\n").filter((line) => /^\s*search\s/.test(line));
	const words = (lists.at(-1) ?? "").trim().toLowerCase().split(/\s+/);
	return words.flatMap((word) => DOMAIN.exec(word)?.[1] ?? []).at(0);
};

const SERVICE = /^([^:]+\.svc)(:\d+)$/;

/** The name for a lookup of a Service address: <name>.<namespace>.svc.<domain>., which uses no search list. */
export const absoluteAddress = (address: string, domain: string | undefined): string | undefined => {
	const [, host, port] = SERVICE.exec(address) ?? [];
	return host === undefined || domain === undefined ? undefined : `${host}.${domain}.${port ?? ""}`;
};
