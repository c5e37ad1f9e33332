// SPDX-License-Identifier: GPL-2.0-or-later

// Package logging sets up the log of a daemon: one line per record, readable
// by people and by grep, with the flow of the call it belongs to.
//
//	2026-01-31 10:59:45,761+0000 INFO  [virt] VM is up flow_id=4f2c verb=VM.create peer=[::1]:43006 vm_id=e7b1…
//
// What it promises:
//   - A record is one line, whatever its text contains.
//   - Logging never blocks and never fails the daemon. Lines that cannot be
//     written, because the disk is full or hangs, are counted, and the count is
//     written when the disk is well again.
//   - Passwords are masked: values of type Secret, attributes with a telling
//     name, and what looks like a password in a text.
//   - What repeats is counted, not printed.
//   - The file may be moved away at any time; the next line goes to a new one.
package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"
)

// Sizes for a host without logrotate, where the log rotates itself.
const (
	RotateBytes = 15 << 20
	RotateKeep  = 10
)

// Options say where the log goes. The zero value logs INFO and above to
// standard error.
type Options struct {
	Path     string // file; "" logs to Stderr
	MaxBytes int64  // the file rotates itself at this size; 0 leaves it to logrotate
	Keep     int    // rotated files that are kept
	// NoLinks refuses a symbolic link in place of the file, for root's logs in
	// a folder of somebody else.
	NoLinks bool

	// Stderr is written to when there is no Path. With a Path it gets what is
	// WARN or worse, as well as complaints about the file. nil is os.Stderr,
	// io.Discard turns it off.
	Stderr io.Writer
	// Journal marks lines to Stderr with their priority, for journald, which
	// adds the time itself. See UnderSystemd.
	Journal bool

	JSON  bool       // JSON objects instead of text
	Level slog.Level // of all components whose level nobody sets

	// RepeatWindow is the time within which a repeated record is counted
	// instead of printed; 0 is a minute, a negative one prints everything.
	RepeatWindow time.Duration
}

// UnderSystemd reports whether standard error goes to the journal.
func UnderSystemd() bool { return os.Getenv("JOURNAL_STREAM") != "" }

// Log is the log of a process. Its methods may be called at the same time.
type Log struct {
	Levels

	format  format
	sink    *sink
	repeats *repeats
}

// Open starts the log. The error says that the file cannot be opened; the log
// is usable even then and writes to standard error, so that the caller can
// report it and decide. Close ends it.
func Open(o Options) (*Log, error) {
	if o.Stderr == nil {
		o.Stderr = os.Stderr
	}
	if o.RepeatWindow == 0 {
		o.RepeatWindow = time.Minute
	}
	main, alerts := &target{w: o.Stderr, journal: o.Journal}, (*target)(nil)
	var err error
	if o.Path != "" {
		var f *file
		if f, err = openFile(o); err == nil {
			alerts = main
			main = &target{w: f}
		}
	}
	l := &Log{format: textFormat}
	if o.JSON {
		l.format = jsonFormat
	}
	l.sink = newSink(main, alerts, l.format)
	l.Levels.setDefault(o.Level)
	l.repeats = newRepeats(o.RepeatWindow, l.emit)
	if err != nil {
		return l, fmt.Errorf("log file: %w", err)
	}
	return l, nil
}

// Logger returns the logger of a component: "virt", "rpc.stomp". The level of
// a component counts for those below it, too.
func (l *Log) Logger(component string) *slog.Logger {
	return slog.New(&handler{log: l, component: component})
}

// Lost is the number of lines that could not be written so far.
func (l *Log) Lost() uint64 { return l.sink.lost.Load() }

// Flush waits until what was logged so far is written, or ctx ends.
func (l *Log) Flush(ctx context.Context) error { return l.sink.flush(ctx) }

// Close writes what is waiting, for two seconds at most: a hung disk must not
// keep the daemon from stopping. Records that come later are dropped.
func (l *Log) Close() error {
	l.repeats.close()
	return l.sink.close(2 * time.Second)
}

// emit hands a record to the sink.
func (l *Log) emit(r *record) { l.sink.put(l.format(r), r.level) }
