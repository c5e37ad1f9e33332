// SPDX-License-Identifier: GPL-2.0-or-later

package hosttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// Bin returns a folder with the programs. It is $GOVDSM_BIN, or built once for
// the test binary; under the race detector vdsmd is built with it as well.
func Bin(t testing.TB) string {
	t.Helper()
	dir, err := builtOnce()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var builtOnce = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv("GOVDSM_BIN"); dir != "" {
		return filepath.Abs(dir)
	}
	temp, err := binary.temp()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(temp, "bin")
	root := Root()
	for _, program := range []string{"vdsmd", "supervdsmd", "vdsm-client"} {
		args := []string{"build", "-o", filepath.Join(dir, program)}
		env := append(os.Environ(), "GOFLAGS=-tags=libvirt_dlopen -buildvcs=false", "CGO_ENABLED=0")
		if program == "vdsmd" {
			env = append(env, "CGO_ENABLED=1")
			if raceEnabled {
				args = append(args, "-race")
			}
		}
		cmd := exec.Command("go", append(args, "./cmd/"+program)...)
		cmd.Dir, cmd.Env = root, env
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("building %s: %w\n%s", program, err, out)
		}
	}
	return dir, nil
})

// Root returns the top folder of the source tree.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}
