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

	"govdsm/internal/cpio"
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
	var out bytes.Buffer
	w := cpio.NewWriter(&out)
	_ = w.File("init", 0o755, agent) // the first error is what Close returns
	_ = w.Dir("dev", 0o755)
	_ = w.Dir("modules", 0o755)
	for i, file := range modules {
		content, err := readModule(ctx, filepath.Join(k.modules, file))
		if err != nil {
			return nil, err
		}
		_ = w.File(fmt.Sprintf("modules/%02d-%s.ko", i, moduleName(file)), 0o644, content)
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
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
