// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"govdsm/internal/libvirt"
)

// loop is libvirt's event loop, of which a process has one.
var loop *libvirt.Loop

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	var err error
	if loop, err = libvirt.StartLoop(); err != nil {
		fail(err)
		return code
	}
	code = m.Run()
	fail(private.stop())
	fail(loop.Close())
	fail(goleak.Find())
	return code
}
