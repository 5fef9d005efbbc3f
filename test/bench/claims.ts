import type { NamespaceWorld } from "../hooks/namespace-world.ts";
import { unseen } from "../hooks/prismnamespace-situation.ts";
import { inTurns } from "./measure.ts";
import type { Part } from "./part.ts";
import { figure, mib, table } from "./table.ts";

// What a claim costs where a control plane can't be read back: one ConfigMap for each PrismNamespace, and the hook's own time, beside
// the same namespaces on a control plane that can be read back and needs no claims.

const COUNT = Number(process.env["CLAIMS"] ?? 10_000);
const TURNS_MS = 10_000;

const settledTenants = (isReal: boolean): readonly NamespaceWorld[] =>
	Array.from({ length: COUNT }, (_, index) => {
		const name = `tenant-${String(index).padStart(6, "0")}`;
		const uid = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
		const world = unseen({ namespaceId: `${name}-prod`, quotas: { maxKeys: 10 } }, {}, { metadata: { name, uid } });
		if (!isReal) world.admin.trouble = undefined;
		world.settle();
		return world;
	});

/** Syncs the next one, in an order that no cache of the processor likes. */
const syncing = (worlds: readonly NamespaceWorld[]) => {
	let next = 0;
	return () => {
		worlds[(next * 7919) % worlds.length]?.sync();
		next += 1;
	};
};

interface Found {
	readonly title: string;
	readonly worlds: readonly NamespaceWorld[];
	readonly us: number;
}

const claimsOf = ({ worlds }: Found) => worlds.flatMap(({ last }) => last?.attachments ?? []);
const bytesOf = (found: Found): number =>
	claimsOf(found).reduce((sum, claim) => sum + Buffer.byteLength(JSON.stringify(claim)), 0);

export const claims: Part = {
	name: "claims",
	run: async (progress) => {
		progress(`${COUNT.toLocaleString("en-US")} namespaces on a control plane, twice`);
		const [real, strict] = [settledTenants(true), settledTenants(false)];
		const [withClaim = Number.NaN, without = Number.NaN] = inTurns([syncing(real), syncing(strict)], TURNS_MS);
		const found: readonly Found[] = [
			{ title: "can't be read back", worlds: real, us: withClaim },
			{ title: "can be read back", worlds: strict, us: without },
		];
		const names = (each: Found) => new Set(claimsOf(each).map(({ metadata }) => metadata.name)).size;
		return table<Found>(
			[
				{ title: "control plane", of: ({ title }) => title },
				{ title: "namespaces", of: ({ worlds }) => worlds.length.toLocaleString("en-US"), right: true },
				{ title: "claims", of: (each) => claimsOf(each).length.toLocaleString("en-US"), right: true },
				{ title: "names of them", of: (each) => names(each).toLocaleString("en-US"), right: true },
				{
					title: "bytes of a claim",
					of: (each) => figure(bytesOf(each) / Math.max(1, claimsOf(each).length)),
					right: true,
				},
				{ title: "MiB of all", of: (each) => mib(bytesOf(each)), right: true },
				{ title: "hook µs/sync", of: ({ us }) => figure(us), right: true },
			],
			found,
		);
	},
};
