// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"govdsm/internal/sandbox"
)

// TestMain lets the test binary stand in for other programs: for supervdsmd
// when it is called by that name, and for a vdsmd that is killed when
// GOVDSM_TEST_OWNER names a folder.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "supervdsmd" {
		standInSupervdsmd(os.Args[1:])
	}
	if dir := os.Getenv("GOVDSM_TEST_OWNER"); dir != "" {
		standInVdsmd(dir)
	}
	os.Exit(m.Run())
}

func standInSupervdsmd(args []string) {
	for i, arg := range args {
		if arg != "--socket" {
			continue
		}
		l, err := net.Listen("unix", args[i+1])
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		for {
			conn, err := l.Accept()
			if err != nil {
				os.Exit(1)
			}
			conn.Close()
		}
	}
	fmt.Println("no --socket in", args)
	os.Exit(1)
}

// standInVdsmd starts a sandbox, says its URI, and ends with its input, in
// good order: to be killed is to be killed.
func standInVdsmd(dir string) {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	s, err := sandbox.Start(context.Background(), sandbox.Options{
		Dir: dir, BinDir: os.Getenv("GOVDSM_TEST_BIN"), Log: log,
	})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("ready", s.Libvirt.URI)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := s.Stop(context.Background()); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	os.Exit(0)
}
