// SPDX-License-Identifier: GPL-2.0-or-later

package rpc_test

import "fmt"

// quirk is a step of a capture where we differ from the original on purpose.
type quirk struct {
	capture, note string
	want          []string // what we send instead, one entry for each frame
	reason        string
}

const (
	once     = "the original answers an invalid request twice, and not to its reply-to"
	replyTo  = "the original sends faults without an id to the default queue, not to the reply-to"
	badArgs  = "the original fails in its code and lets the text of the exception out; a fault of arguments has a code of its own"
	batches  = "the original runs larger batches and then sends nothing"
	survives = "the original answers nobody any more after this message"
)

// reply is a MESSAGE for the subscription that most captures have.
func reply(body string) string { return replyFor("replies", "sub-1", body) }

func replyFor(destination, subscription, body string) string {
	return fmt.Sprintf("MESSAGE\ndestination:%s\ncontent-type:application/json\nsubscription:%s\ncontent-length:%d\n\n%s\x00",
		destination, subscription, len(body), body)
}

func failure(code int, message string) string {
	return reply(fmt.Sprintf(`{"jsonrpc": "2.0", "id": null, "error": {"code": %d, "message": %q}}`, code, message))
}

func refusal(message string) string {
	return reply(fmt.Sprintf(`{"jsonrpc": "2.0", "id": "1", "error": {"code": -32602, "message": %q}}`,
		"Invalid method parameter(s): {'reason': '"+message+"'}"))
}

const notJSON = "Invalid JSON was received by the server. An error occurred on the server while parsing the JSON text."

var quirks = []quirk{
	{"methods", "params is a string", []string{failure(-32600,
		"Invalid request: {'request': {'jsonrpc': '2.0', 'method': 'Host.ping2', 'id': '1', 'params': 'x'}, 'reason': 'wrong params type'}")}, once},
	{"methods", "jsonrpc member missing", []string{failure(-32600,
		"Invalid request: {'request': {'method': 'Host.ping2', 'id': '1', 'params': {}}, 'reason': 'Wrong protocol version'}")}, once},
	{"methods", "jsonrpc 1.0", []string{failure(-32600,
		"Invalid request: {'request': {'jsonrpc': '1.0', 'method': 'Host.ping2', 'id': '1', 'params': {}}, 'reason': 'Wrong protocol version'}")}, once},
	{"methods", "method missing", []string{failure(-32600,
		"Invalid request: {'request': {'jsonrpc': '2.0', 'id': '1'}, 'reason': 'missing method header in method'}")}, once},
	{
		"methods", "method is a number",
		[]string{failure(-32600,
			"Invalid request: {'request': {'jsonrpc': '2.0', 'method': 5, 'id': '1', 'params': {}}, 'reason': 'method is not text'}")},
		"the original never answers this",
	},
	{"methods", "not json", []string{failure(-32700, notJSON)}, replyTo},
	{"methods", "empty body", []string{failure(-32700, notJSON)}, replyTo},
	{"methods", "json number", []string{failure(-32603, "Internal JSON-RPC error")}, once},
	{"methods", "json null", []string{failure(-32603, "Internal JSON-RPC error")}, once},
	{"methods", "positional params", []string{refusal("fullStatus must be boolean, not an array")}, badArgs},
	{"methods", "too many positional params", []string{refusal("list index out of range")}, badArgs},
	{"methods", "missing required param", []string{refusal("required parameter vmID is missing")}, badArgs},
	{
		"methods", "wrong type of param",
		[]string{reply(
			`{"jsonrpc": "2.0", "id": "1", "error": {"code": 1, "message": "Virtual machine does not exist: {'vmId': '42'}"}}`)},
		"a number is taken as text, as nothing can be mistaken",
	},
	{
		"methods", "param null",
		[]string{reply(
			`{"jsonrpc": "2.0", "id": "1", "error": {"code": 1, "message": "Virtual machine does not exist: {'vmId': ''}"}}`)},
		"parameters are typed: an explicit null is the empty text",
	},

	{"batch", "two calls: both run, no reply is sent", []string{reply(
		`[{"jsonrpc": "2.0", "id": "a", "result": true}, {"jsonrpc": "2.0", "id": "b", "result": []}]`)}, batches},
	{"batch", "call and fault", []string{reply(`[{"jsonrpc": "2.0", "id": "a", "result": true}, ` +
		`{"jsonrpc": "2.0", "id": "b", "error": {"code": -32601, "message": "The method does not exist or is not available: {'method': 'Host.nope'}"}}, ` +
		`{"jsonrpc": "2.0", "id": null, "error": {"code": -32600, "message": "Invalid request: {'request': {'jsonrpc': '1.0'}, 'reason': 'Wrong protocol version'}"}}]`)}, batches},
	{
		"batch", "same id twice: only the first to finish is answered",
		[]string{reply(
			`[{"jsonrpc": "2.0", "id": "a", "result": true}, {"jsonrpc": "2.0", "id": "a", "result": true}]`)},
		"the original takes equal ids for one call",
	},

	{"outage-notification", "after, same connection", []string{
		replyFor("replies", "s1", `{"jsonrpc": "2.0", "id": "after", "result": true}`),
	}, survives},
	{"outage-notification", "after, second connection", []string{
		"CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\x00",
	}, survives},
	{"outage-notification", "", []string{
		replyFor("replies2", "s1", `{"jsonrpc": "2.0", "id": "after2", "result": true}`),
	}, survives},
	{"outage-batch-of-faults", "the offending message", []string{
		replyFor("replies", "s1", `[{"jsonrpc": "2.0", "id": null, "error": {"code": -32600, "message": "Invalid request: {'request': {'jsonrpc': '1.0', 'id': '1'}, 'reason': 'Wrong protocol version'}"}}, `+
			`{"jsonrpc": "2.0", "id": null, "error": {"code": -32600, "message": "Invalid request: {'request': {'jsonrpc': '1.0', 'id': '2'}, 'reason': 'Wrong protocol version'}"}}]`),
	}, batches},
	{"outage-batch-of-faults", "after, same connection", []string{
		replyFor("replies", "s1", `{"jsonrpc": "2.0", "id": "after", "result": true}`),
	}, survives},
	{"outage-batch-of-faults", "", []string{
		replyFor("replies2", "s1", `{"jsonrpc": "2.0", "id": "after2", "result": true}`),
	}, survives},

	{
		"stomp-short", "",
		[]string{"ERROR\ncontent-length:19\n\nVersion unsupported\x00"},
		"the original waits for eleven bytes before it looks; four are enough",
	},
	{
		"stomp-http-get", "",
		[]string{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
		"a browser that asks for no image gets the page of this host",
	},
}

// applyQuirks replaces what the original sent by what we send. Steps without a
// note are told apart by having sent nothing in the capture: theirs is the
// last such step.
func applyQuirks(steps []step, name string) {
	for _, q := range quirks {
		if q.capture != name {
			continue
		}
		for i := len(steps) - 1; i >= 0; i-- {
			if steps[i].note == q.note {
				steps[i].want = nil
				for _, w := range q.want {
					steps[i].want = append(steps[i].want, record{Dir: "s2c", Data: w})
				}
				break
			}
		}
	}
}
