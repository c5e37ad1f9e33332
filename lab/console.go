// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"bytes"
	"strings"
	"sync"
)

// logLimit bounds each log that is kept of a host, in bytes. What comes first
// is dropped: the end is where the trouble is.
const logLimit = 4 << 20

// record keeps what is written to it, for the artefacts and for messages.
// It may be written to and read at once.
type record struct {
	mu    sync.Mutex
	text  []byte
	total int
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total += len(p)
	if r.text = append(r.text, p...); len(r.text) > 2*logLimit {
		r.text = bytes.Clone(r.text[len(r.text)-logLimit:])
	}
	return len(p), nil
}

// size tells how many bytes were ever written.
func (r *record) size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total
}

// String returns all that is kept.
func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(r.text)
}

// tail returns the last n lines that say something, indented as a quotation.
func (r *record) tail(n int) string {
	var lines []string
	for line := range strings.Lines(r.String()) {
		if line = strings.TrimRight(line, "\r\n "); line != "" {
			lines = append(lines, "  | "+line)
		}
	}
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	if len(lines) == 0 {
		return "  | (nothing)"
	}
	return strings.Join(lines, "\n")
}
