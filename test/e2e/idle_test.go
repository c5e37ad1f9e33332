// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"strings"
	"testing"
	"time"

	"govdsm/test/hosttest"
)

// A host with nothing to do has nothing to say: fewer than 100 lines an hour,
// so at most one in a minute.
func TestIdleHostIsQuiet(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	c := h.Dial(t)
	v := h.Tiny(t)
	hosttest.CreateUp(t, c, v)
	before := h.Log()
	time.Sleep(time.Minute) // the one thing that is about time itself
	said := strings.TrimPrefix(h.Log(), before)
	if lines := strings.Count(said, "\n"); lines > 1 {
		t.Errorf("%d lines in a minute:\n%s", lines, said)
	}
}
