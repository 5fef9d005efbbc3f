import { describe, expect, it } from "vitest";
import { canonicalQuantity, canonicalResource, isSameQuantity, isStorable } from "../../kube/quantity.ts";

// The pairs were made with k8s.io/apimachinery v0.36.3 (resource.ParseQuantity), as the API server stores them. Where it
// keeps a user's spelling ("+1", "007", "1E3"), ours is the form without it, which it keeps as well.

const CANONICAL: readonly (readonly [written: string, stored: string])[] = [
	["0", "0"],
	["0.0", "0"],
	["-0", "0"],
	["+0", "0"],
	["0Mi", "0"],
	["0m", "0"],
	["0e5", "0"],
	["1", "1"],
	["+1", "1"],
	["-5", "-5"],
	["01", "1"],
	["007", "7"],
	["0.5", "500m"],
	[".5", "500m"],
	["5.", "5"],
	["1.", "1"],
	["-.5", "-500m"],
	["+.5", "500m"],
	["1.5", "1500m"],
	["1.25", "1250m"],
	["0.25", "250m"],
	["1000m", "1"],
	["1500m", "1500m"],
	["2000m", "2"],
	["16000m", "16"],
	["250m", "250m"],
	["100m", "100m"],
	["0.1m", "100u"],
	["0.0001", "100u"],
	["1u", "1u"],
	["1000u", "1m"],
	["1n", "1n"],
	["0.1n", "1n"],
	["0.5n", "1n"],
	["1.5n", "2n"],
	["-0.1n", "-1n"],
	["-1.5n", "-2n"],
	["1000n", "1u"],
	["1000", "1k"],
	["10000", "10k"],
	["100k", "100k"],
	["1000k", "1M"],
	["1k", "1k"],
	["1.5k", "1500"],
	["0.5k", "500"],
	["1M", "1M"],
	["1e3", "1e3"],
	["1e1", "10"],
	["1e2", "100"],
	["1e-1", "100e-3"],
	["1e-3", "1e-3"],
	["12e6", "12e6"],
	["12E6", "12e6"],
	["1E3", "1e3"],
	["1e+3", "1e3"],
	["5e0", "5"],
	["100e-1", "10"],
	["1e9", "1e9"],
	["1e10", "10e9"],
	["1e18", "1e18"],
	["1e19", "10e18"],
	["1e21", "1e21"],
	["1e22", "10e21"],
	["1e391", "10e390"],
	["1e-9", "1e-9"],
	["1e-10", "1e-9"],
	["1.5e3", "1500"],
	["1E", "1E"],
	["0.5E", "500P"],
	["9E", "9E"],
	["10E", "10E"],
	["1P", "1P"],
	["1T", "1T"],
	["1G", "1G"],
	["1024Mi", "1Gi"],
	["512Mi", "512Mi"],
	["1Ki", "1Ki"],
	["0.5Ki", "512"],
	["1.5Ki", "1536"],
	["1.5Gi", "1536Mi"],
	["0.5Gi", "512Mi"],
	["0.1Gi", "107374182400m"],
	["1.1Gi", "1181116006400m"],
	["0.001Ki", "1024m"],
	["1.0001Ki", "1024102400u"],
	["1.3Ki", "1331200m"],
	["1000Ki", "1000Ki"],
	["1023Ki", "1023Ki"],
	["1024Ki", "1Mi"],
	["1536Mi", "1536Mi"],
	["2048Gi", "2Ti"],
	["1Ti", "1Ti"],
	["1Pi", "1Pi"],
	["1024Ti", "1Pi"],
	["1Ei", "1Ei"],
	["7Ei", "7Ei"],
	["8Ei", "9223372036854775807"],
	["9Ei", "9223372036854775807"],
	["100Ei", "9223372036854775807"],
	["0.0001Ki", "102400u"],
	["0.0000000001Ki", "103n"],
	["-1Ki", "-1Ki"],
	["-0.5Ki", "-512"],
	["-1.5Ki", "-1536"],
	["-1.3Ki", "-1331200m"],
	["1.0Ki", "1Ki"],
	["100", "100"],
	["128974848", "128974848"],
	["129e6", "129e6"],
	["129M", "129M"],
	["123Mi", "123Mi"],
	["3Mi", "3Mi"],
	["999999999999999999", "999999999999999999"],
	["9223372036854775807", "9223372036854775807"],
	["9223372036854775808", "9223372036854775808"],
	["99999999999999999999", "99999999999999999999"],
	["1234567890.123456789", "1234567890123456789n"],
	["1234567890.1234567891", "1234567890123456790n"],
	["0.000000001", "1n"],
	["123456789m", "123456789m"],
	["1e100", "10e99"],
	["1e-100", "1e-9"],
	["1e-409", "1e-9"],
];

const INVALID: readonly string[] = [
	"1.2.3",
	"abc",
	"1 Gi",
	"1KB",
	"1Kib",
	"1ki",
	"1K",
	"1mi",
	"--1",
	"+-1",
	"1e",
	"1e+",
	"1e1.5",
	"1_000",
	"0x10",
	"1MiB",
	"1,5",
	"NaN",
	"1e3Mi",
	"1Em",
	"1h",
	"",
	".",
	" 1",
	"1 ",
	"∞",
	"e3",
	"Mi",
	"+",
	"-",
	"1e392",
	"1e400",
	"1e-410",
];

describe("quantities", () => {
	it.each(CANONICAL)("%s is stored as %s", (written, stored) => {
		expect(canonicalQuantity(written)).toBe(stored);
	});

	it.each(CANONICAL)("%s, once stored as %s, stays so", (_, stored) => {
		expect(canonicalQuantity(stored)).toBe(stored);
	});

	it.each(INVALID)("%j is none", (text) => {
		expect(canonicalQuantity(text)).toBeUndefined();
	});

	it.each([
		[4, "4"],
		[1000, "1k"],
		[0, "0"],
		[-2, "-2"],
		[0.5, "500m"],
		[1e21, "1e21"],
	])("the number %d is stored as %s", (number, stored) => {
		expect(canonicalQuantity(number)).toBe(stored);
	});

	it.each(["1000E", "1500E", "1000000P", "1e21", "1e390", "1e400", "9223372036854775808", "Mi"])(
		"%s is none that every API server stores as it is written",
		(text) => {
			expect(isStorable(text)).toBe(false);
		},
	);

	it.each(["9E", "9223372036854775807", "9Ei", "0", "-5", "1n"])("%s is stored with its value", (text) => {
		expect(isStorable(text)).toBe(true);
	});

	it.each([
		["1Gi", "1024Mi", true],
		["1Gi", "1073741824", true],
		["1e9", "1G", true],
		["1.5Gi", "1536Mi", true],
		["1G", "1Gi", false],
		["1", "-1", false],
		["x", "x", false],
		["x", "1", false],
		["1", "x", false],
	])("%s and %s are the same: %s", (left, right, same) => {
		expect(isSameQuantity(left, right)).toBe(same);
	});

	// As an API server of 1.36 stored them in requests of a container and of a volume.
	it.each([
		["0.0001", "1m"],
		["1n", "1m"],
		["1500u", "2m"],
		["1.0005", "1001m"],
		["1e-4", "1e-3"],
		["1500e-6", "2e-3"],
		["100e-3", "100e-3"],
		["1.0001Ki", "1024103m"],
		["0.0001Ki", "103m"],
		["0.1Gi", "107374182400m"],
		["1234567890.123456789", "1234567890124m"],
		["0", "0"],
		["2000m", "2"],
	])("%s of a resource is stored as %s", (text, stored) => {
		expect(canonicalResource(text)).toBe(stored);
		expect(canonicalResource(stored)).toBe(stored);
	});

	it.each([Number.NaN, Number.POSITIVE_INFINITY])("the number %d is none", (number) => {
		expect(canonicalQuantity(number)).toBeUndefined();
	});
});
