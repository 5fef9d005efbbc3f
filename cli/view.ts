import { createLogUpdate } from "log-update";
import { conditionOf } from "../kube/conditions.ts";
import { describeObject } from "../kube/object.ts";
import { timestampOf } from "../kube/time.ts";
import { objectsIn, type Picture, pictureLines } from "./picture.ts";
import { paintOf } from "./text/paint.ts";

// The live picture of `run`: on a terminal a tree that is redrawn in place, elsewhere one plain line for each change.

export interface View {
	/** A line of its own, above the picture. */
	say(message: string): void;
	show(picture: Picture): void;
	/** Text that stays below the picture. */
	foot(text: string): void;
	/** Leaves the last picture standing. */
	close(): void;
}

export const createView = (stream: NodeJS.WriteStream): View => (stream.isTTY ? liveView(stream) : plainView(stream));

const liveView = (stream: NodeJS.WriteStream): View => {
	const update = createLogUpdate(stream);
	const colour = stream.hasColors();
	let shown = "";
	let footer = "";
	return {
		say(message) {
			update.clear();
			stream.write(`${message}\n`);
			if (shown !== "") update(shown);
		},
		show(picture) {
			const lines = pictureLines(picture, paintOf({ colour, columns: stream.columns }), timestampOf(Date.now()));
			// A picture that is taller than the terminal can't be redrawn in place.
			const room = Math.max((stream.rows ?? 24) - footer.split("\n").length - 2, 5);
			const cut = lines.length > room ? [...lines.slice(0, room - 1), `  … ${lines.length - room + 1} more`] : lines;
			shown = [...cut, ...(footer === "" ? [] : ["", footer])].join("\n");
			update(shown);
		},
		foot(text) {
			footer = text;
		},
		close: () => update.done(),
	};
};

const plainView = (stream: NodeJS.WriteStream): View => {
	const said = new Map<string, string>();
	let footer = "";
	return {
		say: (message) => void stream.write(`${message}\n`),
		show(picture) {
			for (const object of objectsIn(picture)) {
				const ready = conditionOf(object, "Ready");
				if (ready === undefined || object.kind === "Pod") continue;
				const line = `${describeObject(object)}: ${ready.status === "True" ? "Ready" : ready.reason}: ${ready.message}`;
				if (said.get(describeObject(object)) !== line) stream.write(`${line}\n`);
				said.set(describeObject(object), line);
			}
		},
		foot(text) {
			if (text !== footer && text !== "") stream.write(`${text}\n`);
			footer = text;
		},
		close: () => {},
	};
};
