// SPDX-License-Identifier: GPL-2.0-or-later

package hosttest

import (
	"testing"
	"time"
)

// Until tries until it works. Nothing is concluded from how long that takes.
func Until(t testing.TB, what string, try func() error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(Patience); time.Now().Before(deadline); time.Sleep(25 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	t.Fatalf("waited %v for %s: %v", Patience, what, err)
}
