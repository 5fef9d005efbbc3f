import { readFileSync } from "node:fs";
import { constantMarkup, type Html, html, type Part } from "./html.ts";

// The frame of every page: landmarks and skip links. Nothing is loaded from other sites.

const beside = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");

/** Style and script of every page: nothing else is loaded, and the content security policy has their hashes. */
export const STYLE = beside("style.css");
export const SCRIPT = beside("script.js");

export interface PageOptions {
	readonly title: string;
	readonly clusterId: string;
	/** Whose calls are shown: in a cluster, the name of the pod. */
	readonly replica: string;
	readonly nav: readonly { readonly href: string; readonly text: string }[];
	readonly main: Part;
	readonly footer: Part;
}

export const page = ({ title, clusterId, replica, nav, main, footer }: PageOptions): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Prism Operator</title>
<link rel="icon" type="image/svg+xml" href="/icon.svg">
<style>${constantMarkup(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="bar">
<a class="home" href="/">Prism Operator</a>
<span class="muted small">cluster <b>${clusterId}</b> · replica <b class="replica">${replica}</b></span>
<nav aria-label="Sections"${nav.length === 0 && constantMarkup(" hidden")}><ul>${nav.map(({ href, text }) => html`<li><a href="${href}">${text}</a></li>`)}</ul></nav>
<strong class="small" id="said" role="status"></strong>
<span class="live" id="live" role="status">reload to update</span>
</header>
<main id="main" tabindex="-1">
${main}
</main>
<footer>${footer}</footer>
<script>${constantMarkup(SCRIPT)}</script>
</body>
</html>
`;

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M8 2 15 14H1z" fill="#5b8def"/><path d="M8 2 8 14H1z" fill="#2f5fc4"/></svg>`;
