// SPDX-License-Identifier: GPL-2.0-or-later

package hosttest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// testBinary is what all tests of the binary share; Main ends it.
type testBinary struct {
	temp func() (string, error) // a folder that lives as long as the binary

	mu   sync.Mutex
	host *Host // see Shared
	err  error // why there is no host
}

var binary = testBinary{
	temp: sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "govdsm-test-") }),
}

// Main runs the tests and then ends what they shared. It returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	if err := binary.end(code != 0); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func (b *testBinary) end(tell bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var err error
	if b.host != nil {
		if tell {
			fmt.Fprintln(os.Stderr, "the shared host:", b.host.Story())
		}
		err = b.host.end()
	}
	if dir, tempErr := b.temp(); tempErr == nil {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

// Shared returns the one host, with TLS, of all tests of the binary that
// neither break it nor change its settings. VMs on it belong to the test that
// creates them.
func Shared(t testing.TB) *Host {
	t.Helper()
	bin := Bin(t)
	b := &binary
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.host == nil && b.err == nil {
		var dir string
		if dir, b.err = b.temp(); b.err == nil {
			b.host = &Host{Dir: filepath.Join(dir, "shared"), bin: bin}
			b.err = errors.Join(b.host.prepare(), b.host.run())
		}
	}
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b.host
}
