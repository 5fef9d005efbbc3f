import type { KubeObject } from "../schemas/common.ts";
import { viewOf } from "./cluster/view.ts";
import type { Paint } from "./text/paint.ts";
import { rootsOf, treeOf } from "./topology.ts";
import { treeLines } from "./topology-text.ts";

// What `run` shows: the tree of `kubectl prism tree`, of what is at hand. Pure: what prints it decides about place.

/** Objects that nobody owns, and how to come from an owner to what it owns. */
export interface Picture {
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
export const objectsIn = ({ roots, owned }: Picture): KubeObject[] =>
	roots.flatMap((root) => [root, ...objectsIn({ roots: owned(root), owned })]);
