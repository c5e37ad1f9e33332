// SPDX-License-Identifier: GPL-2.0-or-later

package guest

import (
	"bytes"
	"compress/gzip"
	"context"
	"debug/elf"
	_ "embed" // the scripts
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"govdsm/internal/cpio"
)

//go:embed init.sh
var initScript []byte

//go:embed agent.sh
var agentScript []byte

// powerButton is run by busybox's acpid under the name of the event.
const powerButton = `#!/bin/busybox sh
echo "guest: power button pressed, good-bye" >/dev/console
exec /bin/busybox poweroff -f
`

// Initramfs returns the guest's file system, for the kernel to unpack.
func Initramfs(ctx context.Context, k Kernel) ([]byte, error) {
	busybox, err := staticBusybox()
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	w := cpio.NewWriter(&buf)
	for _, dir := range []string{"bin", "dev", "etc", "etc/acpi", "etc/acpi/PWRF", "modules", "proc", "sys", "tmp"} {
		if err := w.Dir(dir, 0o755); err != nil {
			return nil, err
		}
	}
	for i, file := range k.Modules {
		content, err := readModule(ctx, file)
		if err != nil {
			return nil, err
		}
		name, _, _ := strings.Cut(filepath.Base(file), ".")
		if err := w.File(fmt.Sprintf("modules/%d-%s.ko", i, name), 0o644, content); err != nil {
			return nil, err
		}
	}
	err = errors.Join(
		w.File("bin/busybox", 0o755, busybox),
		w.Link("bin/sh", "busybox"),
		w.File("etc/acpi/PWRF/00000080", 0o755, []byte(powerButton)),
		w.File("agent", 0o755, agentScript),
		w.File("init", 0o755, initScript),
		w.Close())
	return buf.Bytes(), err
}

// staticBusybox returns the program, which must need no libraries: the guest
// has none.
func staticBusybox() ([]byte, error) {
	for _, name := range []string{"/bin/busybox", "/usr/bin/busybox", "/sbin/busybox", "/usr/sbin/busybox", "/usr/lib/initramfs-tools/bin/busybox"} {
		content, err := os.ReadFile(name)
		if err == nil && isStatic(content) {
			return content, nil
		}
	}
	return nil, errors.New("no static busybox is installed: hack/install-deps run installs it")
}

func isStatic(program []byte) bool {
	f, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return false
	}
	for _, segment := range f.Progs {
		if segment.Type == elf.PT_INTERP {
			return false
		}
	}
	return true
}

// readModule returns a module decompressed: not every kernel does that itself.
func readModule(ctx context.Context, file string) ([]byte, error) {
	switch filepath.Ext(file) {
	case ".ko":
		return os.ReadFile(file)
	case ".gz":
		return gunzip(file)
	case ".xz":
		return run(ctx, "", "xz", "-dc", file)
	case ".zst":
		return run(ctx, "", "zstd", "-dcq", file)
	}
	return nil, fmt.Errorf("%s: unknown compression", file)
}

func gunzip(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return io.ReadAll(z)
}
