// SPDX-License-Identifier: GPL-2.0-or-later

package nmstatectl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"govdsm/internal/network/linkapply"
)

// bridgeOption is a file below /sys/class/net/*/bridge and its value. The
// document's schema has no room for all of them.
type bridgeOption struct {
	File  string `json:"file"` // without the root
	Value string `json:"value"`
}

// bridgeOptions lists what is to be written, in a fixed order.
func (a *Applier) bridgeOptions(want linkapply.Want) ([]bridgeOption, error) {
	var all []bridgeOption
	for _, bridge := range slices.Sorted(maps.Keys(want.BridgeOptions)) {
		for _, name := range slices.Sorted(maps.Keys(want.BridgeOptions[bridge])) {
			if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") ||
				strings.ContainsAny(bridge, "/\x00") || !filepath.IsLocal(bridge) {
				return nil, fmt.Errorf("%w: %q of %q", linkapply.ErrBadBridgeOption, name, bridge)
			}
			all = append(all, bridgeOption{
				File:  filepath.Join("/sys/class/net", bridge, "bridge", name),
				Value: want.BridgeOptions[bridge][name],
			})
		}
	}
	return all, nil
}

// write writes the options, after it has written down what they were.
func (c *change) write() error {
	if len(c.options) == 0 {
		return nil
	}
	for _, o := range c.options {
		b, err := os.ReadFile(filepath.Join(c.a.o.Root, o.File))
		if err != nil {
			return fmt.Errorf("%w: %w", linkapply.ErrBadBridgeOption, err)
		}
		c.journal.BridgeOptions = append(c.journal.BridgeOptions, bridgeOption{o.File, strings.TrimSpace(string(b))})
	}
	if err := c.a.write(c.journal); err != nil {
		return err
	}
	for _, o := range c.options {
		if err := c.a.writeOption(o); err != nil {
			return fmt.Errorf("%w: %w", linkapply.ErrBadBridgeOption, err)
		}
	}
	return nil
}

func (a *Applier) writeOption(o bridgeOption) error {
	f, err := os.OpenFile(filepath.Join(a.o.Root, o.File), os.O_WRONLY|os.O_TRUNC, 0) // never made: it is the kernel's
	if err != nil {
		return err
	}
	_, err = f.WriteString(o.Value)
	return errors.Join(err, f.Close())
}

// putBack writes former values. Those of a bridge that is gone went with it.
func (a *Applier) putBack(ctx context.Context, options []bridgeOption) {
	for _, o := range options {
		if err := a.writeOption(o); err != nil && !errors.Is(err, fs.ErrNotExist) {
			a.o.Log.WarnContext(ctx, "a bridge option could not be brought back", "file", o.File, "error", err)
		}
	}
}
