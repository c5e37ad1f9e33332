// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// bootModules are what a host needs before it has a root file system, plus the
// drivers of its fixed devices. All else is loaded by modprobe, or by the
// kernel itself, from the kernel's folder.
var bootModules = []string{
	"virtio_pci", "virtio_console", "virtio_net", "virtio_blk", "9pnet_virtio", "9p", "overlay",
}

// initramfs returns the archive that the kernel unpacks as its first root: the
// agent as /init and the boot modules, numbered in the order of loading.
func initramfs(ctx context.Context, k kernel) ([]byte, error) {
	agent, err := buildAgent(ctx)
	if err != nil {
		return nil, err
	}
	modules, err := moduleOrder(k, bootModules)
	if err != nil {
		return nil, err
	}
	var a archive
	a.add("init", 0o100755, agent)
	a.add("dev", 0o040755, nil)
	a.add("modules", 0o040755, nil)
	for i, file := range modules {
		content, err := readModule(ctx, filepath.Join(k.modules, file))
		if err != nil {
			return nil, err
		}
		a.add(fmt.Sprintf("modules/%02d-%s.ko", i, moduleName(file)), 0o100644, content)
	}
	return a.bytes(), nil
}

// buildAgent compiles the agent; when nothing has changed this is the go
// command looking into its cache.
func buildAgent(ctx context.Context) ([]byte, error) {
	dir, err := os.MkdirTemp("", "lab-agent-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "agent")
	cmd := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", file, "govdsm/lab/internal/agent")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("lab: build the agent: %w\n%s", err, out)
	}
	return os.ReadFile(file)
}

// moduleOrder lists the files of the modules and of all they depend on, each
// after what it depends on. Modules that are built into the kernel are left
// out.
func moduleOrder(k kernel, names []string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(k.modules, "modules.dep"))
	if err != nil {
		return nil, err
	}
	builtin, err := os.ReadFile(filepath.Join(k.modules, "modules.builtin"))
	if err != nil {
		return nil, err
	}
	needs := map[string][]string{} // name -> its file, then the files it needs, the first needed last
	for line := range strings.Lines(string(text)) {
		file, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		needs[moduleName(file)] = append([]string{file}, strings.Fields(rest)...)
	}
	var order []string
	for _, name := range names {
		files := needs[moduleName(name)]
		if files == nil && !strings.Contains(string(builtin), "/"+name+".ko") {
			return nil, fmt.Errorf("lab: kernel %s has no module %s", k.release(), name)
		}
		for _, file := range slices.Backward(files) {
			if !slices.Contains(order, file) {
				order = append(order, file)
			}
		}
	}
	return order, nil
}

// moduleName is the kernel's own name of the module in a file.
func moduleName(file string) string {
	name, _, _ := strings.Cut(path.Base(file), ".")
	return strings.ReplaceAll(name, "-", "_")
}

// readModule returns a module as the kernel takes it, decompressed.
func readModule(ctx context.Context, file string) ([]byte, error) {
	unpack := map[string]string{".xz": "xz", ".zst": "zstd", ".gz": "gzip"}[filepath.Ext(file)]
	if unpack == "" {
		return os.ReadFile(file)
	}
	out, err := output(ctx, "", unpack, "-dc", file)
	return []byte(out), err
}

// archive is a cpio archive in the "newc" format, which is what the kernel
// unpacks (Documentation/driver-api/early-userspace/buffer-format.rst).
type archive struct {
	buf   bytes.Buffer
	inode int
}

func (a *archive) add(name string, mode int, content []byte) {
	a.inode++
	fmt.Fprintf(&a.buf, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		a.inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, 0)
	a.buf.WriteString(name + "\x00")
	a.align()
	a.buf.Write(content)
	a.align()
}

func (a *archive) align() {
	for a.buf.Len()%4 != 0 {
		a.buf.WriteByte(0)
	}
}

func (a *archive) bytes() []byte {
	a.add("TRAILER!!!", 0, nil)
	return a.buf.Bytes()
}
