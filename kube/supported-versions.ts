/** The oldest supported versions, for doctor, the chart and the documentation. */
export const OLDEST = { kubernetes: [1, 28], metacontroller: [4, 17] } as const;

/** The version that docs, chart and commands install. */
export const METACONTROLLER = "4.17.2";

/** Whether a version is older; the pattern has groups for its two numbers. undefined: the text has no version. */
export const isOlder = (
	text: string,
	pattern: RegExp,
	[oldest, least]: readonly [number, number],
): boolean | undefined => {
	const [major, minor] = pattern.exec(text)?.slice(1).map(Number) ?? [];
	return major === undefined || minor === undefined ? undefined : major < oldest || (major === oldest && minor < least);
};
