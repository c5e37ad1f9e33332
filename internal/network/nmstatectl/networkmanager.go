// SPDX-License-Identifier: GPL-2.0-or-later

package nmstatectl

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
)

// NetworkManager is asked over D-Bus. It need not be there.
//
// Source: NetworkManager's D-Bus reference, org.freedesktop.NetworkManager.
type NetworkManager struct {
	Address string // of the bus, "" for the system's
}

// busPatience is how long the bus and NetworkManager may take to answer.
const busPatience = 5 * time.Second

const (
	managerName  = "org.freedesktop.NetworkManager"
	managerPath  = "/org/freedesktop/NetworkManager"
	deviceIface  = managerName + ".Device"
	activeIface  = managerName + ".Connection.Active"
	noObject     = dbus.ObjectPath("/")
	noSuchDevice = managerName + ".UnknownDevice"
	// flagExternal is NM_ACTIVATION_STATE_FLAG_EXTERNAL: somebody else set the
	// device up, and NetworkManager only shows it.
	flagExternal = 0x80
)

// Owns returns those of the devices that NetworkManager looks after; none when
// it does not run.
func (m NetworkManager) Owns(ctx context.Context, devices []string) ([]string, error) {
	var owned []string
	err := m.ask(ctx, func(ctx context.Context, bus *dbus.Conn) error {
		for _, name := range devices {
			ours, err := owns(ctx, bus, name)
			if err != nil {
				return fmt.Errorf("device %s: %w", name, err)
			}
			if ours {
				owned = append(owned, name)
			}
		}
		return nil
	})
	return owned, err
}

func owns(ctx context.Context, bus *dbus.Conn, name string) (bool, error) {
	var path dbus.ObjectPath
	err := bus.Object(managerName, managerPath).CallWithContext(ctx, managerName+".GetDeviceByIpIface", 0, name).Store(&path)
	if refusal, ok := errors.AsType[dbus.Error](err); ok && refusal.Name == noSuchDevice {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var managed bool
	if err := property(ctx, bus, path, deviceIface, "Managed", &managed); err != nil || !managed {
		return false, err
	}
	var active dbus.ObjectPath
	if err := property(ctx, bus, path, deviceIface, "ActiveConnection", &active); err != nil {
		return false, err
	}
	if active == noObject || active == "" {
		return true, nil // it may bring the device up whenever it likes
	}
	var flags uint32
	if err := property(ctx, bus, active, activeIface, "StateFlags", &flags); err != nil {
		return false, err
	}
	return flags&flagExternal == 0, nil
}

// HasCheckpoint tells whether a change may still be rolled back. It is false
// when NetworkManager does not run: checkpoints end with it.
func (m NetworkManager) HasCheckpoint(ctx context.Context) (bool, error) {
	var open []dbus.ObjectPath
	err := m.ask(ctx, func(ctx context.Context, bus *dbus.Conn) error {
		return property(ctx, bus, managerPath, managerName, "Checkpoints", &open)
	})
	return len(open) > 0, err
}

// ask connects and calls f if NetworkManager runs. It does not start it.
func (m NetworkManager) ask(ctx context.Context, f func(context.Context, *dbus.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, busPatience)
	defer cancel()
	bus, err := m.connect(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("NetworkManager: %w", err)
		}
		return nil // no bus, no NetworkManager
	}
	defer bus.Close()
	var there bool
	err = bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, managerName).Store(&there)
	if err == nil && there {
		err = f(ctx, bus)
	}
	if err != nil {
		return fmt.Errorf("NetworkManager: %w", err)
	}
	return nil
}

func (m NetworkManager) connect(ctx context.Context) (*dbus.Conn, error) {
	if m.Address != "" {
		return dbus.Connect(m.Address, dbus.WithContext(ctx))
	}
	return dbus.ConnectSystemBus(dbus.WithContext(ctx))
}

func property(ctx context.Context, bus *dbus.Conn, path dbus.ObjectPath, iface, name string, into any) error {
	var v dbus.Variant
	err := bus.Object(managerName, path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, iface, name).Store(&v)
	if err == nil {
		err = v.Store(into)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
