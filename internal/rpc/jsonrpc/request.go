// SPDX-License-Identifier: GPL-2.0-or-later

package jsonrpc

import (
	"encoding/json"

	"govdsm/api"
)

// maxBatch is how many requests one array may hold. The executor takes fewer
// than a hundred; this leaves room for cheap ones.
const maxBatch = 1000

// maxVerb is the longest name of a method, far above that of any verb. Of a
// longer one the rest is not looked up, logged or repeated to the client.
const maxVerb = 256

// request is one member of what a client sent, or the fault it has. The slices
// point into the client's message.
type request struct {
	method string
	params json.RawMessage
	id     json.RawMessage // nil for a notification
	fault  error           // a request that cannot be carried out; answered with id null
}

// wantsReply reports whether the request is to be answered. Faults always are,
// as whether they had an id is not to be trusted.
func (r *request) wantsReply() bool { return r.id != nil || r.fault != nil }

// split returns the requests that a message consists of, as JSON; one that is
// no array is a single request. A message that as a whole is at fault gives
// that fault.
func split(body []byte) (requests []json.RawMessage, fault error) {
	c := cursor{b: body}
	if !c.open('[') {
		return nil, nil
	}
	for c.more() {
		if len(requests) == maxBatch {
			return nil, invalid(body, "request batch is too large")
		}
		requests = append(requests, c.value())
	}
	if len(requests) == 0 {
		return nil, invalid(body, "request batch is empty")
	}
	return requests, nil
}

// parse reads one request, which is valid JSON. Of repeated members the last counts, as in
// Python; names of members are compared exactly.
func (r *request) parse(raw []byte) {
	c := cursor{b: raw}
	if !c.open('{') {
		r.fault = api.ErrJsonRpcInternal
		return
	}
	var version, method []byte
	for c.more() {
		key, value := c.member()
		switch string(key) {
		case `"jsonrpc"`:
			version = value
		case `"method"`:
			method = value
		case `"params"`:
			r.params = value
		case `"id"`:
			r.id = value
		}
	}
	if string(r.id) == "null" {
		r.id = nil
	}
	var isText bool
	switch {
	case string(version) != `"2.0"`:
		r.fault = invalid(raw, "Wrong protocol version")
	case method == nil:
		r.fault = invalid(raw, "missing method header in method")
	case r.params != nil && r.params[0] != '{' && r.params[0] != '[':
		r.fault = invalid(raw, "wrong params type")
	default:
		if r.method, isText = text(method); !isText {
			r.fault = invalid(raw, "method is not text")
		}
		r.method = r.method[:min(len(r.method), maxVerb)]
	}
}

func invalid(raw []byte, reason string) error {
	return api.ErrJsonRpcInvalidRequest.With("request", asPython(raw), "reason", reason)
}
