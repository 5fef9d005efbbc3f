import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

// A browser without a window, and without anything that it would do of its own accord.

const FLAGS = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

/** What a page did that it should not: said errors, broke its policy, asked elsewhere, or opened a dialog. */
export interface Watched {
	readonly page: Page;
	readonly wrongs: string[];
}

export interface Chromium {
	/** A page of its own, watched from its first byte on. */
	readonly open: (url: string, options?: BrowserContextOptions) => Promise<Watched>;
	/** Closes all pages. */
	readonly leave: () => Promise<void>;
	readonly close: () => Promise<void>;
}

export const startChromium = async (executablePath: string): Promise<Chromium> => {
	const home = await mkdtemp(join(tmpdir(), "prism-chromium-"));
	const browser = await chromium.launch({
		executablePath,
		args: FLAGS,
		env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
	});
	const contexts: BrowserContext[] = [];
	const leave = async () => {
		for (const context of contexts.splice(0)) await context.close();
	};
	return {
		leave,
		open: async (url, options = {}) => {
			const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
			contexts.push(context);
			const page = await context.newPage();
			const wrongs: string[] = [];
			const { origin } = new URL(url);
			page.on("console", (message) => {
				if (["error", "warning"].includes(message.type())) wrongs.push(`console: ${message.text()}`);
			});
			page.on("pageerror", (error) => wrongs.push(`error: ${error.message}`));
			page.on("dialog", (dialog) => {
				wrongs.push(`dialog: ${dialog.message()}`);
				void dialog.dismiss();
			});
			page.on("request", (request) => {
				if (!request.url().startsWith(`${origin}/`)) wrongs.push(`request: ${request.url()}`);
			});
			await page.goto(url);
			return { page, wrongs };
		},
		close: async () => {
			await leave();
			await browser.close();
			await rm(home, { recursive: true, force: true });
		},
	};
};
