// SPDX-License-Identifier: GPL-2.0-or-later

package hosttest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Log returns vdsmd's log so far.
func (h *Host) Log() string {
	text, err := os.ReadFile(filepath.Join(h.Dir, "log", "vdsm", "vdsm.log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// LogTail returns the last n lines of vdsmd's log.
func (h *Host) LogTail(n int) string {
	lines := strings.SplitAfter(h.Log(), "\n")
	return strings.Join(lines[max(0, len(lines)-n-1):], "")
}

// tailBuffer keeps the end of what is written to it, and the first report of
// the race detector.
type tailBuffer struct {
	mu    sync.Mutex
	text  []byte
	raced []byte
}

const mostKept = 16 << 10

func (b *tailBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	b.text = b.text[max(0, len(b.text)-mostKept):]
	if at := bytes.Index(b.text, []byte("WARNING: DATA RACE")); at >= 0 && len(b.raced) < mostKept {
		b.raced = bytes.Clone(b.text[at:])
	}
	return len(p), nil
}

func (b *tailBuffer) String() string {
	if b == nil {
		return ""
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}

func (b *tailBuffer) race() string {
	if b == nil {
		return ""
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.raced)
}
