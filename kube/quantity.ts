// Kubernetes quantities in the form in which the API server stores them. A child that is sent in another form is
// different from what is stored, and is written again at every sync (measured, see docs).

// The rules are those of k8s.io/apimachinery/pkg/api/resource: the mantissa is a whole number, the suffix the greatest
// that keeps it whole; finer than a nano is rounded up; "Ki" and its like only for whole numbers of at least 1024, and
// never beyond what 64 bits hold.

const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d+))?$/;

const DECIMAL_SUFFIXES: readonly string[] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY_SUFFIXES: readonly string[] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL_ZERO = DECIMAL_SUFFIXES.indexOf("");

type Format = "decimal" | "binary" | "exponent";

/** The quantity in the API server's canonical form; undefined when it is not a quantity. */
export const canonicalQuantity = (value: string | number): string | undefined => {
	const parsed = parse(String(value));
	if (parsed === undefined) return undefined;
	const { negative, nanos, format } = parsed;
	const text =
		format === "binary" && nanos >= 1024n * NANO && nanos % NANO === 0n ? binary(nanos) : decimal(nanos, format);
	return negative && nanos > 0n ? `-${text}` : text;
};

const NANO = 1_000_000_000n;
const GREATEST_BINARY = (2n ** 63n - 1n) * NANO;

const parse = (text: string): { negative: boolean; nanos: bigint; format: Format } | undefined => {
	const match = QUANTITY.exec(text);
	if (match === null) return undefined;
	const [, sign, whole = "", fraction = "", binarySuffix, decimalSuffix = "", exponent] = match;
	if (whole === "" && fraction === "") return undefined;
	const digits = BigInt(`${whole}${fraction}`);
	const negative = sign === "-";
	if (binarySuffix !== undefined) {
		const power = BINARY_SUFFIXES.indexOf(binarySuffix);
		const scaled = divideUp(digits * 1024n ** BigInt(power) * NANO, 10n ** BigInt(fraction.length));
		return { negative, nanos: scaled > GREATEST_BINARY ? GREATEST_BINARY : scaled, format: "binary" };
	}
	const suffixPower = (DECIMAL_SUFFIXES.indexOf(decimalSuffix) - DECIMAL_ZERO) * 3;
	const power = (exponent === undefined ? suffixPower : Number(exponent)) - fraction.length + 9;
	if (Math.abs(power) > 400) return undefined;
	const nanos = power >= 0 ? digits * 10n ** BigInt(power) : divideUp(digits, 10n ** BigInt(-power));
	return { negative, nanos, format: exponent === undefined ? "decimal" : "exponent" };
};

const divideUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;

const decimal = (nanos: bigint, format: Format): string => {
	if (nanos === 0n) return "0";
	// An exponent may be as great as it likes; suffixes end with E.
	const greatest = format === "exponent" ? Number.POSITIVE_INFINITY : DECIMAL_SUFFIXES.length - 1;
	let mantissa = nanos;
	let index = 0;
	while (index < greatest && mantissa % 1000n === 0n) {
		mantissa /= 1000n;
		index += 1;
	}
	const suffix = DECIMAL_SUFFIXES[index] ?? "";
	const power = (index - DECIMAL_ZERO) * 3;
	return format === "exponent" && power !== 0 ? `${mantissa}e${power}` : `${mantissa}${suffix}`;
};

const binary = (nanos: bigint): string => {
	let mantissa = nanos / NANO;
	let index = 0;
	// It ends before the suffixes do: what is greatest is no multiple of 1024.
	while (mantissa % 1024n === 0n) {
		mantissa /= 1024n;
		index += 1;
	}
	return `${mantissa}${BINARY_SUFFIXES[index] ?? ""}`;
};

/** A figure in two significant digits: more of them would make a status move all the time. */
export const twoDigits = (value: number): number => Number(value.toPrecision(2));
