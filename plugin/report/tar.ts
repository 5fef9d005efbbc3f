import { gzipSync } from "node:zlib";

// A tar archive (ustar) of text files, which every system can extract, without a library.

export interface TextFile {
	/** Relative, with "/" between folders. */
	readonly path: string;
	readonly text: string;
}

const BLOCK = 512;

export const tarGz = (files: readonly TextFile[], modifiedSeconds: number): Buffer => {
	const blocks = files.flatMap(({ path, text }) => {
		const body = Buffer.from(text);
		const padding = Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK);
		return [header(path, body.length, modifiedSeconds), body, padding];
	});
	return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]));
};

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, "0")}\0`;

const header = (path: string, size: number, modified: number): Buffer => {
	const block = Buffer.alloc(BLOCK);
	const [prefix, name] = splitPath(path);
	block.write(name, 0, 100);
	block.write(octal(0o600, 8), 100);
	block.write(octal(0, 8), 108);
	block.write(octal(0, 8), 116);
	block.write(octal(size, 12), 124);
	block.write(octal(modified, 12), 136);
	// The checksum is computed with spaces in its own field.
	block.write(" ".repeat(8), 148);
	block.write("0", 156);
	block.write("ustar\0", 257);
	block.write("00", 263);
	block.write(prefix, 345, 155);
	const sum = block.reduce((total, byte) => total + byte, 0);
	block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
	return block;
};

/** A name has 100 bytes, its folders another 155. */
const splitPath = (path: string): [prefix: string, name: string] => {
	if (Buffer.byteLength(path) <= 100) return ["", path];
	for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1))
		if (Buffer.byteLength(path.slice(at + 1)) <= 100 && Buffer.byteLength(path.slice(0, at)) <= 155)
			return [path.slice(0, at), path.slice(at + 1)];
	throw new RangeError(`cannot put ${path} into an archive: its name is too long`);
};
