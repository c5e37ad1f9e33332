// SPDX-License-Identifier: GPL-2.0-or-later

package persistence

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"govdsm/internal/network/netconf"
)

// variant is a configuration whose networks all have one MTU. Two of five
// networks are in the even ones only, so that files come and go.
func variant(mtu int) netconf.Config {
	c := netconf.Config{}.Clone()
	for i := range 30 {
		if mtu%2 == 1 && i%5 < 2 {
			continue
		}
		c.Networks[fmt.Sprint("net", i)] = netconf.Network{NIC: "eth0", VLAN: new(i), MTU: mtu, Switch: "legacy", BootProto: "none"}
	}
	return c
}

// whole tells whether a configuration is one of the variants, or none yet.
func whole(c netconf.Config) error {
	for _, n := range c.Networks {
		if want := variant(n.MTU); !c.Equal(want) {
			return fmt.Errorf("%d networks where a variant has %d", len(c.Networks), len(want.Networks))
		}
		return nil
	}
	return nil
}

// TestSaver is the process that TestKilled kills.
func TestSaver(t *testing.T) {
	path := os.Getenv("GOVDSM_TEST_SAVER")
	if path == "" {
		t.Skip("helps TestKilled")
	}
	s := At(path)
	fmt.Println("saving")
	for mtu := 1000; ; mtu++ {
		if err := s.Save(variant(mtu)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKilled kills a process that saves all the time. What it leaves is one of
// the configurations, whole, and can be saved over.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "netconf")
	for range 15 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSaver$")
		cmd.Env = append(os.Environ(), "GOVDSM_TEST_SAVER="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Error(err)
		}
		time.Sleep(rand.N(20 * time.Millisecond)) // anywhere in a save
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if err := whole(load(t, At(path))); err != nil {
			t.Fatal(err)
		}
	}
	if err := At(path).Save(variant(2000)); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 2 {
		t.Errorf("more than a link and a directory: %v", left)
	}
}

// TestReadersSeeWholes loads while another saves.
func TestReadersSeeWholes(t *testing.T) {
	s := At(filepath.Join(t.TempDir(), "netconf"))
	var group sync.WaitGroup
	done := make(chan struct{})
	group.Go(func() {
		defer close(done)
		for mtu := range 40 {
			if err := s.Save(variant(1000 + mtu)); err != nil {
				t.Error(err)
			}
		}
	})
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		c, problems, err := At(filepath.Join(s.parent, "netconf")).Load()
		if len(problems) > 0 {
			t.Fatalf("problems: %v", problems)
		}
		if err == nil {
			err = whole(c)
		} else if err == errReplaced {
			err = nil
		}
		if err != nil {
			t.Error(err)
			break
		}
	}
	group.Wait()
}
