// A program of macOS, as small as one can be that has what a signature is about.

export const TEXT_SIZE = 0x4000;
const LINK_EDIT = 5000;

export interface Shape {
	readonly magic?: number;
	/** Where the first section begins: load commands end before it. */
	readonly content?: number;
	readonly signature?: boolean;
	readonly behind?: number;
}

export const machO = ({ magic = 0xfeedfacf, content = 0x400, signature = false, behind = 0 }: Shape = {}): Buffer => {
	const file = Buffer.alloc(TEXT_SIZE + LINK_EDIT + behind, 7).fill(0, 0, content);
	let at = 32;
	const command = (type: number, size: number, fill: (start: number) => void) => {
		file.writeUInt32LE(type, at);
		file.writeUInt32LE(size, at + 4);
		fill(at);
		at += size;
	};
	const segment = (name: string, offset: number, size: number, sections: readonly number[]) =>
		command(0x19, 72 + 80 * sections.length, (start) => {
			file.write(name, start + 8);
			file.writeBigUInt64LE(BigInt(offset), start + 40);
			file.writeBigUInt64LE(BigInt(size), start + 48);
			file.writeUInt32LE(sections.length, start + 64);
			for (const [index, section] of sections.entries()) file.writeUInt32LE(section, start + 72 + 80 * index + 48);
		});
	segment("__TEXT", 0, TEXT_SIZE, [content, content + 16]);
	segment("__LINKEDIT", TEXT_SIZE, LINK_EDIT, []);
	if (signature) command(0x1d, 16, () => {});
	file.writeUInt32LE(magic, 0);
	file.writeUInt32LE(signature ? 3 : 2, 16);
	file.writeUInt32LE(at - 32, 20);
	return file;
};
