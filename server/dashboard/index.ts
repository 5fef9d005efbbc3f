import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { hostname } from "node:os";
import type { Logger } from "pino";
import type { CallHistory, KeptObject } from "../call-history.ts";
import { tcpAddress } from "../connections.ts";
import { describeError } from "../sync-log.ts";
import { systemTime } from "../time.ts";
import { createEvents, type Events } from "./events.ts";
import { type Html, html, textOfPage } from "./html.ts";
import { inspector, yaml } from "./inspector.ts";
import { listing, queryOf } from "./listing.ts";
import { footer, overview } from "./overview.ts";
import { ICON, page, SCRIPT, STYLE } from "./page.ts";
import { viewOf, wayFrom } from "./view.ts";

// A listener for people, on loopback only, without authentication: a client is on this machine, or may forward ports of this pod. Only
// GET requests are served, and nothing can be changed.

export interface DashboardOptions {
	readonly port: number;
	readonly history: CallHistory;
	readonly clusterId: string;
	/** Left out: the name of this machine, which in a cluster is the name of the pod. */
	readonly replica?: string;
	readonly log: Logger;
}

export type Dashboard = Awaited<ReturnType<typeof startDashboard>>;

const HOST = "127.0.0.1";
const CONNECTIONS = 64;

export async function startDashboard({ port, history, clusterId, replica = hostname(), log }: DashboardOptions) {
	const site: Site = { history, clusterId, replica, startedAt: systemTime.now(), events: createEvents(history) };
	const server = createServer({ maxHeaderSize: 16_384, requestTimeout: 10_000 }, (request, response) => {
		try {
			answer(site, request, response);
		} catch (error) {
			log.error({ failure: describeError(error) }, "cannot show the dashboard");
			if (response.headersSent) response.destroy();
			else send(response, plain(500, "the dashboard failed; see the log"));
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
	const url = `http://${HOST}:${tcpAddress(server.address()).port}`;
	log.info({ url }, "dashboard on loopback");
	return {
		url,
		close: () =>
			new Promise<void>((resolve) => {
				site.events.close();
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

interface Site {
	readonly history: CallHistory;
	readonly clusterId: string;
	readonly replica: string;
	readonly startedAt: number;
	readonly events: Events;
}

// ── Who may read ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Protects from DNS rebinding: a page with a DNS name that points here still sends its own host name. */
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

function refusalOf({ method, headers }: IncomingMessage): Reply | undefined {
	if (!LOCAL_HOST.test(headers.host ?? ""))
		return plain(421, "the dashboard answers as localhost, 127.0.0.1 or [::1] only");
	if (method !== "GET") return { ...plain(405, "the dashboard is read by GET only"), allow: "GET" };
	// A link from another site may open a page; other cross-site requests are rejected.
	const site = headers["sec-fetch-site"];
	const isForeign = site === "cross-site" || site === "same-site";
	if (isForeign && headers["sec-fetch-mode"] !== "navigate") return plain(403, "the dashboard is not for other sites");
	return undefined;
}

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

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
	else send(response, refusal ?? replyTo(site, pathname, new URLSearchParams(query)));
}

function replyTo(site: Site, pathname: string, query: URLSearchParams): Reply {
	const now = systemTime.now();
	if (pathname === "/") return shown(200, overview({ ...site, now }));
	if (pathname === "/objects") {
		const view = viewOf(site.history.summaries());
		const foot = footer({ ...site, now });
		return shown(200, listing({ ...site, view, query: queryOf(query), now, footer: foot }));
	}
	const callId = numberOf(query.get("call"));
	if (pathname === "/icon.svg") return { status: 200, type: "image/svg+xml", text: ICON };
	const place = placeOf(pathname);
	const object = place && site.history.object(place.kind, place.key);
	if (place === undefined || object === undefined) return shown(404, notFound(site, place?.key));
	if (place.isCase) return goldenCase(object, callId);
	return shown(
		200,
		inspector({
			object,
			way: wayFrom(object.summary, viewOf(site.history.summaries())),
			callId,
			clusterId: site.clusterId,
			replica: site.replica,
			now,
		}),
	);
}

function goldenCase({ calls }: KeptObject, callId: number | undefined): Reply {
	const call = (callId === undefined ? calls[0] : calls.find(({ id }) => id === callId))?.read();
	if (call === undefined) return plain(404, "this call is not stored");
	return { status: 200, type: "application/yaml; charset=utf-8", text: yaml(call) };
}

const shown = (status: number, made: Html): Reply => ({
	status,
	type: "text/html; charset=utf-8",
	text: textOfPage(made),
});

const plain = (status: number, text: string): Reply => ({
	status,
	type: "text/plain; charset=utf-8",
	text: `${text}\n`,
});

const PLACE = /^\/object\/([^/]+)\/([^/]+)\/([^/]+)(\/case\.yaml)?$/;

function placeOf(pathname: string) {
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

const notFound = ({ clusterId, replica }: Site, key: string | undefined): Html =>
	page({
		title: "Not found",
		clusterId,
		replica,
		nav: [],
		main: html`<p class="crumbs"><a href="/">← Overview</a></p><h1>Not found</h1>
<p>${key === undefined ? "There is no such page." : html`Metacontroller sent no call about <code>${key}</code> to replica ${replica} in the last 15 minutes. The object is deleted, or its calls go to another replica.`}</p>`,
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
		"form-action 'self'",
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
