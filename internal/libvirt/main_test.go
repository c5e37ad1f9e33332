// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// loop is the process's event loop, which all tests share.
var loop *Loop

func TestMain(m *testing.M) {
	var err error
	if loop, err = StartLoop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := loop.Close(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
