// Kubernetes quantities in the canonical form of the API server. A child in another form differs from the stored one, and is written
// again at every sync (measured, see docs).

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
	return parsed && written(parsed);
};

/** The same of a container's or a volume's resource: the API server rounds those up to a thousandth. */
export const canonicalResource = (value: string | number): string => {
	const parsed = parse(String(value));
	if (parsed === undefined) return String(value);
	return written({ ...parsed, nanos: divideUp(parsed.nanos, MILLI) * MILLI });
};

/** The largest value of 64 bits. The API server stores some larger ones, such as 1000E, as 1. */
export const GREATEST_QUANTITY = 2n ** 63n - 1n;

/** Whether the API server stores the quantity with the same value. */
export const isStorable = (value: string | number): boolean => {
	const parsed = parse(String(value));
	return parsed !== undefined && parsed.nanos <= GREATEST_QUANTITY * NANO;
};

/** Whether both are the same quantity, however they are written. */
export const isSameQuantity = (left: string | number, right: string | number): boolean => {
	const [one, other] = [parse(String(left)), parse(String(right))];
	return one !== undefined && other !== undefined && one.nanos === other.nanos && one.negative === other.negative;
};

/** Whether one is a multiple of the other. */
export const isMultiple = (amount: string | number, unit: string): boolean => {
	const [one, other] = [parse(String(amount)), parse(unit)];
	return one !== undefined && other !== undefined && other.nanos > 0n && one.nanos % other.nanos === 0n;
};

/** The smaller of two; the first one if either is no quantity. */
export const lesserQuantity = <Amount extends string | number>(left: Amount, right: Amount): Amount => {
	const [one, other] = [left, right].map((value) => {
		const parsed = parse(String(value));
		return parsed && (parsed.negative ? -parsed.nanos : parsed.nanos);
	});
	return one !== undefined && other !== undefined && other < one ? right : left;
};

interface Parsed {
	readonly negative: boolean;
	readonly nanos: bigint;
	readonly format: Format;
}

const written = ({ negative, nanos, format }: Parsed): string => {
	const text =
		format === "binary" && nanos >= 1024n * NANO && nanos % NANO === 0n ? binary(nanos) : decimal(nanos, format);
	return negative && nanos > 0n ? `-${text}` : text;
};

const NANO = 1_000_000_000n;
const MILLI = 1_000_000n;
const GREATEST_BINARY = GREATEST_QUANTITY * NANO;

const parse = (text: string): Parsed | undefined => {
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

/** A number with two significant digits: with more, a status would change all the time. */
export const twoDigits = (value: number): number => Number(value.toPrecision(2));
