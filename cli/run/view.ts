import { createLogUpdate } from "log-update";
import { conditionOf } from "../../kube/conditions.ts";
import { describeObject } from "../../kube/object.ts";
import { viewOf } from "../../plugin/cluster/cluster-view.ts";
import { type Paint, paintOf } from "../../plugin/text/paint.ts";
import { shown as printable } from "../../plugin/text/print.ts";
import { treeLines } from "../../plugin/tree/text.ts";
import { rootsOf, treeOf } from "../../plugin/tree/topology.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { timestamp } from "../../server/time.ts";

// The live picture of `run`: on a terminal the tree of `kubectl prism tree`, redrawn in place; elsewhere a plain line for each
// change.

/** Objects without an owner, and how to come from an owner to what it owns. */
interface Picture {
	readonly roots: readonly KubeObject[];
	readonly owned: (owner: KubeObject) => readonly KubeObject[];
}

export const pictureLines = (picture: Picture, paint: Paint, now: string): string[] => {
	const view = viewOf({ objects: objectsIn(picture), now });
	const home = picture.roots[0]?.metadata.namespace;
	const trees = rootsOf(view).map((root) => treeOf(view, root, { wide: false }));
	return treeLines(trees, paint, { wide: false, now, home });
};

/** Every object of the picture, owners first. */
const objectsIn = ({ roots, owned }: Picture): KubeObject[] =>
	roots.flatMap((root) => [root, ...objectsIn({ roots: owned(root), owned })]);

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
	const color = stream.hasColors();
	let shown = "";
	let footer = "";
	return {
		say(message) {
			update.clear();
			stream.write(`${printable(message, color)}\n`);
			if (shown !== "") update(shown);
		},
		show(picture) {
			const lines = pictureLines(picture, paintOf({ color, columns: stream.columns }), timestamp()).map((line) =>
				printable(line, color),
			);
			// A picture that is taller than the terminal can't be redrawn in place.
			const room = Math.max((stream.rows ?? 24) - footer.split("\n").length - 2, 5);
			const cut = lines.length > room ? [...lines.slice(0, room - 1), `  … ${lines.length - room + 1} more`] : lines;
			shown = [...cut, ...(footer === "" ? [] : ["", footer])].join("\n");
			update(shown);
		},
		foot(text) {
			footer = printable(text, color);
		},
		close: () => update.done(),
	};
};

const plainView = (stream: NodeJS.WriteStream): View => {
	const said = new Map<string, string>();
	let footer = "";
	return {
		say: (message) => void stream.write(`${printable(message, false)}\n`),
		show(picture) {
			for (const object of objectsIn(picture)) {
				const ready = conditionOf(object, "Ready");
				if (ready === undefined || object.kind === "Pod") continue;
				const line = `${describeObject(object)}: ${ready.status === "True" ? "Ready" : ready.reason}: ${ready.message}`;
				if (said.get(describeObject(object)) !== line) stream.write(`${printable(line, false)}\n`);
				said.set(describeObject(object), line);
			}
		},
		foot(text) {
			if (text !== footer && text !== "") stream.write(`${printable(text, false)}\n`);
			footer = text;
		},
		close: () => {},
	};
};
