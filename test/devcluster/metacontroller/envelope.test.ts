import { describe, expect, it } from "vitest";
import {
	CompositeAnswer,
	CustomizeAnswer,
	DecoratorAnswer,
	readEnvelope,
} from "../../../devcluster/metacontroller/envelope.ts";

describe("what a hook may answer", () => {
	it.each([
		{ reason: "all may be left out", text: "{}" },
		{ reason: "a null is the same as nothing", text: '{"status":null,"children":null,"finalized":null}' },
		{ reason: "no answer at all is an empty one", text: "null" },
		{ reason: "an object's own fields are its own matter", text: '{"children":[{"kind":"X","a":1,"a":2,"b":{}}]}' },
		{ reason: "fractions of a second count", text: '{"resyncAfterSeconds":1.5}' },
		{ reason: "the same key in two objects is not twice", text: '{"status":{"a":{"x":1},"b":[{"x":1},{"x":1}]}}' },
		{ reason: "a string may look like JSON", text: String.raw`{"status":{"a":"{\"a\":1,\"a\":2}","b":"\\"}}` },
	])("accepts: $reason", ({ text }) => {
		expect(() => readEnvelope(text, CompositeAnswer, true)).not.toThrow();
	});

	it.each([
		['{"x":1}', 'unknown field "x"'],
		['{"Status":{}}', 'unknown field "Status"'],
		['{"attachments":[]}', 'unknown field "attachments"'],
		['{"children":[],"children":[]}', 'duplicate field "children"'],
		['{"status":{"a":1,"a":2}}', 'duplicate field "status.a"'],
		['{"status":{"l":[{},{"a":1,"a":2}]}}', 'duplicate field "status.l[1].a"'],
	])("refuses %s only when it is strict", (text, message) => {
		expect(() => readEnvelope(text, CompositeAnswer, true)).toThrow(message);
		expect(() => readEnvelope(text, CompositeAnswer, false)).not.toThrow();
	});

	it.each([
		["", "JSON"],
		["[]", "the answer: Expected object"],
		['{"finalized":"yes"}', "finalized: Expected boolean"],
		['{"status":[]}', "status: Expected object"],
		['{"children":[{}]}', "children[0].kind"],
		['{"children":[null]}', "children[0]: Expected object"],
	])("refuses %s however loose it is", (text, message) => {
		expect(() => readEnvelope(text, CompositeAnswer, false)).toThrow(message);
	});

	it("lets a decorator take labels away by null", () => {
		const text = '{"labels":{"a":"1","b":null},"annotations":null,"attachments":[]}';
		expect(readEnvelope(text, DecoratorAnswer, true)).toEqual({ labels: { a: "1", b: null }, attachments: [] });
		expect(() => readEnvelope('{"labels":{"a":1}}', DecoratorAnswer, true)).toThrow("labels.a");
	});

	it("reads related rules as strictly, and null as nothing", () => {
		const rule = '{"apiVersion":"v1","resource":"configmaps","names":null,"labelSelector":null}';
		expect(readEnvelope(`{"relatedResources":[${rule}]}`, CustomizeAnswer, true)).toEqual({
			relatedResources: [{ apiVersion: "v1", resource: "configmaps" }],
		});
		expect(() =>
			readEnvelope('{"relatedResources":[{"apiVersion":"v1","resource":"x","foo":1}]}', CustomizeAnswer, true),
		).toThrow('unknown field "relatedResources[0].foo"');
	});
});
