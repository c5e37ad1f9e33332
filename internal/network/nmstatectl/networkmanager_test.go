// SPDX-License-Identifier: GPL-2.0-or-later

package nmstatectl

import (
	"bufio"
	"context"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// bus starts a message bus and returns its address.
func bus(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--session", "--nofork", "--nopidfile", "--print-address", "--address=unix:tmpdir="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// manager plays NetworkManager's part of the bus.
type manager struct{ conn *dbus.Conn }

// GetDeviceByIpIface is NetworkManager's method.
func (m manager) GetDeviceByIpIface(name string) (dbus.ObjectPath, *dbus.Error) {
	switch name {
	case "eth0", "eth1", "eth2", "eth3":
		return dbus.ObjectPath(managerPath + "/Devices/" + name), nil
	}
	return "", dbus.NewError(noSuchDevice, []any{"No device found for the requested iface"})
}

func (m manager) object(t *testing.T, path dbus.ObjectPath, iface string, values map[string]any) *prop.Properties {
	t.Helper()
	all := make(map[string]*prop.Prop)
	for name, v := range values {
		all[name] = &prop.Prop{Value: v, Emit: prop.EmitFalse}
	}
	p, err := prop.Export(m.conn, path, prop.Map{iface: all})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func play(t *testing.T, address string) *prop.Properties {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	m := manager{conn}
	if err := conn.Export(m, managerPath, managerName); err != nil {
		t.Fatal(err)
	}
	device := func(name string, managed bool, active string) {
		m.object(t, dbus.ObjectPath(managerPath+"/Devices/"+name), deviceIface, map[string]any{
			"Managed": managed, "ActiveConnection": dbus.ObjectPath(active),
		})
	}
	device("eth0", true, managerPath+"/ActiveConnection/1")
	device("eth1", false, "/")
	device("eth2", true, managerPath+"/ActiveConnection/2")
	device("eth3", true, "/")
	m.object(t, managerPath+"/ActiveConnection/1", activeIface, map[string]any{"StateFlags": uint32(0x5c)})
	m.object(t, managerPath+"/ActiveConnection/2", activeIface, map[string]any{"StateFlags": uint32(0x8c)})
	p := m.object(t, managerPath, managerName, map[string]any{"Checkpoints": []dbus.ObjectPath{}})
	if _, err := conn.RequestName(managerName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNetworkManager(t *testing.T) {
	address := bus(t)
	m := NetworkManager{Address: address}
	all := []string{"eth0", "eth1", "eth2", "eth3", "blue"}
	if owned, err := m.Owns(t.Context(), all); err != nil || len(owned) > 0 {
		t.Errorf("without NetworkManager: %v, %v", owned, err)
	}
	properties := play(t, address)
	// eth1 is not managed, eth2 was set up by somebody else, blue is not there.
	if owned, err := m.Owns(t.Context(), all); err != nil || !slices.Equal(owned, []string{"eth0", "eth3"}) {
		t.Errorf("owned: %v, %v", owned, err)
	}
	if open, err := m.HasCheckpoint(t.Context()); err != nil || open {
		t.Errorf("checkpoint: %v, %v", open, err)
	}
	properties.SetMust(managerName, "Checkpoints", []dbus.ObjectPath{managerPath + "/Checkpoint/1"})
	if open, err := m.HasCheckpoint(t.Context()); err != nil || !open {
		t.Errorf("checkpoint: %v, %v", open, err)
	}
	nowhere := NetworkManager{Address: "unix:path=/nonexistent"}
	if owned, err := nowhere.Owns(t.Context(), all); err != nil || len(owned) > 0 {
		t.Errorf("without a bus: %v, %v", owned, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Owns(ctx, all); err == nil {
		t.Error("who stops asking gets an answer")
	}
}
