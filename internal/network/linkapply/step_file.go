// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"govdsm/internal/atomicfile"
)

// replaceFile replaces a file of the host, whole.
type replaceFile struct {
	Path    string `json:"path"`
	Old     []byte `json:"old"`
	Missing bool   `json:"missing,omitzero"` // there was none
	New     []byte `json:"new"`
}

func (s *replaceFile) kind() string    { return "replace-file" }
func (s *replaceFile) subject() string { return "" }
func (s *replaceFile) String() string  { return "write " + s.Path }

func (s *replaceFile) do(ctx context.Context, r *run) error {
	if err := r.finish(ctx); err != nil {
		return err
	}
	if err := r.mark(r.step); err != nil {
		return err
	}
	r.tick()
	return atomicfile.Write(s.Path, s.New, 0o644)
}

func (s *replaceFile) undo(context.Context, *run) error {
	if s.Missing {
		if err := os.Remove(s.Path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return atomicfile.Write(s.Path, s.Old, 0o644)
}
