// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/nmstate"
)

// mostVFs is the greatest number that PCI Express has room for.
const mostVFs = 1<<16 - 1

// ChangeNumVFs gives a card as many virtual functions as asked for, and notes
// the number for the next boot. When it fails the former ones are back, though
// not in the hands of those who used them. It waits for a change of networks
// that is under way.
func (c *Configurator) ChangeNumVFs(ctx context.Context, device string, count uint64) error {
	if count > mostVFs {
		return api.ErrNetBadParams.Says(fmt.Sprintf("%d virtual functions are more than any card has", count))
	}
	if err := c.turn(ctx); err != nil {
		return err
	}
	defer c.one.Unlock()
	running, _, err := c.o.Running.Load()
	if err != nil {
		return err
	}
	note, err := json.Marshal(running)
	if err != nil {
		return err
	}
	change, err := c.o.Applier.Begin(ctx, linkapply.Want{State: nmstate.VirtualFunctions(device, int(count))}, note)
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
	d.NumVFs = new(int(count))
	now.Devices[device] = d
	if err := c.o.Running.Save(now); err != nil {
		undone := change.Undo(ctx, func() error { return c.o.Running.Save(running) })
		return errors.Join(fmt.Errorf("save the configuration: %w", err), undone)
	}
	c.o.Log.InfoContext(ctx, "the number of virtual functions was set", "device", device, "count", count)
	return change.Keep()
}

// turn waits until no change is under way, and makes its caller's one that is.
func (c *Configurator) turn(ctx context.Context) error {
	for !c.one.TryLock() {
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
