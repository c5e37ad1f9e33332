// SPDX-License-Identifier: GPL-2.0-or-later

package guest

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"govdsm/internal/kvm"
)

// fetchLimit ends a download that does not come.
const fetchLimit = 10 * time.Minute

// fetch gets the distribution's kernel package and puts what a guest needs of
// it into dir, all or nothing.
func (s Source) fetch(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	work, err := os.MkdirTemp(filepath.Dir(dir), "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	kernels := filepath.Join(work, "kernel")
	switch {
	case has("apt-get"):
		err = s.fetchDeb(ctx, work, kernels)
	case has("dnf"):
		err = s.fetchRPM(ctx, work, kernels)
	default:
		err = errors.New("neither apt-get nor dnf is there to download one")
	}
	if err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(kernels, dir)
}

// fetchDeb takes the kernel that is made for virtual machines: a third of the
// size of the ordinary one. It is that of a metapackage, under Debian's name
// or Ubuntu's.
func (s Source) fetchDeb(ctx context.Context, work, to string) error {
	var failures []error
	for _, meta := range []string{"linux-image-cloud-" + runtime.GOARCH, "linux-image-virtual", "linux-image-" + runtime.GOARCH} {
		facts, err := run(ctx, work, "apt-cache", "depends", meta)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		found := regexp.MustCompile(`Depends: (linux-image-[0-9]\S*)`).FindSubmatch(facts)
		if found == nil {
			continue
		}
		s.Say("fetching " + string(found[1]) + ", which is unpacked and not installed")
		if _, err := run(ctx, work, "apt-get", "download", string(found[1])); err != nil {
			failures = append(failures, err)
			continue
		}
		packages, err := filepath.Glob(filepath.Join(work, "linux-image-*.deb"))
		if err != nil || len(packages) == 0 {
			return fmt.Errorf("apt-get download left no package: %w", err)
		}
		content, err := run(ctx, work, "dpkg-deb", "--fsys-tarfile", packages[0])
		if err != nil {
			return err
		}
		return unpackTar(bytes.NewReader(content), to)
	}
	return errors.Join(append(failures, errors.New("apt knows no kernel package; apt-get update may help"))...)
}

// fetchRPM takes the kernel without the drivers of real hardware.
func (s Source) fetchRPM(ctx context.Context, work, to string) error {
	s.Say("fetching kernel-core, which is unpacked and not installed")
	if _, err := run(ctx, work, "dnf", "-q", "download", "--arch", kvm.Processor(), "kernel-core"); err != nil {
		return err
	}
	packages, err := filepath.Glob(filepath.Join(work, "kernel-core-*.rpm"))
	if err != nil || len(packages) == 0 {
		return fmt.Errorf("dnf download left no package: %w", err)
	}
	content, err := run(ctx, work, "rpm2cpio", packages[0])
	if err != nil {
		return err
	}
	tree := filepath.Join(work, "tree")
	if err := os.Mkdir(tree, 0o755); err != nil {
		return err
	}
	cpio := exec.CommandContext(ctx, "cpio", "-idm", "--quiet", "*/vmlinuz", "*/drivers/acpi/*", "*/drivers/input/*", "*/drivers/virtio/*", "*/drivers/char/*")
	cpio.Dir, cpio.Stdin = tree, bytes.NewReader(content)
	if out, err := cpio.CombinedOutput(); err != nil {
		return fmt.Errorf("cpio: %w: %s", err, out)
	}
	return collect(os.DirFS(tree), to)
}

var (
	debImage = regexp.MustCompile(`^boot/vmlinuz-([^/]+)$`)
	rpmImage = regexp.MustCompile(`^lib/modules/([^/]+)/vmlinuz$`)
	module   = regexp.MustCompile(`^lib/modules/([^/]+)/kernel/(.+)\.ko(\.[a-z]+)?$`)
)

// unpackTar writes the kernel and the wanted modules of a package to
// to/RELEASE, and nothing else: a package has hundreds of megabytes.
func unpackTar(r io.Reader, to string) error {
	for files := tar.NewReader(r); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		release, name := target(header.Name)
		if release == "" {
			continue
		}
		if err := writeFrom(files, filepath.Join(to, release), name); err != nil {
			return err
		}
	}
}

// collect does the same for a package that is unpacked.
func collect(tree fs.FS, to string) error {
	return fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		release, file := target(name)
		if release == "" {
			return nil
		}
		f, err := tree.Open(name)
		if err != nil {
			return err
		}
		return errors.Join(writeFrom(f, filepath.Join(to, release), file), f.Close())
	})
}

// target says where a file of a package goes; nowhere if release is "".
func target(name string) (release, file string) {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	name = strings.TrimPrefix(name, "usr/")
	for _, image := range []*regexp.Regexp{debImage, rpmImage} {
		if m := image.FindStringSubmatch(name); m != nil {
			return m[1], "vmlinuz"
		}
	}
	if m := module.FindStringSubmatch(name); m != nil {
		for _, w := range wanted {
			if m[2] == w {
				return m[1], path.Base(name)
			}
		}
	}
	return "", ""
}

func writeFrom(r io.Reader, dir, name string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

func has(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// run runs a program of the distribution in dir and returns what it prints.
func run(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return out, err
}
