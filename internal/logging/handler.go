// SPDX-License-Identifier: GPL-2.0-or-later

package logging

import (
	"context"
	"log/slog"
	"slices"

	"govdsm/internal/dispatch"
)

// ComponentKey is the attribute that names a component, for code that has a
// logger and no Log: logger.With(logging.ComponentKey, "virt.migration").
const ComponentKey = "component"

// handler is what slog calls.
type handler struct {
	log       *Log
	component string
	prefix    string // of open groups, with its dot
	fields    []field
}

// Enabled implements slog.Handler.
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.log.enabled(ctx, h.component, level)
}

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.fields = slices.Clip(with.fields)
	for _, a := range attrs {
		if a.Key == ComponentKey && h.prefix == "" {
			with.component = a.Value.String()
			continue
		}
		with.fields = appendAttr(with.fields, h.prefix, a)
	}
	return &with
}

// WithGroup implements slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.prefix += key(name) + "."
	return &with
}

// Handle implements slog.Handler. It never fails.
func (h *handler) Handle(ctx context.Context, sr slog.Record) error {
	r := &record{time: sr.Time, level: sr.Level, component: h.component, message: scrub(sr.Message)}
	origin := dispatch.OriginOf(ctx)
	r.fields = appendOrigin(make([]field, 0, 3+len(h.fields)+sr.NumAttrs()), origin)
	r.fields = append(r.fields, h.fields...)
	sr.Attrs(func(a slog.Attr) bool {
		if a.Key == ComponentKey && h.prefix == "" {
			r.component = a.Value.String()
			return true
		}
		r.fields = appendAttr(r.fields, h.prefix, a)
		return true
	})
	// The lines of a call are its history, and whoever debugs wants them all.
	if origin.Verb != "" || r.level < slog.LevelInfo || h.log.repeats.admit(r) {
		h.log.emit(r)
	}
	return nil
}

func appendOrigin(fields []field, o dispatch.Origin) []field {
	if o.FlowID != "" {
		fields = append(fields, field{"flow_id", shorten(o.FlowID)})
	}
	if o.Verb != "" {
		fields = append(fields, field{"verb", o.Verb})
	}
	if o.Peer.IsValid() {
		fields = append(fields, field{"peer", o.Peer.String()})
	}
	return fields
}
