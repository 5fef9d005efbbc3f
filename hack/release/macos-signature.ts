import { createHash } from "node:crypto";

// An ad-hoc signature for a macOS program: macOS runs no unsigned programs. The signature is a list of the hashes of the program's pages,
// without an identity. Layout: https://github.com/apple-oss-distributions/xnu/blob/main/osfmk/kern/cs_blobs.h

const COMMANDS_AT = 32;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const SIGNATURE_COMMAND_SIZE = 16;
const SUPER_BLOB_SIZE = 20;
const DIRECTORY_SIZE = 88;
const HASHED = 4096;
const SHA256_SIZE = 32;
/** Page size of Apple's processors, a multiple of the page size of Intel's. */
const PAGE = 0x4000;

interface Segment {
	/** Offset of the segment's load command. */
	readonly at: number;
	readonly offset: number;
	readonly size: number;
	/** Offset of the segment's first section that has content in the file. */
	readonly content: number;
}

const rounded = (size: number, unit: number): number => Math.ceil(size / unit) * unit;

/** The program with a signature. Throws unless the program is an unsigned 64-bit Mach-O, as `node --build-sea` writes it. */
export const adHocSigned = (program: Buffer, identifier: string): Buffer => {
	if (program.readUInt32LE(0) !== 0xfeedfacf)
		throw new Error("cannot sign the program: it is not a 64-bit Mach-O file");
	const { end, segments } = commandsOf(program);
	const [text, linkEdit] = ["__TEXT", "__LINKEDIT"].map((name) => segments.get(name));
	if (text === undefined || linkEdit === undefined || linkEdit.offset + linkEdit.size !== program.length)
		throw new Error("cannot sign the program: it does not end with the segment __LINKEDIT");
	if (end + SIGNATURE_COMMAND_SIZE > text.content)
		throw new Error("cannot sign the program: it has no space for another load command");
	const codeSize = rounded(program.length, 16);
	const hashes = Math.ceil(codeSize / HASHED);
	const name = Buffer.from(`${identifier}\0`);
	const directorySize = DIRECTORY_SIZE + name.length + hashes * SHA256_SIZE;
	const signatureSize = SUPER_BLOB_SIZE + directorySize;
	const signed = Buffer.concat([program], codeSize + signatureSize);

	signed.writeUInt32LE(signed.readUInt32LE(16) + 1, 16);
	signed.writeUInt32LE(signed.readUInt32LE(20) + SIGNATURE_COMMAND_SIZE, 20);
	const command = [LC_CODE_SIGNATURE, SIGNATURE_COMMAND_SIZE, codeSize, signatureSize];
	for (const [index, value] of command.entries()) signed.writeUInt32LE(value, end + 4 * index);
	const linkEditSize = signed.length - linkEdit.offset;
	signed.writeBigUInt64LE(BigInt(rounded(linkEditSize, PAGE)), linkEdit.at + 32);
	signed.writeBigUInt64LE(BigInt(linkEditSize), linkEdit.at + 48);

	const directoryAt = codeSize + SUPER_BLOB_SIZE;
	const nameAt = DIRECTORY_SIZE;
	const hashesAt = nameAt + name.length;
	const superBlob = [0xfade0cc0, signatureSize, 1, 0, SUPER_BLOB_SIZE];
	const version = 0x20400;
	const adHoc = 2;
	const directory = [0xfade0c02, directorySize, version, adHoc, hashesAt, nameAt, 0, hashes, codeSize];
	for (const [index, value] of [...superBlob, ...directory].entries())
		signed.writeUInt32BE(value, codeSize + 4 * index);
	const sha256 = 2;
	signed.set([SHA256_SIZE, sha256, 0, Math.log2(HASHED)], directoryAt + 36);
	const mainProgram = 1;
	const executable = [text.offset, text.size, mainProgram];
	for (const [index, value] of executable.entries())
		signed.writeBigUInt64BE(BigInt(value), directoryAt + 64 + 8 * index);
	signed.set(name, directoryAt + nameAt);
	for (let page = 0; page < hashes; page++) {
		const code = signed.subarray(page * HASHED, Math.min((page + 1) * HASHED, codeSize));
		signed.set(createHash("sha256").update(code).digest(), directoryAt + hashesAt + page * SHA256_SIZE);
	}
	return signed;
};

const commandsOf = (program: Buffer): { end: number; segments: ReadonlyMap<string, Segment> } => {
	const segments = new Map<string, Segment>();
	let at = COMMANDS_AT;
	for (let left = program.readUInt32LE(16); left > 0; left--) {
		const command = program.readUInt32LE(at);
		if (command === LC_CODE_SIGNATURE) throw new Error("cannot sign the program: it already has a signature");
		if (command === LC_SEGMENT_64) {
			const name = program.toString("latin1", at + 8, at + 24).replace(/\0+$/, "");
			const [offset, size] = [40, 48].map((field) => Number(program.readBigUInt64LE(at + field)));
			const sections = Array.from({ length: program.readUInt32LE(at + 64) }, (_section, index) =>
				program.readUInt32LE(at + 72 + 80 * index + 48),
			);
			const content = Math.min(...sections.filter((start) => start > 0));
			segments.set(name, { at, offset: offset ?? 0, size: size ?? 0, content });
		}
		at += program.readUInt32LE(at + 4);
	}
	return { end: at, segments };
};
