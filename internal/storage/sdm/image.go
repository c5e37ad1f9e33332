// SPDX-License-Identifier: GPL-2.0-or-later

package sdm

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/volume"
)

// Amend starts to change the version of qcow2 in which a volume is written,
// which stays fit for use if that fails.
func (j *Jobs) Amend(ctx context.Context, id api.UUID, v Volume, compat string) error {
	if err := v.check(); err != nil {
		return err
	}
	switch compat {
	case "":
		return refusal("No attributes to amend")
	case "0.10", "1.1":
	default:
		return refusal("Unsupported qcow2 compat %s", compat)
	}
	return j.start(ctx, id, "amend_volume", func(ctx context.Context, _ *progress) error {
		return j.onUsable(ctx, v, func(d *Domain, u *volume.InUse) error {
			var reason string
			switch {
			case u.Metadata.Format != api.VolumeFormatCOW:
				reason = "volume is not COW format"
			case u.Metadata.Role == api.VolumeRoleSHARED:
				reason = "volume is shared"
			case d.Version < 4 && compat == "1.1":
				reason = fmt.Sprintf("storage domain %s does not support compat %s", v.Domain, compat)
			}
			if reason != "" {
				return refusal("Cannot amend volume %s: %s", v.ID.Volume, reason)
			}
			return j.operation(ctx, d, v, staysLegal, func() error { return j.o.QemuImg.Amend(ctx, u.Path, compat) })
		})
	})
}

// SparsifyVolume starts to give back what the file systems in a leaf do not
// use.
func (j *Jobs) SparsifyVolume(ctx context.Context, id api.UUID, v Volume) error {
	if err := v.check(); err != nil {
		return err
	}
	return j.start(ctx, id, "sparsify_volume", func(ctx context.Context, _ *progress) error {
		return j.onUsable(ctx, v, func(d *Domain, u *volume.InUse) error {
			if u.Metadata.Role != api.VolumeRoleLEAF {
				return refusal("Volume to be sparsified is not a leaf volume")
			}
			return j.operation(ctx, d, v, staysLegal, func() error { return j.sparsify(ctx, u.Path) })
		})
	})
}

func (j *Jobs) onUsable(ctx context.Context, v Volume, f func(*Domain, *volume.InUse) error) error {
	return j.writing(ctx, v, func(d *Domain) error {
		u, err := d.Volumes.Use(ctx, v.ID, false)
		if err != nil {
			return err
		}
		return f(d, u)
	})
}

// sparsify runs virt-sparsify, which is a VM of its own: it may take hours.
func (j *Jobs) sparsify(ctx context.Context, path string) error {
	cmd := exec.CommandContext(ctx, j.o.Sparsify, "-v", "-x", "--machine-readable", "--in-place", path)
	var said bytes.Buffer
	last := &tail{buf: &said}
	cmd.Stdout, cmd.Stderr = last, last
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("virt-sparsify: %w: %s", err, said.String())
	}
	return nil
}

// tail keeps the end of what is written: where a program says why it failed.
type tail struct{ buf *bytes.Buffer }

const mostTail = 2 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.buf.Write(p)
	t.buf.Next(max(0, t.buf.Len()-mostTail))
	return len(p), nil
}

// MoveDevice and ReduceDomain are for domains on block devices. There are none.

// MoveDevice starts a job that fails with [api.ErrStorageUnsupportedOperation].
func (j *Jobs) MoveDevice(ctx context.Context, id api.UUID, domain string) error {
	return j.block(ctx, id, "move_device", domain)
}

// ReduceDomain starts a job that fails with
// [api.ErrStorageUnsupportedOperation].
func (j *Jobs) ReduceDomain(ctx context.Context, id api.UUID, domain string) error {
	return j.block(ctx, id, "reduce_domain", domain)
}

func (j *Jobs) block(ctx context.Context, id api.UUID, description, domain string) error {
	if err := checkID("sd_id", domain); err != nil {
		return err
	}
	return j.start(ctx, id, description, func(ctx context.Context, _ *progress) error {
		d, err := j.o.Storage.Domain(ctx, domain)
		if err != nil {
			return err
		}
		return unsupported("Storage domain does not support reduce operation", item("sdUUID", domain), item("sdType", d.Kind))
	})
}
