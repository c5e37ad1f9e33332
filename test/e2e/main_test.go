// SPDX-License-Identifier: GPL-2.0-or-later

// Package e2e checks the whole: the real programs on a real libvirt with real
// VMs, seen from where managers and operators see them.
package e2e

import (
	"os"
	"testing"

	"govdsm/test/hosttest"
)

func TestMain(m *testing.M) { os.Exit(hosttest.Main(m)) }
