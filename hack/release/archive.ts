import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "tar";

// Archives of which two runs make the same bytes: no owner, one time, one order.

/** The time of every entry: some tools refuse 1970. */
const MODIFIED = new Date("2000-01-01T00:00:00Z");

/** Writes a .tar.gz; entries are paths in the archive and the files that they are copies of. */
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
