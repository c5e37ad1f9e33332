// SPDX-License-Identifier: GPL-2.0-or-later

package ethtool

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"govdsm/lab"
)

func TestSyntax(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"",
		"--coalesce em1 rx-usecs 14 sample-interval 3 --offload em2 rx on lro on tso off --change em1 speed 1000 duplex half",
		"-G * rx 512 tx 0x200  -L * combined 4 -A * rx on autoneg off -C * adaptive-rx on",
		"-K eth0 tx-udp-segmentation off",
	} {
		if _, err := Parse(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"-K", "-K eth0", "-K eth0 tso", "-K eth0 tso maybe", "-C eth0 rx-usecs many", "-C eth0 rx-usecs -1", "-C eth0 rx-usecs 4294967296",
		"-f eth0 image 0", "eth0 tso on off", "-E eth0 magic 1", "-C eth0 colour 1", "-s eth0 duplex none", "-G eth0 rx 1 -K eth0",
	} {
		if s, err := Parse(bad); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: %v, %+v", bad, err, s)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("--coalesce em1 rx-usecs 14 -K * tso off")
	f.Fuzz(func(t *testing.T, property string) {
		settings, err := Parse(property)
		for _, s := range settings {
			if err == nil && (s.Device == "" || s.command == 0 || len(s.attrs) == 0) {
				t.Errorf("%q: %+v", property, s)
			}
		}
	})
}

// ethtool(8) tells what became of it.
func TestApply(t *testing.T) {
	lab.Needs(t, lab.Veth).Run(func(t *testing.T) {
		sh := func(script string) string {
			t.Helper()
			out, err := exec.CommandContext(t.Context(), "sh", "-ec", script).CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v\n%s", script, err, out)
			}
			return string(out)
		}
		sh("ip link add eth5 type veth peer name eth6")
		apply := func(property string) error {
			t.Helper()
			settings, err := Parse(property)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range settings {
				if err := s.Apply(t.Context(), "eth5"); err != nil {
					return err
				}
			}
			return nil
		}
		before := sh("ethtool -k eth5")
		if err := apply("--offload eth5 tso off tx off rx-vlan-hw-parse off ntuple on"); err != nil {
			t.Fatal(err)
		}
		features := sh("ethtool -k eth5")
		for _, line := range []string{"tx-tcp-segmentation: off", "tx-tcp6-segmentation: off", "tx-checksumming: off", "rx-vlan-offload: off", "ntuple-filters: off [fixed]", "rx-checksumming: on"} {
			if !strings.Contains(features, line) {
				t.Errorf("no %q in\n%s", line, features)
			}
		}
		if err := apply("-K eth5 tx on rxvlan on -K eth5 tso on"); err != nil {
			t.Fatal(err)
		}
		if after := sh("ethtool -k eth5"); after != before {
			t.Errorf("after\n%s\nbefore\n%s", after, before)
		}
		// What this card cannot do, and what none has heard of.
		for _, property := range []string{"-A eth5 rx on", "-G eth5 rx 512", "-K eth5 warp-drive on", "-s eth5 speed 1000 duplex half"} {
			if err := apply(property); err == nil {
				t.Logf("%s: succeeded", property)
				if !strings.HasPrefix(property, "-s") {
					t.Errorf("%s: succeeded", property)
				}
			}
		}
		s, err := Parse("-K eth9 tso on")
		if err != nil {
			t.Fatal(err)
		}
		if err := s[0].Apply(t.Context(), "eth9"); err == nil {
			t.Error("a card that is not there can be set")
		}
	})
}
