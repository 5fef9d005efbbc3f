import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { adHocSigned } from "../../../hack/release/macos-signature.ts";
import { machO, type Shape, TEXT_SIZE } from "./mach-o.ts";

// A small Mach-O, signed, and read as the kernel reads it. Go's linker signs the same way; a program of its own that is signed anew
// is the same but for page 0 and the flag "signed by a linker".

describe("a program of macOS", () => {
	const program = machO();
	const signed = adHocSigned(program, "kubectl-prism");
	const command = 32 + program.readUInt32LE(20);
	const [codeSize, signatureSize] = [signed.readUInt32LE(command + 8), signed.readUInt32LE(command + 12)];
	const blob = signed.subarray(codeSize);
	const directory = blob.subarray(blob.readUInt32BE(16));

	it("has one load command more, and what it is made of is where it was", () => {
		expect([signed.readUInt32LE(16), signed.readUInt32LE(command)]).toEqual([3, 0x1d]);
		expect(signed.readUInt32LE(20)).toBe(program.readUInt32LE(20) + 16);
		expect(signed.subarray(0x400, program.length)).toEqual(program.subarray(0x400));
		expect(signed.length).toBe(codeSize + signatureSize);
		expect(codeSize % 16).toBe(0);
	});

	it("has the signature in its last segment, which grew in the file and in memory", () => {
		const linkEdit = 32 + 72 + 160;
		expect(signed.toString("latin1", linkEdit + 8, linkEdit + 18)).toBe("__LINKEDIT");
		expect(TEXT_SIZE + Number(signed.readBigUInt64LE(linkEdit + 48))).toBe(signed.length);
		expect(Number(signed.readBigUInt64LE(linkEdit + 32))).toBe(0x4000);
	});

	it("names itself, and nobody who signed it", () => {
		expect([blob.readUInt32BE(0).toString(16), blob.readUInt32BE(4), blob.readUInt32BE(8)]).toEqual([
			"fade0cc0",
			signatureSize,
			1,
		]);
		expect(directory.readUInt32BE(0).toString(16)).toBe("fade0c02");
		expect(directory.readUInt32BE(12)).toBe(2);
		const name = directory.readUInt32BE(20);
		expect(directory.toString("latin1", name, directory.readUInt32BE(16))).toBe("kubectl-prism\0");
	});

	it("is hashed page by page, with its load commands", () => {
		const [count, limit] = [directory.readUInt32BE(28), directory.readUInt32BE(32)];
		expect([count, limit]).toEqual([Math.ceil(codeSize / 4096), codeSize]);
		const hashes = directory.readUInt32BE(16);
		for (let page = 0; page < count; page++) {
			const hash = createHash("sha256").update(signed.subarray(page * 4096, Math.min((page + 1) * 4096, limit)));
			expect(directory.subarray(hashes + page * 32, hashes + page * 32 + 32), `page ${page}`).toEqual(hash.digest());
		}
	});

	it.each<[string, Shape, string]>([
		["of another format", { magic: 0xcafebabe }, "not a 64-bit Mach-O file"],
		["that has a signature", { signature: true }, "has a signature"],
		["with something behind its last segment", { behind: 8 }, "does not end with the segment"],
		["with no room", { content: 32 + 72 + 160 + 72 + 8 }, "no space for another load command"],
	])("%s is not signed", (_title, shape, message) => {
		expect(() => adHocSigned(machO(shape), "x")).toThrow(message);
	});
});
