// SPDX-License-Identifier: GPL-2.0-or-later

package stomp

import (
	"strconv"
	"strings"
)

// Commands of the frames that VDSM and its clients exchange.
const (
	CmdConnect     = "CONNECT"
	CmdConnected   = "CONNECTED"
	CmdSend        = "SEND"
	CmdSubscribe   = "SUBSCRIBE"
	CmdUnsubscribe = "UNSUBSCRIBE"
	CmdDisconnect  = "DISCONNECT"
	CmdMessage     = "MESSAGE"
	CmdReceipt     = "RECEIPT"
	CmdError       = "ERROR"
)

// Names of headers. FlowID is VDSM's own: the client's correlation id, which
// appears in every log line of the call.
const (
	HdrAcceptVersion = "accept-version"
	HdrAck           = "ack"
	HdrContentLength = "content-length"
	HdrContentType   = "content-type"
	HdrDestination   = "destination"
	HdrHeartBeat     = "heart-beat"
	HdrHost          = "host"
	HdrID            = "id"
	HdrReceipt       = "receipt"
	HdrReceiptID     = "receipt-id"
	HdrReplyTo       = "reply-to"
	HdrSubscription  = "subscription"
	HdrVersion       = "version"
	HdrFlowID        = "ovirtCorrelationId"
)

// JSON is the content type of requests, replies and events.
const JSON = "application/json"

// Header is one line of a frame's header block, unescaped.
type Header struct{ Key, Value string }

// Frame is a STOMP frame. Headers keep their order; a Frame that was read has
// each key once, with the first of the values that were sent.
type Frame struct {
	Command string
	Headers []Header
	Body    []byte
}

// New returns a frame with headers given as pairs of key and value. It exists
// for short literal frames; an odd last argument is ignored.
func New(command string, pairs ...string) *Frame {
	f := &Frame{Command: command, Headers: make([]Header, 0, len(pairs)/2)}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

// Add appends a header.
func (f *Frame) Add(key, value string) { f.Headers = append(f.Headers, Header{key, value}) }

// Lookup returns the first value of a header and whether there is one.
func (f *Frame) Lookup(key string) (string, bool) {
	for i := range f.Headers {
		if f.Headers[i].Key == key {
			return f.Headers[i].Value, true
		}
	}
	return "", false
}

// Get returns the first value of a header, or "".
func (f *Frame) Get(key string) string {
	v, _ := f.Lookup(key)
	return v
}

// Append appends the wire form of the frame to b. A frame with a body carries
// content-length: where the frame has that header already its value is replaced
// by the true one, otherwise it becomes the last header.
func Append(b []byte, f *Frame) []byte {
	b = append(b, f.Command...)
	b = append(b, '\n')
	announced := false
	for _, h := range f.Headers {
		if h.Key == HdrContentLength {
			if !announced {
				b = appendLength(b, len(f.Body))
			}
			announced = true
			continue
		}
		b = AppendHeader(b, h.Key, h.Value)
	}
	if len(f.Body) > 0 && !announced {
		b = appendLength(b, len(f.Body))
	}
	b = append(b, '\n')
	b = append(b, f.Body...)
	return append(b, 0)
}

// AppendHeader appends one header line, escaped.
func AppendHeader(b []byte, key, value string) []byte {
	b = appendEscaped(b, key)
	b = append(b, ':')
	b = appendEscaped(b, value)
	return append(b, '\n')
}

func appendLength(b []byte, n int) []byte {
	b = append(b, HdrContentLength+":"...)
	b = strconv.AppendInt(b, int64(n), 10)
	return append(b, '\n')
}

func appendEscaped(b []byte, s string) []byte {
	if !strings.ContainsAny(s, "\\\r\n:") {
		return append(b, s...)
	}
	for i := range len(s) {
		switch c := s[i]; c {
		case '\\':
			b = append(b, `\\`...)
		case '\r':
			b = append(b, `\r`...)
		case '\n':
			b = append(b, `\n`...)
		case ':':
			b = append(b, `\c`...)
		default:
			b = append(b, c)
		}
	}
	return b
}
