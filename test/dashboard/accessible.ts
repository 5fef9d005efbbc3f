import type { Page } from "playwright-core";

// What can be told of a page's accessibility by looking at it: names, landmarks, headings, identifiers, contrast, width. A
// text, for it runs in the page, whose types this project does not have.

const FIND = `(() => {
	const found = [];
	const all = (selector) => [...document.querySelectorAll(selector)];
	const nameOf = (element) =>
		(element.getAttribute("aria-label") ?? element.textContent ?? "").trim() ||
		(element.getAttribute("aria-labelledby") ?? "")
			.split(" ")
			.map((id) => document.getElementById(id)?.textContent ?? "")
			.join(" ")
			.trim();

	if (document.documentElement.lang === "") found.push("the page has no language");
	if (document.title === "") found.push("the page has no title");
	for (const landmark of ["main", "body > header", "footer"])
		if (all(landmark).length !== 1) found.push(\`there are \${all(landmark).length} \${landmark}\`);
	if (all("h1").length !== 1) found.push(\`there are \${all("h1").length} h1\`);
	let level = 0;
	for (const heading of all("h1,h2,h3,h4,h5,h6")) {
		const next = Number(heading.tagName.slice(1));
		if (next > level + 1) found.push(\`h\${next} "\${heading.textContent}" follows h\${level}\`);
		level = next;
	}
	const ids = all("[id]").map(({ id }) => id);
	for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index)))
		found.push(\`id \${id} is there twice\`);
	for (const element of all("a,button,summary,nav,progress"))
		if (nameOf(element) === "")
			found.push(\`<\${element.tagName.toLowerCase()}> has no name: \${element.outerHTML.slice(0, 80)}\`);
	for (const attribute of ["aria-labelledby", "aria-describedby"])
		for (const element of all(\`[\${attribute}]\`))
			for (const id of (element.getAttribute(attribute) ?? "").split(" "))
				if (document.getElementById(id) === null) found.push(\`\${attribute} names \${id}, which is not there\`);
	for (const link of all('a[href^="#"]'))
		if (document.getElementById((link.getAttribute("href") ?? "").slice(1)) === null)
			found.push(\`\${link.getAttribute("href")} leads nowhere\`);
	for (const table of all("table"))
		if (table.querySelectorAll("th[scope=col]").length === 0) found.push("a table has no headers");
	for (const list of all("ul,ol"))
		for (const child of list.children) if (child.tagName !== "LI") found.push(\`<\${child.tagName}> in a list\`);

	// Contrast of each text with what is painted behind it.
	const channels = (colour) => (colour.match(/[0-9.]+/g) ?? []).map(Number);
	const luminance = (colour) => {
		const [red = 0, green = 0, blue = 0] = colour.slice(0, 3).map((value) => {
			const part = value / 255;
			return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
		});
		return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
	};
	const groundOf = (element) => {
		for (let at = element; at !== null; at = at.parentElement) {
			const ground = channels(getComputedStyle(at).backgroundColor);
			if (ground.length === 3 || (ground[3] ?? 1) === 1) return ground;
		}
		return [255, 255, 255];
	};
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
		const element = node.parentElement;
		if (
			element === null ||
			(node.textContent ?? "").trim() === "" ||
			element.closest("script,style,.hidden,.skip") !== null
		)
			continue;
		if (element.getClientRects().length === 0) continue;
		const [light = 0, dark = 0] = [
			luminance(channels(getComputedStyle(element).color)),
			luminance(groundOf(element)),
		].toSorted((left, right) => right - left);
		const contrast = (light + 0.05) / (dark + 0.05);
		if (contrast < 4.5)
			found.push(\`contrast \${contrast.toFixed(1)} of "\${(node.textContent ?? "").trim().slice(0, 40)}"\`);
	}
	const { scrollWidth, clientWidth } = document.documentElement;
	if (scrollWidth > clientWidth) found.push(\`the page is \${scrollWidth} wide in a window of \${clientWidth}\`);
	return found;
})()`;

/** Everything that is wrong, as sentences; empty: nothing was found. */
export const barriers = (page: Page): Promise<string[]> => page.evaluate<string[]>(FIND);
