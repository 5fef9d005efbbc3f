// The dashboard's one script: fetches the page again when the server says that something changed, and keeps what a reader
// opened and focused. Without it, the page is as complete, and reloading it does the same.

export const SCRIPT = `
(() => {
	const live = document.getElementById("live");
	const say = (text) => { if (live.textContent !== text) live.textContent = text; };
	const copied = (button, text) => {
		const before = button.textContent;
		button.textContent = text;
		setTimeout(() => { button.textContent = before; }, 2000);
	};
	document.addEventListener("click", async (event) => {
		const button = event.target.closest("button[data-copy]");
		if (button === null) return;
		try {
			const response = await fetch(button.dataset.copy);
			if (!response.ok) throw new Error("gone");
			await navigator.clipboard.writeText(await response.text());
			copied(button, "Copied");
		} catch {
			copied(button, "Cannot copy: use the link");
		}
	});
	const showButtons = () => { for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false; };
	showButtons();
	let busy = false;
	let again = false;
	const refresh = async () => {
		if (busy) { again = true; return; }
		busy = true;
		try {
			const response = await fetch(location.pathname + location.search, { cache: "no-store" });
			const next = new DOMParser().parseFromString(await response.text(), "text/html");
			const main = next.querySelector("main");
			if (main === null) return;
			const changed = new Set([...document.querySelectorAll("main details[id]")].map((details) => details.id + "=" + details.open));
			const focused = document.activeElement === null ? "" : document.activeElement.id;
			const scrolls = [...document.querySelectorAll("main pre[id]")].map((pre) => [pre.id, pre.scrollTop, pre.scrollLeft]);
			for (const details of main.querySelectorAll("details[id]")) {
				if (changed.has(details.id + "=true")) details.open = true;
				if (changed.has(details.id + "=false")) details.open = false;
			}
			for (const part of ["main", "footer", "nav"]) {
				document.querySelector(part).replaceWith(document.adoptNode(next.querySelector(part)));
			}
			document.title = next.title;
			for (const [id, top, left] of scrolls) {
				const pre = document.getElementById(id);
				if (pre !== null) { pre.scrollTop = top; pre.scrollLeft = left; }
			}
			if (focused !== "") document.getElementById(focused)?.focus({ preventScroll: true });
			showButtons();
			say("\\u25cf live");
		} catch {
			say("\\u25cb not live: the operator does not answer");
		} finally {
			busy = false;
			if (again) { again = false; refresh(); }
		}
	};
	const events = new EventSource("/events");
	events.addEventListener("open", () => { say("\\u25cf live"); refresh(); });
	events.addEventListener("change", refresh);
	events.addEventListener("error", () => say("\\u25cb not live: the operator does not answer"));
	// Ages grow also while nothing happens.
	setInterval(refresh, 30000);
})();
`.trim();
