// SPDX-License-Identifier: GPL-2.0-or-later

package logging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"govdsm/internal/dispatch"
)

// LevelCritical is above ERROR: the daemon or a VM cannot go on.
const LevelCritical = slog.LevelError + 4

// ErrUnknownLevel says that a text names no level.
var ErrUnknownLevel = errors.New("unknown log level")

// ParseLevel knows the names of the original (Python's logging): DEBUG, INFO,
// WARNING or WARN, ERROR, CRITICAL or FATAL, in any case.
func ParseLevel(name string) (slog.Level, error) {
	switch strings.ToUpper(name) {
	case "DEBUG":
		return slog.LevelDebug, nil
	case "INFO":
		return slog.LevelInfo, nil
	case "WARNING", "WARN":
		return slog.LevelWarn, nil
	case "ERROR":
		return slog.LevelError, nil
	case "CRITICAL", "FATAL":
		return LevelCritical, nil
	}
	return 0, fmt.Errorf("%w: %q", ErrUnknownLevel, name)
}

// levelName has five letters at most, so that the lines' columns stand.
func levelName(l slog.Level) string {
	switch {
	case l < slog.LevelInfo:
		return "DEBUG"
	case l < slog.LevelWarn:
		return "INFO"
	case l < slog.LevelError:
		return "WARN"
	case l < LevelCritical:
		return "ERROR"
	}
	return "CRIT"
}

// Levels decide what is logged. They change while the daemon runs.
type Levels struct {
	mu  sync.Mutex // serialises changes; readers take now as it is
	now atomic.Pointer[levels]
}

// levels is one state and never changes.
type levels struct {
	fallback   slog.Level
	components map[string]setting
	flows      map[string]time.Time // flow id to the end of its debugging
}

type setting struct {
	level slog.Level
	until time.Time // zero: for good
}

func (s setting) ended(now time.Time) bool { return !s.until.IsZero() && now.After(s.until) }

// longestDebug is when debugging that somebody forgot ends.
const longestDebug = 24 * time.Hour

// SetLevel sets the level of a component and those below it ("virt" is above
// "virt.migration"), or with component "" that of all others. It lasts until
// the daemon stops.
func (l *Levels) SetLevel(component string, level slog.Level) {
	l.change(func(s *levels) {
		if component == "" {
			s.fallback = level
			return
		}
		s.components[component] = setting{level: level}
	})
}

// DebugComponent logs everything of a component for a while; afterwards its
// level is that of the others again.
func (l *Levels) DebugComponent(component string, d time.Duration) {
	until := time.Now().Add(min(d, longestDebug))
	l.change(func(s *levels) { s.components[component] = setting{slog.LevelDebug, until} })
}

// DebugFlow logs everything that belongs to a flow id for a while.
func (l *Levels) DebugFlow(flowID string, d time.Duration) {
	until := time.Now().Add(min(d, longestDebug))
	l.change(func(s *levels) { s.flows[flowID] = until })
}

func (l *Levels) setDefault(level slog.Level) { l.SetLevel("", level) }

// change replaces the state; settings that have ended go.
func (l *Levels) change(f func(*levels)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := &levels{components: make(map[string]setting), flows: make(map[string]time.Time)}
	now := time.Now()
	if old := l.now.Load(); old != nil {
		next.fallback = old.fallback
		maps.Copy(next.components, old.components)
		maps.Copy(next.flows, old.flows)
		maps.DeleteFunc(next.components, func(_ string, s setting) bool { return s.ended(now) })
		maps.DeleteFunc(next.flows, func(_ string, until time.Time) bool { return now.After(until) })
	}
	f(next)
	l.now.Store(next)
}

func (l *Levels) enabled(ctx context.Context, component string, level slog.Level) bool {
	s := l.now.Load()
	if len(s.flows) > 0 {
		if until, ok := s.flows[dispatch.OriginOf(ctx).FlowID]; ok && time.Now().Before(until) {
			return true
		}
	}
	if len(s.components) == 0 {
		return level >= s.fallback
	}
	return level >= s.of(component)
}

// of finds the setting of the component or the nearest one above it.
func (s *levels) of(component string) slog.Level {
	for component != "" {
		if set, ok := s.components[component]; ok && !set.ended(time.Now()) {
			return set.level
		}
		component = component[:max(0, strings.LastIndexByte(component, '.'))]
	}
	return s.fallback
}
