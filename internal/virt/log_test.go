// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"log/slog"
	"testing"
)

// logTo writes the pillar's log into the test's.
func logTo(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
}
