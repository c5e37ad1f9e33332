// SPDX-License-Identifier: GPL-2.0-or-later

package tc

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"govdsm/lab"
)

// A bridge between this network and another one, and two watchers.
const mirrored = `
	ip link add br7 type bridge
	ip link set eth7 master br7
	ip addr add 10.7.0.1/24 dev br7
	ip link add watch1 type dummy; ip link add watch2 type dummy
	for i in br7 watch1 watch2; do ip link set $i up; done
	unshare -n sleep 600 </dev/null >/dev/null 2>&1 &
	until [ "$(readlink /proc/$!/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.1; done
	ip link set peer7 netns $!
	nsenter -n -t $! sh -c "ip addr add 10.7.0.2/24 dev peer7; ip link set peer7 up"
	echo $!`

func TestMirror(t *testing.T) {
	inside(t, func(b bench) {
		fields := strings.Fields(b.sh(mirrored))
		pid := fields[len(fields)-1]
		b.Cleanup(func() { _ = exec.Command("kill", pid).Run() })
		var m Mirror
		show := func() string {
			return b.sh("tc qdisc show dev br7; tc filter show dev br7; tc filter show dev br7 ingress")
		}
		promiscuous := func() bool { return strings.Contains(b.sh("ip -d link show br7"), "promiscuity 1") }
		before := show()
		sent := func(watcher string) int {
			n, err := strconv.Atoi(strings.TrimSpace(b.sh("ip -s link show " + watcher + " | awk 'n { print $2 } { n = /TX:/ }'")))
			if err != nil {
				b.Fatal(err)
			}
			return n
		}
		ping := func() {
			deadline := time.Now().Add(30 * time.Second)
			for b.sh("ping -c3 -i0.2 -W5 10.7.0.2 >/dev/null && echo yes || :") == "" {
				if time.Now().After(deadline) {
					b.Fatal("the other network cannot be reached")
				}
			}
		}
		// copied tells how many packets of three pings and their answers reach
		// each watcher.
		copied := func() (one, two int) {
			one, two = sent("watch1"), sent("watch2")
			ping()
			return sent("watch1") - one, sent("watch2") - two
		}
		start := func(watcher string) {
			b.Helper()
			if err := m.Start(b.Context(), "br7", watcher); err != nil {
				b.Fatal(err)
			}
		}
		stop := func(watcher string) {
			b.Helper()
			if err := m.Stop(b.Context(), "br7", watcher); err != nil {
				b.Fatal(err)
			}
		}
		start("watch1")
		if one, two := copied(); one < 6 || two > 3 {
			b.Errorf("watch1 got %d packets of 6, watch2, which does not watch, %d\n%s", one, two, show())
		}
		start("watch2")
		start("watch2")
		if one, two := copied(); one < 6 || two < 6 {
			b.Errorf("of 6 packets %d and %d were copied\n%s", one, two, show())
		}
		if text := show(); strings.Count(text, "mirred (Egress Mirror to device watch1) pipe") != 2 || !strings.Contains(text, "qdisc prio") ||
			!strings.Contains(text, "qdisc ingress") || !promiscuous() {
			b.Errorf("it is\n%s", text)
		}
		b.sh("ip link del watch1") // a machine that died
		stop("watch1")
		two := sent("watch2")
		ping()
		if two = sent("watch2") - two; two < 6 || strings.Contains(show(), "watch1") {
			b.Errorf("watch2 got %d packets of 6\n%s", two, show())
		}
		if err := m.Start(b.Context(), "br7", "nobody"); err == nil {
			b.Error("copies go to nobody")
		}
		if err := m.Start(b.Context(), "nobody", "watch2"); err == nil {
			b.Error("nobody is copied")
		}
		stop("watch2")
		stop("watch2")
		if after := show(); after != before || promiscuous() {
			b.Errorf("before\n%s\nafter\n%s", before, after)
		}
	}, lab.HFSC, lab.Bridge, lab.Dummy)
}
