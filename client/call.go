// SPDX-License-Identifier: GPL-2.0-or-later

package client

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/rpc/stomp"
)

type flowKey struct{}

// WithFlow returns a context whose calls carry a flow id: the host writes it
// into every log line of the call.
func WithFlow(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, flowKey{}, id)
}

// Invoke implements api.Caller; verbs are better called through their own
// Call, which knows the types.
func (h *Host) Invoke(ctx context.Context, verb string, params, result any) error {
	raw, err := h.Request(ctx, verb, params)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, result); err != nil {
		return fmt.Errorf("answer of %s: %w", verb, err)
	}
	return nil
}

// Request calls a verb by name and returns the result as it came. An answer
// that is an error comes back as *api.Error. Params may be nil.
func (h *Host) Request(ctx context.Context, verb string, params any) (json.RawMessage, error) {
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, fmt.Errorf("parameters of %s: %w", verb, err)
	}
	if string(raw) == "null" { // JSON-RPC has objects and lists only
		raw = json.RawMessage("{}")
	}
	l, err := h.current(ctx)
	if err != nil {
		return nil, err
	}
	return l.request(ctx, h.options.RequestQueue, verb, raw)
}

// link is one connection with the calls that wait for an answer on it.
type link struct {
	wire    *stomp.Client
	replies string        // the queue that answers come to
	ended   chan struct{} // closed when nothing will be read any more

	mu      sync.Mutex
	pending map[string]chan<- reply // by request id; each has room for one reply
}

type call struct {
	JSONRPC string          `json:"jsonrpc"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	ID      string          `json:"id"`
}

type reply struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func (l *link) request(ctx context.Context, queue, verb string, params json.RawMessage) (json.RawMessage, error) {
	id := uuid.NewString()
	answer := make(chan reply, 1)
	l.mu.Lock()
	l.pending[id] = answer
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.pending, id)
		l.mu.Unlock()
	}()

	// An array of one, as the original's library sends it.
	body, err := json.Marshal([]call{{"2.0", verb, params, id}})
	if err != nil {
		return nil, err
	}
	headers := []string{stomp.HdrReplyTo, l.replies}
	if flow, ok := ctx.Value(flowKey{}).(string); ok && flow != "" {
		headers = append(headers, stomp.HdrFlowID, flow)
	}
	if err := l.wire.Send(queue, body, headers...); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLost, err)
	}
	select {
	case r := <-answer:
		if r.Error != nil {
			return nil, api.Answer(r.Error.Code, r.Error.Message)
		}
		return r.Result, nil
	case <-l.ended:
		return nil, ErrLost
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// read takes frames until the connection ends: answers go to the calls that
// wait for them, everything else to deliver.
func (l *link) read(deliver func(destination string, message reply)) error {
	defer close(l.ended)
	for {
		f, err := l.wire.Read()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrLost, err)
		}
		if f.Command != stomp.CmdMessage {
			continue // receipts, and errors about frames we do not send
		}
		var r reply
		if json.Unmarshal(f.Body, &r) != nil {
			continue // another client's message on a shared queue
		}
		if destination := f.Get(stomp.HdrDestination); destination != l.replies {
			deliver(destination, r)
			continue
		}
		var id string
		if json.Unmarshal(r.ID, &id) != nil {
			continue
		}
		l.mu.Lock()
		answer := l.pending[id]
		delete(l.pending, id)
		l.mu.Unlock()
		if answer != nil {
			answer <- r
		}
	}
}
