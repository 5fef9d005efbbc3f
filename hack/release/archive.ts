import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "tar";

// Reproducible archives: no owner, a fixed time, a fixed order.

/** The time of every entry. Not 1970, which some tools reject. */
const MODIFIED = new Date("2000-01-01T00:00:00Z");

/** Writes a .tar.gz. `entries`: the file to copy, by path in the archive. */
export const writeArchive = async (path: string, entries: Readonly<Record<string, string>>): Promise<void> => {
	const folder = await mkdtemp(join(tmpdir(), "prism-archive-"));
	try {
		for (const [name, source] of Object.entries(entries)) {
			await mkdir(dirname(join(folder, name)), { recursive: true });
			await cp(source, join(folder, name));
		}
		const names = Object.keys(entries).toSorted();
		await create({ file: path, cwd: folder, gzip: { level: 9 }, portable: true, mtime: MODIFIED, strict: true }, names);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
};
