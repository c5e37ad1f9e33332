// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/network/dhcp"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/netswitch"
	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/persistence"
	"govdsm/lab"
)

// faulty is an applier with a fault of its own.
type faulty struct {
	netswitch.Applier
	fault bool
}

func (f *faulty) Begin(ctx context.Context, want linkapply.Want, note json.RawMessage) (netswitch.Change, error) {
	if f.fault {
		panic("a fault")
	}
	return f.Applier.Begin(ctx, want, note)
}

// Neither a panic nor a change that could not be undone at the start keeps the
// next request from being carried out.
func TestFaultsDoNotLast(t *testing.T) {
	lab.Needs(t, lab.Bridge).Run(func(t *testing.T) {
		dir := t.TempDir()
		o := linkapply.Options{Journal: filepath.Join(dir, "netapply", "journal"), ResolvConf: filepath.Join(dir, "resolv.conf")}
		applier := &faulty{Applier: netswitch.BuiltIn(linkapply.New(o))}
		running := persistence.At(filepath.Join(dir, "staging", "netconf"))
		c := netswitch.New(netswitch.Options{
			Running: running, Persistent: persistence.At(filepath.Join(dir, "persistence", "netconf")), Applier: applier,
			Clients: dhcp.New(dhcp.Options{Dir: filepath.Join(dir, "dhcp")}), ResolvConf: o.ResolvConf,
		})
		setup := func(name string) (err error) {
			t.Helper()
			request := netconf.Request{Networks: map[string]netconf.Network{
				name: {MTU: 1500, Bridged: true, Switch: "legacy", BootProto: "none", Nameservers: []string{}},
			}}
			params := request.Params()
			params.Options.ConnectivityCheck = new(api.Tobool(false))
			done := make(chan error, 1)
			go func() {
				defer func() {
					if p := recover(); p != nil {
						done <- errors.New("panic")
					}
				}()
				done <- c.Setup(t.Context(), &params)
			}()
			select {
			case err := <-done:
				return err
			case <-time.After(time.Minute):
				t.Fatal("a former call holds this one up")
				return nil
			}
		}
		there := func(link string) bool {
			_, err := os.Stat("/sys/class/net/" + link)
			return err == nil
		}
		applier.fault = true
		if err := setup("blue"); err == nil || err.Error() != "panic" {
			t.Fatalf("the fault: %v", err)
		}
		applier.fault = false
		if err := setup("blue"); err != nil || !there("blue") {
			t.Fatalf("after the fault: %v", err)
		}

		left := nmstate.State{Interfaces: []nmstate.Interface{{Name: "left", Type: nmstate.TypeLinuxBridge, State: nmstate.Up, Bridge: &nmstate.Bridge{}}}}
		if _, err := linkapply.New(o).Begin(t.Context(), linkapply.Want{State: left}, nil); err != nil || !there("left") {
			t.Fatalf("a change that nobody ends: %v", err)
		}
		if err := setup("red"); !errors.Is(err, linkapply.ErrUnfinished) || there("left") {
			t.Errorf("before it is undone: %v", err)
		}
		if err := setup("red"); err != nil || !there("red") || !there("blue") {
			t.Errorf("after it was undone: %v", err)
		}
	})
}
