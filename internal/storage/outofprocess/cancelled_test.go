// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"context"
	"errors"
	"testing"
	"time"
)

// Callers that have gone before their call was sent leave nothing behind: no
// slot, and no request that the helper is waited for and never got.
func TestCallersThatHaveGone(t *testing.T) {
	p := New(Options{Timeout: time.Hour})
	defer p.Close()
	d := p.Dir(t.TempDir())
	_, err := d.Stat(t.Context(), ".")
	must(t, err)
	for n := range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		if n%2 == 0 {
			cancel()
		} else {
			go cancel()
		}
		if _, err := d.Stat(ctx, "."); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	helpers, err := p.domain(d.key)
	must(t, err)
	eventually(t, "no call is under way", func() bool {
		helpers.mu.Lock()
		defer helpers.mu.Unlock()
		return helpers.current != nil && helpers.current.outstanding == 0 && len(helpers.queue) == 0
	})
}
