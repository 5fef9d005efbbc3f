// The colours of the dashboard, dark and light. A test computes the contrast of every pair that is used.

export interface Palette {
	/** Behind everything. */
	readonly ground: string;
	/** Behind cards. */
	readonly surface: string;
	/** Behind what is quoted. */
	readonly sunken: string;
	readonly line: string;
	readonly text: string;
	readonly muted: string;
	readonly link: string;
	readonly good: string;
	readonly waiting: string;
	readonly bad: string;
	readonly badSurface: string;
	readonly waitingSurface: string;
	readonly goodSurface: string;
	readonly focus: string;
}

export const LIGHT: Palette = {
	ground: "#f5f6f8",
	surface: "#ffffff",
	sunken: "#f0f2f5",
	line: "#d5dae1",
	text: "#1b2330",
	muted: "#566070",
	link: "#1f4fb4",
	good: "#17683c",
	waiting: "#7d4b00",
	bad: "#b3211e",
	badSurface: "#fdf1f0",
	waitingSurface: "#fdf6e8",
	goodSurface: "#edf7f0",
	focus: "#1f4fb4",
};

export const DARK: Palette = {
	ground: "#11151b",
	surface: "#191f28",
	sunken: "#12171e",
	line: "#323b48",
	text: "#e4e9f0",
	muted: "#a2adbc",
	link: "#8fb4ff",
	good: "#7bd3a0",
	waiting: "#f0bd66",
	bad: "#ff9a92",
	badSurface: "#2c1b1d",
	waitingSurface: "#2a2318",
	goodSurface: "#16261d",
	focus: "#8fb4ff",
};

export const variablesOf = (palette: Palette): string =>
	Object.entries(palette)
		.map(([name, colour]) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${String(colour)}`)
		.join(";");
