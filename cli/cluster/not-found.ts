import { isOurs, type Wanted } from "./kinds.ts";
import type { ClusterView } from "./view.ts";

/** What to say when nobody is of the name: the names that there are often show the slip. */
export const notFound = ({ kind, name }: Wanted, view: ClusterView): string => {
	const what = kind === undefined ? `object of a Prism kind named "${name}"` : `${kind} named "${name}"`;
	const near = view.objects
		.filter((object) => (kind === undefined ? isOurs(object) && object.kind !== "PrismRoster" : object.kind === kind))
		.map((object) => `${object.kind.toLowerCase()}/${object.metadata.name}`)
		.toSorted();
	const there =
		near.length === 0
			? "there is none here"
			: `there is ${near.slice(0, MOST).join(", ")}${near.length > MOST ? ", ..." : ""}`;
	return `no ${what}: ${there} (-n NAMESPACE looks elsewhere)`;
};

const MOST = 8;
