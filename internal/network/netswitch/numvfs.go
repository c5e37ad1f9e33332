// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/nmstate"
)

// MostVFs is the greatest number that PCI Express has room for.
const MostVFs = 1<<16 - 1

// SetNumVFs gives a card as many virtual functions as asked for, and notes
// the number for the next boot. When it fails the former ones are back, though
// not in the hands of those who used them. It waits for a change of networks
// that is under way.
func (c *Configurator) SetNumVFs(ctx context.Context, device string, count int) error {
	if count < 0 || count > MostVFs {
		return api.ErrNetBadParams.Says(fmt.Sprintf("no card has %d virtual functions", count))
	}
	release, err := c.holdPatiently(ctx)
	if err != nil {
		return err
	}
	defer release()
	running, err := c.running(ctx)
	if err != nil {
		return err
	}
	note, err := json.Marshal(running)
	if err != nil {
		return err
	}
	change, err := c.o.Applier.Begin(ctx, linkapply.Want{State: nmstate.VirtualFunctions(device, count)}, note)
	switch {
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EPERM):
		return api.ErrResourceUnavailable.Because("virtual functions of " + device + " are in use: " + err.Error())
	case errors.Is(err, linkapply.ErrNoVFs):
		return api.ErrNetBadNic.Says(err.Error())
	case errors.Is(err, linkapply.ErrTooManyVFs), errors.Is(err, unix.ERANGE):
		return api.ErrNetBadParams.Says(err.Error())
	case err != nil:
		return coded(err)
	}
	now := running.Clone()
	d := now.Devices[device]
	d.NumVFs = new(count)
	now.Devices[device] = d
	if err := c.o.Running.Save(now); err != nil {
		undone := change.Undo(ctx, func() error { return c.o.Running.Save(running) })
		return errors.Join(fmt.Errorf("save the configuration: %w", err), undone)
	}
	c.o.Log.InfoContext(ctx, "the number of virtual functions was set", "device", device, "count", count)
	return change.Keep()
}
