// CHANGELOG.md in the form of Keep a Changelog: its "Unreleased" section becomes a release's, and a release's section its notes.

const HEADING = /^## (?<title>\S+)(?: - (?<date>\d{4}-\d{2}-\d{2}))?$/gm;

/** Text below the heading of a version or "Unreleased"; undefined: there is no such section, or nothing in it. */
export const sectionOf = (changelog: string, title: string): string | undefined => {
	const headings = [...changelog.matchAll(HEADING)];
	const at = headings.findIndex(({ groups }) => groups?.["title"] === title);
	const heading = headings[at];
	if (heading === undefined) return undefined;
	const text = changelog.slice(heading.index + heading[0].length, headings[at + 1]?.index).trim();
	return text === "" ? undefined : text;
};

/** The changelog in which what was unreleased is that version's; date as "2026-11-29". Throws when there is nothing to release. */
export const released = (changelog: string, version: string, date: string): string => {
	if (sectionOf(changelog, version) !== undefined)
		throw new Error(`cannot release ${version}: CHANGELOG.md already has a section of this version`);
	if (sectionOf(changelog, "Unreleased") === undefined)
		throw new Error(`cannot release ${version}: the section "Unreleased" of CHANGELOG.md is missing or empty`);
	return changelog.replace(/^## Unreleased$/m, `## Unreleased\n\n## ${version} - ${date}`);
};
