// The dashboard's one script: fetches the page again when the server says that something changed, and keeps what a reader
// opened and focused. Without it, the page is as complete, and reloading it does the same.

(() => {
	const live = document.getElementById("live");
	const say = (text) => {
		if (live.textContent !== text) live.textContent = text;
	};
	// Beside the page's own parts, which are replaced at any moment.
	const said = document.getElementById("said");
	let silence;
	const tell = (text) => {
		said.textContent = text;
		clearTimeout(silence);
		silence = setTimeout(() => {
			said.textContent = "";
		}, 5000);
	};
	document.addEventListener("click", async (event) => {
		const button = event.target.closest("button[data-copy]");
		if (button === null) return;
		try {
			const response = await fetch(button.dataset.copy);
			if (!response.ok) throw new Error("gone");
			await navigator.clipboard.writeText(await response.text());
			tell("Copied as a golden case");
		} catch {
			tell("Cannot copy: use the link to download it");
		}
	});
	const showButtons = () => {
		for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false;
	};
	showButtons();
	// What a reader opened stays open, and our script shows the buttons.
	const isReaders = ({ nodeName }, name) => ["DETAILS/open", "BUTTON/hidden"].includes(`${nodeName}/${name}`);
	const isSame = (one, other) =>
		one.nodeName === other.nodeName &&
		one.id === other.id &&
		(one.nodeName !== "A" || one.getAttribute("href") === other.getAttribute("href"));
	// Changes only what differs: focus, selection and scrolling stay, and a screen reader is not told all of it again.
	const patch = (old, next) => {
		if (!isSame(old, next)) {
			old.replaceWith(document.adoptNode(next));
			return;
		}
		if (old.nodeType !== Node.ELEMENT_NODE) {
			if (old.data !== next.data) old.data = next.data;
			return;
		}
		// A copy, for the list shrinks.
		for (const { name } of Array.from(old.attributes))
			if (!next.hasAttribute(name) && !isReaders(old, name)) old.removeAttribute(name);
		for (const { name, value } of next.attributes)
			if (old.getAttribute(name) !== value && !isReaders(old, name)) old.setAttribute(name, value);
		const children = [...old.childNodes];
		const wanted = [...next.childNodes];
		for (const [index, child] of wanted.entries()) {
			if (index < children.length) patch(children[index], child);
			else old.append(document.adoptNode(child));
		}
		for (const child of children.slice(wanted.length)) child.remove();
	};
	// An element that had to go had a twin, unless what it stood for is gone.
	const twinsOf = (element, parentId) =>
		[...document.querySelectorAll("main :is(a,button,summary,pre)")].filter(
			(other) =>
				isSame(element, other) &&
				parentId === other.parentElement?.id &&
				(element.id !== "" || element.textContent === other.textContent),
		);
	const show = (next) => {
		const focused = document.activeElement;
		const parentId = focused?.parentElement?.id;
		const place = focused === null ? -1 : twinsOf(focused, parentId).indexOf(focused);
		for (const details of document.querySelectorAll("main details[id]")) {
			const twin = next.getElementById(details.id);
			if (twin !== null) twin.open = details.open;
		}
		for (const part of ["main", "footer", "nav"]) patch(document.querySelector(part), next.querySelector(part));
		document.title = next.title;
		if (place >= 0 && document.activeElement !== focused) {
			const twins = twinsOf(focused, parentId);
			(twins[place] ?? twins[0])?.focus({ preventScroll: true });
		}
		showButtons();
	};
	let busy = false;
	let again = false;
	const refresh = async () => {
		if (busy) {
			again = true;
			return;
		}
		busy = true;
		try {
			const response = await fetch(location.pathname + location.search, { cache: "no-store" });
			show(new DOMParser().parseFromString(await response.text(), "text/html"));
			say("\u25cf live");
		} catch {
			say("\u25cb not live: the operator does not answer");
		} finally {
			busy = false;
			if (again) {
				again = false;
				void refresh();
			}
		}
	};
	const events = new EventSource("/events");
	events.addEventListener("open", () => {
		say("\u25cf live");
		void refresh();
	});
	events.addEventListener("change", refresh);
	events.addEventListener("error", () => say("\u25cb not live: the operator does not answer"));
	// Ages grow also while nothing happens.
	setInterval(refresh, 30000);
})();
