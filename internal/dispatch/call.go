// SPDX-License-Identifier: GPL-2.0-or-later

package dispatch

import (
	"context"
	"net/netip"
)

// Origin says where a call comes from. It travels in the context of the call
// and of all it starts, so that every log line can name the flow.
type Origin struct {
	Verb   string         // "VM.create"
	FlowID string         // the client's ovirtCorrelationId; "" when it sent none
	Peer   netip.AddrPort // the client; zero for calls from inside the daemon
	Local  netip.AddrPort // our end of the client's connection
}

type originKey struct{}

// WithOrigin returns a context that carries o.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf returns what WithOrigin put into ctx, or the zero Origin.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}
