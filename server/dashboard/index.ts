import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import type { Journal, KeptObject } from "../journal.ts";
import { describeError } from "../sync-log.ts";
import { createEvents, type Events } from "./events.ts";
import { type Html, html, textOfPage } from "./html.ts";
import { inspector, yaml } from "./inspector.ts";
import { overview } from "./overview.ts";
import { ICON, page } from "./page.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

// A listener of its own for people, on loopback only: it knows no callers. Who reaches it is on this machine, or may forward
// ports of this pod. Everything is read by GET, and nothing can be changed.

export interface DashboardConfig {
	/** 0: any free port. */
	readonly port: number;
	readonly callsPerObject: number;
	/** Bytes of calls that are kept. */
	readonly bytes: number;
}

export interface DashboardOptions {
	readonly port: number;
	readonly journal: Journal;
	readonly clusterId: string;
	readonly log: Logger;
}

export interface Dashboard {
	readonly url: string;
	readonly close: () => Promise<void>;
}

const HOST = "127.0.0.1";
const CONNECTIONS = 64;

export async function startDashboard({ port, journal, clusterId, log }: DashboardOptions): Promise<Dashboard> {
	const site: Site = { journal, clusterId, startedAt: Date.now(), events: createEvents(journal) };
	const server = createServer({ maxHeaderSize: 16_384, requestTimeout: 10_000 }, (request, response) => {
		try {
			answer(site, request, response);
		} catch (error) {
			log.error({ failure: describeError(error) }, "cannot show the dashboard");
			if (response.headersSent) response.destroy();
			else send(response, { status: 500, type: TEXT, text: "the dashboard failed; see the log\n" });
		}
	});
	server.maxConnections = CONNECTIONS;
	server.unref();
	await new Promise<void>((resolve, reject) => {
		server.once("error", (error) =>
			reject(new Error(`cannot open the dashboard at ${HOST}:${port}: ${error.message}`, { cause: error })),
		);
		server.listen(port, HOST, () => resolve());
	});
	const url = `http://${HOST}:${portOf(server.address())}`;
	log.info({ url }, "dashboard on loopback");
	return {
		url,
		close: () =>
			new Promise((resolve) => {
				site.events.close();
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

const portOf = (address: AddressInfo | string | null): number =>
	typeof address === "object" && address !== null ? address.port : 0;

interface Site {
	readonly journal: Journal;
	readonly clusterId: string;
	readonly startedAt: number;
	readonly events: Events;
}

// ── Who may read ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A page elsewhere whose name was made to point here would be of our origin: it still says its own name. */
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

function refusalOf({ method, headers }: IncomingMessage): Reply | undefined {
	if (!LOCAL_HOST.test(headers.host ?? ""))
		return { status: 421, type: TEXT, text: "the dashboard answers as localhost, 127.0.0.1 or [::1] only\n" };
	if (method !== "GET") return { status: 405, type: TEXT, text: "the dashboard is read by GET only\n", allow: "GET" };
	// Following a link from elsewhere shows a page to its reader; all else from elsewhere is for somebody else.
	const site = headers["sec-fetch-site"];
	const isForeign = site === "cross-site" || site === "same-site";
	if (isForeign && headers["sec-fetch-mode"] !== "navigate")
		return { status: 403, type: TEXT, text: "the dashboard is not for other sites\n" };
	return undefined;
}

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const HTML = "text/html; charset=utf-8";
const TEXT = "text/plain; charset=utf-8";

interface Reply {
	readonly status: number;
	readonly type: string;
	readonly text: string;
	readonly allow?: string;
}

function answer(site: Site, request: IncomingMessage, response: ServerResponse): void {
	const refusal = refusalOf(request);
	const [pathname = "/", query] = (request.url ?? "/").split("?", 2);
	if (refusal === undefined && pathname === "/events") site.events.serve(response, HEADERS);
	else send(response, refusal ?? replyTo(site, pathname, numberOf(new URLSearchParams(query).get("call"))));
}

function replyTo(site: Site, pathname: string, callId: number | undefined): Reply {
	if (pathname === "/") return shown(200, overview({ ...site, now: Date.now() }));
	if (pathname === "/icon.svg") return { status: 200, type: "image/svg+xml", text: ICON };
	const place = placeOf(pathname);
	const object = place && site.journal.object(place.kind, place.key);
	if (place === undefined || object === undefined) return shown(404, notFound(site, place?.key));
	if (place.isCase) return goldenCase(object, callId);
	return shown(200, inspector({ object, callId, clusterId: site.clusterId, now: Date.now() }));
}

function goldenCase({ calls }: KeptObject, callId: number | undefined): Reply {
	const call = (callId === undefined ? calls[0] : calls.find(({ id }) => id === callId))?.read();
	if (call === undefined) return { status: 404, type: TEXT, text: "this call is not kept\n" };
	return { status: 200, type: "application/yaml; charset=utf-8", text: yaml(call) };
}

const shown = (status: number, made: Html): Reply => ({ status, type: HTML, text: textOfPage(made) });

interface Place {
	readonly kind: string;
	readonly key: string;
	readonly isCase: boolean;
}

const PLACE = /^\/object\/([^/]+)\/([^/]+)\/([^/]+)(\/case\.yaml)?$/;

function placeOf(pathname: string): Place | undefined {
	const [, kind, namespace, name, file] = PLACE.exec(pathname) ?? [];
	if (kind === undefined || namespace === undefined || name === undefined) return undefined;
	try {
		return {
			kind: decodeURIComponent(kind),
			key: `${decodeURIComponent(namespace)}/${decodeURIComponent(name)}`,
			isCase: file !== undefined,
		};
	} catch {
		return undefined;
	}
}

const numberOf = (text: string | null): number | undefined =>
	text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

const notFound = ({ clusterId }: Site, key: string | undefined): Html =>
	page({
		title: "Not found",
		clusterId,
		nav: [],
		main: html`<p class="crumbs"><a href="/">← All objects</a></p><h1>Not found</h1>
<p>${key === undefined ? "There is no such page." : html`No hook was called for <code>${key}</code> in the last 15 minutes, on this replica. It is deleted, or its calls go to another replica.`}</p>`,
		footer: "",
	});

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const HEADERS: Readonly<Record<string, string>> = {
	"content-security-policy": [
		"default-src 'none'",
		`style-src ${hashOf(STYLE)}`,
		`script-src ${hashOf(SCRIPT)}`,
		"img-src 'self'",
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	].join("; "),
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-resource-policy": "same-origin",
	"referrer-policy": "no-referrer",
	"x-content-type-options": "nosniff",
	"x-frame-options": "DENY",
	"cache-control": "no-store",
};

function send(response: ServerResponse, { status, type, text, allow }: Reply): void {
	response.writeHead(status, { ...HEADERS, "content-type": type, ...(allow !== undefined && { allow }) });
	response.end(text);
}
