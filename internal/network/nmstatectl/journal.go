// SPDX-License-Identifier: GPL-2.0-or-later

package nmstatectl

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"govdsm/internal/atomicfile"
)

// journal is the file that is there while a change is open. What it is about
// NetworkManager has in its checkpoint; this is what goes with it.
type journal struct {
	Version    int             `json:"nmstatectl"`
	Boot       string          `json:"boot"`
	Flow       string          `json:"flow,omitzero"`
	Time       time.Time       `json:"time"`
	Note       json.RawMessage `json:"note,omitzero"`
	Committing bool            `json:"committing,omitzero"`
	// BridgeOptions are former values of files, to be written back.
	BridgeOptions []bridgeOption `json:"bridgeOptions,omitzero"`
}

const journalVersion = 1

func (a *Applier) write(j journal) error {
	raw, err := json.Marshal(j)
	if err != nil {
		return err
	}
	if err := atomicfile.Own(filepath.Dir(a.o.Journal)); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := atomicfile.Write(a.o.Journal, raw, 0o600); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// read returns nil when there is none. One that cannot be understood is set
// aside: it was written whole, so nobody will ever understand it. It names files
// that root writes: one that others can have written is fs.ErrPermission.
func (a *Applier) read() (*journal, error) {
	raw, err := atomicfile.ReadOwn(a.o.Journal)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	var j journal
	err = json.Unmarshal(raw, &j)
	if err == nil && j.Version != journalVersion {
		err = fmt.Errorf("version %d is unknown", j.Version)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", a.o.Journal, err), os.Rename(a.o.Journal, a.o.Journal+".failed"))
	}
	return &j, nil
}

func (a *Applier) remove() error {
	if err := os.Remove(a.o.Journal); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
