import { bytes, deep, duplicate, large, noRequest, otherHook, sound, tree } from "./bodies.ts";
import {
	aborted,
	brokenChunks,
	garbage,
	inChunks,
	pipelined,
	probes,
	slow,
	tooSlow,
	truncated,
} from "./connections.ts";
import { contentType, headers, method, query, rightContentType, target, token } from "./heads.ts";
import type { Case, Make } from "./message.ts";
import type { Random } from "./random.ts";
import type { Good } from "./requests.ts";

// How often what is sent.

const MAKES: readonly (readonly [weight: number, make: Make])[] = [
	[200, sound],
	[330, tree],
	[40, otherHook],
	[60, duplicate],
	[130, bytes],
	[20, noRequest],
	[8, deep],
	[1, large],
	[25, method],
	[25, target],
	[10, query],
	[40, token],
	[20, contentType],
	[10, rightContentType],
	[30, headers],
	[10, pipelined],
	[15, inChunks],
	[8, brokenChunks],
	[10, truncated],
	[10, aborted],
	[4, slow],
	[2, tooSlow],
	[4, garbage],
	[4, probes],
];

export const caseOf = (random: Random, pool: readonly Good[]): Case =>
	random.weighted(MAKES)(random.of(pool), random, pool);
