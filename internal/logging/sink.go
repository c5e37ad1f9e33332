// SPDX-License-Identifier: GPL-2.0-or-later

package logging

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// waiting is how many lines may wait for a slow disk; more are lost.
const waiting = 4096

// sink is the one goroutine that writes, so that a disk that hangs blocks it
// and nobody else.
type sink struct {
	main, alerts *target // alerts may be nil
	format       format

	lines   chan entry
	stop    chan struct{}
	done    chan struct{}
	stopped sync.Once
	lost    atomic.Uint64 // lines that were not written, ever

	reported uint64 // of lost; used by run only
	failing  bool   // the last write to main failed; used by run only
}

type entry struct {
	line    line
	level   slog.Level
	flushed chan<- struct{} // not a line: told when all before it are written
}

func newSink(main, alerts *target, f format) *sink {
	s := &sink{
		main: main, alerts: alerts, format: f,
		lines: make(chan entry, waiting),
		stop:  make(chan struct{}),
		done:  make(chan struct{}),
	}
	go s.run()
	return s
}

// put hands a line over without waiting.
func (s *sink) put(l line, level slog.Level) {
	select {
	case <-s.stop:
		return
	default:
	}
	select {
	case s.lines <- entry{line: l, level: level}:
	default:
		s.lost.Add(1)
	}
}

func (s *sink) flush(ctx context.Context) error {
	flushed := make(chan struct{})
	select {
	case s.lines <- entry{flushed: flushed}:
	case <-s.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-flushed:
		return nil
	case <-s.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close lets run write what is waiting and ends it.
func (s *sink) close(patience time.Duration) error {
	s.stopped.Do(func() { close(s.stop) })
	select {
	case <-s.done:
		return s.main.close()
	case <-time.After(patience):
		return errors.New("log: what is waiting cannot be written in time")
	}
}

func (s *sink) run() {
	defer close(s.done)
	for {
		select {
		case e := <-s.lines:
			s.write(e)
		case <-s.stop:
			for {
				select {
				case e := <-s.lines:
					s.write(e)
				default:
					return
				}
			}
		}
	}
}

func (s *sink) write(e entry) {
	if e.flushed != nil {
		close(e.flushed)
		return
	}
	if s.alerts != nil && e.level >= slog.LevelWarn {
		_ = s.alerts.write(e.line, e.level) // nowhere left to complain
	}
	if lost := s.lost.Load(); lost > s.reported {
		notice := s.notice("log lines were lost", field{"lines", lost - s.reported})
		if s.main.write(notice, slog.LevelWarn) == nil {
			s.reported = lost
		}
	}
	err := s.main.write(e.line, e.level)
	if err != nil {
		s.lost.Add(1)
		if !s.failing && s.alerts != nil {
			_ = s.alerts.write(s.notice("the log cannot be written", field{"err", err.Error()}), slog.LevelWarn)
		}
	}
	s.failing = err != nil
}

// notice is a line about the log itself.
func (s *sink) notice(text string, fields ...field) line {
	return s.format(&record{
		time: time.Now(), level: slog.LevelWarn, component: "log", message: text, fields: fields,
	})
}

// target is a writer with what belongs to writing lines.
type target struct {
	w       io.Writer
	journal bool
	torn    bool // the last write stopped within a line
}

func (t *target) write(l line, level slog.Level) error {
	var b []byte
	if t.torn {
		b = append(b, '\n')
	}
	if t.journal {
		b = append(b, priority(level)...)
	} else {
		b = append(b, l.head...)
	}
	b = append(b, l.body...)
	n, err := t.w.Write(b)
	if err != nil && n > 0 {
		t.torn = n < len(b) && !(t.torn && n == 1)
	} else if err == nil {
		t.torn = false
	}
	return err
}

func (t *target) close() error {
	if c, ok := t.w.(*file); ok {
		return c.Close()
	}
	return nil
}

// priority is the prefix that journald reads; see sd-daemon(3).
func priority(l slog.Level) string {
	switch {
	case l < slog.LevelInfo:
		return "<7>"
	case l < slog.LevelWarn:
		return "<6>"
	case l < slog.LevelError:
		return "<4>"
	case l < LevelCritical:
		return "<3>"
	}
	return "<2>"
}
