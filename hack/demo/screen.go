// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"
)

// screen shows progress, line by line, and then a table. On a terminal the
// table is drawn over its last state; elsewhere it is printed when it tells
// something new.
type screen struct {
	out      *os.File
	began    time.Time
	terminal bool
	drawn    int    // lines of the table on the terminal
	last     string // statuses that were printed last
}

func newScreen(out *os.File) *screen {
	_, err := unix.IoctlGetTermios(int(out.Fd()), unix.TCGETS)
	return &screen{out: out, began: time.Now(), terminal: err == nil}
}

// step says what is being done, and when.
func (s *screen) step(format string, args ...any) {
	s.drawn = 0
	fmt.Fprintf(s.out, "%6.1fs  %s\n", time.Since(s.began).Seconds(), fmt.Sprintf(format, args...))
}

// note is a step that takes the table's place, which comes again below it.
func (s *screen) note(format string, args ...any) {
	s.clear()
	s.step(format, args...)
}

func (s *screen) table(rows []row, hints []string) {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nNAME\tSTATUS\tCPU %\tMEMORY %\tUPTIME\tCONSOLE")
	states := ""
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.name, r.status, dash(r.cpu), dash(r.memory), dash(r.uptime), r.console)
		states += r.name + r.status + fmt.Sprint(r.console == "") + "\n"
	}
	_ = w.Flush() // into memory
	if s.terminal || s.last == "" {
		fmt.Fprintln(&text, "\nNext, in another terminal (Ctrl-C here ends all):")
		for _, hint := range hints {
			fmt.Fprintln(&text, "   ", hint)
		}
	}
	if !s.terminal {
		if states != s.last {
			fmt.Fprint(s.out, text.String())
			s.last = states
		}
		return
	}
	s.clear()
	width := s.width()
	for line := range strings.Lines(text.String()) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, " ") { // commands stay whole, to be copied
			line = line[:min(len(line), width)]
		}
		fmt.Fprintln(s.out, line)
		s.drawn += max(1, (len(line)+width-1)/width)
	}
}

// clear removes the table from the terminal.
func (s *screen) clear() {
	if s.terminal && s.drawn > 0 {
		fmt.Fprintf(s.out, "\x1b[%dA\x1b[J", s.drawn)
		s.drawn = 0
	}
}

// width is how many characters fit on a line of the terminal.
func (s *screen) width() int {
	size, err := unix.IoctlGetWinsize(int(s.out.Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 {
		return 80
	}
	return int(size.Col)
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
