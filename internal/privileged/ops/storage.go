// SPDX-License-Identifier: GPL-2.0-or-later

package ops

import (
	"context"

	"govdsm/api"
	"govdsm/internal/privileged"
	"govdsm/internal/storage/asroot"
	"govdsm/internal/storage/nbd"
	"govdsm/internal/storage/qemuimg"
)

// BindStorage binds the operations of storage. Without what carries them out
// they are refused: a sandbox must not mount anything on its machine.
func BindStorage(s *privileged.Server, root *asroot.Storage) {
	st := storage{root}
	privileged.Handle(s, privileged.StorageMount, st.mount)
	privileged.Handle(s, privileged.StorageUnmount, st.unmount)
	privileged.Handle(s, privileged.StorageAccess, st.access)
	privileged.Handle(s, privileged.StorageStartNBD, st.startNBD)
	privileged.Handle(s, privileged.StorageStopNBD, st.stopNBD)
}

type storage struct{ root *asroot.Storage }

func (s storage) mount(ctx context.Context, p *privileged.StorageMountParams) (privileged.None, error) {
	if s.root == nil {
		return privileged.None{}, noMounts()
	}
	return privileged.None{}, s.root.Mount(ctx, asroot.Request(*p))
}

func (s storage) unmount(ctx context.Context, p *privileged.StorageTarget) (privileged.None, error) {
	if s.root == nil {
		return privileged.None{}, noMounts()
	}
	return privileged.None{}, s.root.Unmount(ctx, p.Path)
}

func (s storage) access(ctx context.Context, p *privileged.StorageTarget) (privileged.None, error) {
	if s.root == nil {
		return privileged.None{}, noMounts()
	}
	return privileged.None{}, s.root.Access(ctx, p.Path)
}

func (s storage) startNBD(ctx context.Context, p *privileged.StorageStartNBDParams) (privileged.None, error) {
	if s.root == nil {
		return privileged.None{}, noMounts()
	}
	return privileged.None{}, s.root.StartNBD(ctx, p.ID, nbd.Export{
		Layer: nbd.Layer{Path: p.Path, Format: qemuimg.Format(p.Format)},
		Config: nbd.Config{
			ReadOnly: p.ReadOnly, Discard: p.Discard, DetectZeroes: p.DetectZeroes, TopOnly: p.TopOnly, Bitmap: p.Bitmap,
		},
	})
}

func (s storage) stopNBD(ctx context.Context, p *privileged.StorageNBDServer) (privileged.None, error) {
	if s.root == nil {
		return privileged.None{}, noMounts()
	}
	return privileged.None{}, s.root.StopNBD(ctx, p.ID)
}

func noMounts() error {
	return api.ErrUnsupportedOperation.With("reason", "a sandbox does not mount storage on its machine")
}
