import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { arch, platform } from "node:os";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Dispatcher, EnvHttpProxyAgent, interceptors, request } from "undici";
import { type Environment, ProgramError, type Report, run } from "../programs.ts";
import { type Tool, type Versions, versionOf } from "./versions.ts";

// Downloads the official programs of the control plane. A program gets its name, and the right to be run, only after its
// bytes have the checksum that was published with it.

export interface DownloadOptions {
	readonly platform?: { readonly os: string; readonly arch: string };
	/** In milliseconds. */
	readonly times?: Times;
}

interface Times {
	/** Until a host that does not connect is given up. */
	readonly connect: number;
	/** Until a host that sends nothing is given up. */
	readonly silence: number;
	/** Between two messages on how far downloads have come. */
	readonly progress: number;
}

const TIMES: Times = { connect: 5000, silence: 10_000, progress: 5000 };

/** Downloads into the folder what is offered for this platform; returns a sentence for what could not be had. */
export const downloadTools = async (
	tools: readonly Tool[],
	versions: Versions,
	folder: string,
	environment: Environment,
	report: Report,
	options: DownloadOptions = {},
): Promise<readonly string[]> => {
	const { os, arch: processor } = options.platform ?? { os: platform(), arch: ARCHITECTURES[arch()] ?? arch() };
	const times = options.times ?? TIMES;
	const mirror = environment["CONTROL_PLANE_MIRROR"] ?? "";
	if (mirror !== "" && !/^https?:$/.test(URL.parse(mirror)?.protocol ?? ""))
		return [cannot(tools, `CONTROL_PLANE_MIRROR is "${mirror}", which is no http or https address`)];
	const offers = tools
		.flatMap((tool) => offersOf(tool, versions, os, processor))
		.map((offer) => mirrored(offer, mirror));
	const unoffered = tools.filter((tool) => !offers.some((offer) => offer.tool === tool));

	await removeAbandoned(folder);
	const agent = agentOf(environment, times);
	const transfer: Transfer = {
		dispatcher: followingRedirects(agent),
		versions,
		folder,
		environment,
		report,
		under: new Map(),
	};
	const ticking = setInterval(() => {
		if (transfer.under.size > 0) report.progress(`downloading ${[...transfer.under.values()].join(", ")}`);
	}, times.progress);
	try {
		// Hosts beside each other, the programs of one host one after the other.
		const byHost = Map.groupBy(offers, ({ url }) => new URL(url).host);
		const failed = await Promise.all([...byHost].map(([host, offered]) => downloadFrom(host, offered, transfer)));
		return [
			...(unoffered.length > 0 ? [cannot(unoffered, `none is offered for ${os}/${processor}`)] : []),
			...failed.flat(),
		];
	} finally {
		clearInterval(ticking);
		await agent.destroy();
	}
};

const cannot = (tools: readonly Tool[], cause: string): string => `cannot download ${tools.join(", ")}: ${cause}`;

// ── What is offered ─────────────────────────────────────────────────────────────────────────────────────────────────

interface Offer {
	readonly tool: Tool;
	readonly url: string;
	/** Where its SHA-256 is: alone, or in a list with the names of files. */
	readonly checksums: string;
	/** Path of the program in the archive; undefined when the file is the program. */
	readonly member?: string;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** Servers are published for Linux only. */
const OFFERED: Readonly<Record<string, readonly Tool[]>> = {
	linux: ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"],
	darwin: ["etcd", "kubectl"],
};

const offersOf = (tool: Tool, versions: Versions, os: string, processor: string): Offer[] => {
	if (OFFERED[os]?.includes(tool) !== true || !Object.values(ARCHITECTURES).includes(processor)) return [];
	const version = versionOf(tool, versions);
	if (tool !== "etcd") {
		const url = `https://dl.k8s.io/v${version}/bin/${os}/${processor}/${tool}`;
		return [{ tool, url, checksums: `${url}.sha256` }];
	}
	const folder = `https://github.com/etcd-io/etcd/releases/download/v${version}`;
	const name = `etcd-v${version}-${os}-${processor}`;
	const url = `${folder}/${name}.${os === "linux" ? "tar.gz" : "zip"}`;
	return [{ tool, url, checksums: `${folder}/SHA256SUMS`, member: `${name}/etcd` }];
};

/** The mirror's address takes the place of `https://`: the name of the host stays as a folder. */
const mirrored = (offer: Offer, mirror: string): Offer => {
	if (mirror === "") return offer;
	const at = (url: string) => url.replace("https:/", mirror.endsWith("/") ? mirror.slice(0, -1) : mirror);
	return { ...offer, url: at(offer.url), checksums: at(offer.checksums) };
};

// ── Transfer ────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Transfer {
	readonly dispatcher: Dispatcher;
	readonly versions: Versions;
	readonly folder: string;
	readonly environment: Environment;
	readonly report: Report;
	/** How far each program has come that is under way. */
	readonly under: Map<Tool, string>;
}

/** The host did not answer at all, so it won't for the next program. */
class UnreachableError extends ProgramError {}

const agentOf = (environment: Environment, { connect, silence }: Times) =>
	new EnvHttpProxyAgent({
		httpProxy: environment["http_proxy"] ?? environment["HTTP_PROXY"] ?? "",
		httpsProxy: environment["https_proxy"] ?? environment["HTTPS_PROXY"] ?? "",
		noProxy: environment["no_proxy"] ?? environment["NO_PROXY"] ?? "",
		connect: { timeout: connect },
		headersTimeout: silence,
		bodyTimeout: silence,
	});

const followingRedirects = (agent: Dispatcher): Dispatcher =>
	agent.compose(interceptors.redirect({ maxRedirections: 5, throwOnMaxRedirect: true }));

const downloadFrom = async (host: string, offers: readonly Offer[], transfer: Transfer): Promise<readonly string[]> => {
	const failed: string[] = [];
	for (const [index, offer] of offers.entries()) {
		try {
			await download(offer, transfer);
		} catch (error) {
			const cause = causeOf(error);
			if (error instanceof UnreachableError) {
				const rest = offers.slice(index).map(({ tool }) => tool);
				return [...failed, cannot(rest, `${host} cannot be reached (${cause})`)];
			}
			failed.push(cannot([offer.tool], cause));
		} finally {
			transfer.under.delete(offer.tool);
		}
	}
	return failed;
};

const download = async (offer: Offer, transfer: Transfer): Promise<void> => {
	const { tool, url, member } = offer;
	const expected = await publishedChecksum(offer, transfer.dispatcher);
	// On the file system of the cache, so that the whole program can be moved to its place at once.
	const folder = await mkdtemp(join(transfer.folder, `.${tool}.`));
	try {
		const file = join(folder, basename(url));
		const actual = await save(offer, file, transfer);
		if (actual !== expected)
			throw new ProgramError(`the SHA-256 of ${url} is ${actual}, and ${expected} was published: it was not used`);
		if (member !== undefined) await unpack(file, member, folder, transfer.environment);
		const program = member === undefined ? file : join(folder, member);
		await chmod(program, 0o755);
		await rename(program, join(transfer.folder, tool));
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
	transfer.report.line(`downloaded ${tool} v${versionOf(tool, transfer.versions)}, and its checksum is right`);
};

const publishedChecksum = async ({ url, checksums }: Offer, dispatcher: Dispatcher): Promise<string> => {
	const { body } = await answer(checksums, dispatcher);
	const text = await body.text().catch((error: unknown) => {
		throw new ProgramError(`${checksums} was cut off (${causeOf(error)})`);
	});
	for (const line of text.trim().split("\n")) {
		const [, sum, name = ""] = /^([0-9a-f]{64})(?:\s+\*?(\S+))?\s*$/.exec(line) ?? [];
		if (sum !== undefined && (name === "" || name === basename(url))) return sum;
	}
	throw new ProgramError(`${checksums} has no SHA-256 of ${basename(url)}`);
};

const answer = async (url: string, dispatcher: Dispatcher): Promise<Dispatcher.ResponseData> => {
	const response = await request(url, { dispatcher }).catch((error: unknown) => {
		throw new UnreachableError(causeOf(error));
	});
	if (response.statusCode === 200) return response;
	await response.body.dump().catch(() => {});
	throw new ProgramError(`${url} answers ${response.statusCode}`);
};

const MEGABYTE = 1_000_000;
const megabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(bytes < 10 * MEGABYTE ? 1 : 0);

/** Writes the file, and returns the SHA-256 of what was written. */
const save = async ({ tool, url }: Offer, file: string, { dispatcher, report, versions, under }: Transfer) => {
	const { body, headers } = await answer(url, dispatcher);
	const size = Number(headers["content-length"]);
	const of = size > 0 ? ` of ${megabytes(size)}` : "";
	report.line(
		`downloading ${tool} v${versionOf(tool, versions)}${size > 0 ? ` (${megabytes(size)} MB)` : ""} from ${url}`,
	);
	const hash = createHash("sha256");
	let received = 0;
	const measured = async function* (chunks: AsyncIterable<Buffer>) {
		for await (const chunk of chunks) {
			hash.update(chunk);
			received += chunk.length;
			const percent = size > 0 ? ` (${Math.floor((received / size) * 100)} %)` : "";
			under.set(tool, `${tool} ${megabytes(received)}${of} MB${percent}`);
			yield chunk;
		}
	};
	try {
		await pipeline(body, measured, createWriteStream(file));
	} catch (error) {
		throw new ProgramError(`${url} was cut off after ${megabytes(received)}${of} MB (${causeOf(error)})`);
	}
	return hash.digest("hex");
};

/** What was left by those that were ended in the middle, a day ago or longer. */
const removeAbandoned = async (folder: string): Promise<void> => {
	for (const name of await readdir(folder)) {
		const path = join(folder, name);
		if (!name.startsWith(".")) continue;
		const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
		if (Date.now() - mtimeMs > 86_400_000) await rm(path, { recursive: true, force: true });
	}
};

/** GNU tar reads tar.gz; the tar of macOS reads zip too, which is what etcd is published in there. */
const unpack = async (archive: string, member: string, folder: string, environment: Environment): Promise<void> => {
	const { code, output } = await run(
		"tar",
		["-xf", archive, "--no-same-owner", "-C", folder, member],
		folder,
		environment,
	);
	if (code !== 0) throw new ProgramError(`cannot unpack ${member} from ${basename(archive)}: ${output.trim()}`);
};

/** In one line; an attempt at several addresses of a host has its causes inside. */
const causeOf = (error: unknown): string => {
	if (error instanceof AggregateError && error.message === "") return error.errors.map(causeOf).join(", ");
	return (error instanceof Error ? error.message : String(error)).split("\n").join(" ");
};
