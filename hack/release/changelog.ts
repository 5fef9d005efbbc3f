// CHANGELOG.md in the format of Keep a Changelog. A release renames the "Unreleased" section to its version, and the section becomes the
// release notes.

const HEADING = /^## (?<title>\S+)(?: - (?<date>\d{4}-\d{2}-\d{2}))?$/gm;

/** Text below the heading of a version or "Unreleased". undefined: the section is absent or empty. */
export const sectionOf = (changelog: string, title: string): string | undefined => {
	const headings = [...changelog.matchAll(HEADING)];
	const at = headings.findIndex(({ groups }) => groups?.["title"] === title);
	const heading = headings[at];
	if (heading === undefined) return undefined;
	const text = changelog.slice(heading.index + heading[0].length, headings[at + 1]?.index).trim();
	return text === "" ? undefined : text;
};

/**
 * The changelog with its unreleased changes in the section of the version. `date`: such as "2026-11-29". Throws if there are no unreleased
 * changes.
 */
export const released = (changelog: string, version: string, date: string): string => {
	if (sectionOf(changelog, version) !== undefined)
		throw new Error(`cannot release ${version}: CHANGELOG.md already has a section of this version`);
	if (sectionOf(changelog, "Unreleased") === undefined)
		throw new Error(`cannot release ${version}: the section "Unreleased" of CHANGELOG.md is missing or empty`);
	return changelog.replace(/^## Unreleased$/m, `## Unreleased\n\n## ${version} - ${date}`);
};
