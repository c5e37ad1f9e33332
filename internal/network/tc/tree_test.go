// SPDX-License-Identifier: GPL-2.0-or-later

package tc

import (
	"encoding/json"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/network/rtnl"
	"govdsm/lab"
)

// bench is a card in an empty network, and a way to the kernel.
type bench struct {
	*testing.T
	*rtnl.Conn
	index int32
}

func inside(t *testing.T, body func(b bench), features ...lab.Feature) {
	t.Helper()
	lab.Needs(t, append(features, lab.Veth)...).Run(func(t *testing.T) {
		c, err := rtnl.Dial()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		b := bench{T: t, Conn: c}
		b.sh("ip link add eth7 type veth peer name peer7; ip link set eth7 up; ip link set peer7 up")
		i, err := net.InterfaceByName("eth7")
		if err != nil {
			t.Fatal(err)
		}
		b.index = int32(i.Index)
		body(b)
	})
}

func (b bench) sh(script string) string {
	b.Helper()
	out, err := exec.CommandContext(b.Context(), "sh", "-ec", script).CombinedOutput()
	if err != nil {
		b.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

func (b bench) read() Tree {
	b.Helper()
	trees, err := Read(b.Context(), b.Conn, b.index)
	if err != nil {
		b.Fatal(err)
	}
	return trees[b.index]
}

// become turns the link's tree into another one, and tells how many requests
// that took.
func (b bench) become(want Tree) int {
	b.Helper()
	requests := Change(b.index, b.read(), want)
	results, err := b.Do(b.Context(), requests)
	if err != nil {
		b.Fatal(err)
	}
	for i, r := range results {
		if r.Err != nil {
			b.Errorf("request %d of %d, type %d, %x: %v", i, len(requests), requests[i].Type, requests[i].Body, r.Err)
		}
	}
	if left := Change(b.index, b.read(), want); len(left) > 0 {
		b.Errorf("not reached, %d left: (-want +got)\n%s", len(left), cmp.Diff(want, b.read()))
	}
	return len(requests)
}

// show is what tc(8) says, without the flows that happen to pass by.
func (b bench) show() string {
	return b.sh("tc qdisc show dev eth7; tc class show dev eth7 | grep -v ^class.fq_codel | sort; tc filter show dev eth7; tc filter show dev eth7 ingress")
}

func shares(t *testing.T, text string) Shares {
	t.Helper()
	var s Shares
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// original are the commands of the original for a tagged network and then an
// untagged one.
const original = `
	tc qdisc add dev eth7 root handle 0x1389: hfsc default 0x1388
	tc qdisc add dev eth7 ingress
	tc class add dev eth7 parent 1389: classid 1389:a hfsc ls m1 32000000bit d 100000us m2 24000000bit ul m2 8000000bit
	tc class add dev eth7 parent 1389: classid 1389:1388 hfsc ls m2 8000000bit
	tc filter replace dev eth7 protocol all parent 1389: pref 5000 u32 match u8 0 0 flowid 0x1388
	tc filter replace dev eth7 protocol all parent 1389: pref 10 basic match 'meta(vlan eq 10)' flowid 1389:a
	tc qdisc add dev eth7 parent 1389:a handle a: fq_codel
	tc qdisc add dev eth7 parent 1389:1388 handle 1388: fq_codel`

const likeOriginal = `{"10": {"ls": {"m1": 4000000, "d": 100000, "m2": 3000000}, "ul": {"m2": 8000000}}, "-1": {"ls": {"m2": 1000000}}}`

func TestLikeTheOriginal(t *testing.T) {
	inside(t, func(b bench) {
		b.sh(original)
		theirs, text := b.read(), b.show()
		want := Shaped(theirs, shares(t, likeOriginal))
		if left := Change(b.index, theirs, want); len(left) > 0 {
			b.Errorf("what the original made would be changed: (-want +got)\n%s", cmp.Diff(want, theirs))
		}
		b.sh("tc qdisc del dev eth7 root; tc qdisc del dev eth7 ingress")
		b.become(Shaped(b.read(), shares(t, likeOriginal)))
		if ours := b.show(); ours != text {
			b.Errorf("(-original +ours)\n%s", cmp.Diff(strings.Split(text, "\n"), strings.Split(ours, "\n")))
		}
		got := map[int]api.HostBandwidthParams{}
		for _, c := range b.read().Classes {
			got[int(c.Handle&0xffff)] = params(c)
		}
		ten := got[10]
		if *ten.Ls.M1 != 4000000 || *ten.Ls.D != 100000 || ten.Ls.M2 != 3000000 || ten.Ul.M2 != 8000000 || *ten.Ul.M1 != 0 || ten.Rt != nil {
			b.Errorf("read back: %+v", ten)
		}
		if got[0x1388].Ls.M2 != 1000000 {
			b.Errorf("read back: %+v", got)
		}
		b.become(Shaped(b.read(), nil))
		if after := b.show(); strings.Contains(after, "hfsc") || strings.Contains(after, "ingress") {
			b.Errorf("something is left:\n%s", after)
		}
	}, lab.HFSC)
}

// Every way from one of these to another one, with what tc(8) shows at its end
// being the same whatever the way.
func TestWays(t *testing.T) {
	inside(t, func(b bench) {
		trees := []Tree{
			{},
			layout(shares(t, `{"10": {"ls": {"m2": 100}}}`)),
			layout(shares(t, `{"10": {"ls": {"m2": 200}}, "20": {"ls": {"m2": 50}, "rt": {"m2": 8000}}}`)),
			layout(shares(t, `{"10": {"ls": {"m2": 200}, "ul": {"m2": 80000, "m1": 160000, "d": 500}}, "4094": {"ls": {"m2": 50}}}`)),
			layout(shares(t, `{"-1": {"ls": {"m2": 7}}, "10": {"rt": {"m2": 80000}}}`)),
			layout(shares(t, `{"-1": {"ls": {"m2": 7}, "ul": {"m2": 80000}}}`)),
		}
		for i := range trees {
			trees[i].sort()
		}
		// What others might have made, as it is read.
		for _, script := range []string{
			`tc qdisc add dev eth7 root handle 9: fq_codel limit 500`,
			`tc qdisc add dev eth7 root handle 8: htb default 2
			tc class add dev eth7 parent 8: classid 8:1 htb rate 10mbit
			tc class add dev eth7 parent 8:1 classid 8:2 htb rate 5mbit ceil 8mbit
			tc qdisc add dev eth7 parent 8:2 handle 22: pfifo limit 99
			tc qdisc add dev eth7 ingress
			tc filter add dev eth7 protocol all parent 8: pref 3 u32 match u8 0 0 flowid 8:2
			tc filter add dev eth7 protocol all parent ffff: u32 match u8 0 0 action mirred egress mirror dev peer7`,
		} {
			b.sh(script)
			trees = append(trees, b.read())
			b.sh("tc qdisc del dev eth7 root; tc qdisc del dev eth7 ingress 2>/dev/null || :")
		}
		texts := make([]string, len(trees))
		visit := func(i, from int) {
			b.become(trees[i])
			text := b.stable()
			if texts[i] == "" {
				texts[i] = text
			}
			if text != texts[i] {
				b.Fatalf("from %d to %d: (-else +this way)\n%s", from, i, cmp.Diff(strings.Split(texts[i], "\n"), strings.Split(text, "\n")))
			}
		}
		for i := range trees {
			visit(i, i-1)
			for j := range i {
				visit(j, i)
				visit(i, j)
			}
			if again := b.become(trees[i]); again != 0 {
				b.Errorf("%d takes %d requests to stay", i, again)
			}
		}
	}, lab.HFSC, lab.HTB, lab.FQCodel)
}

// stable is what show tells, without numbers that the kernel gives out.
func (b bench) stable() string {
	var kept []string
	for line := range strings.Lines(b.show()) {
		fields := strings.Fields(line)
		for _, word := range []string{"fh", "bkt", "ht", "handle", "index", "key"} {
			if i := slices.Index(fields, word); i >= 0 && i+1 < len(fields) {
				fields[i+1] = "*"
			}
		}
		kept = append(kept, strings.Join(fields, " "))
	}
	slices.Sort(kept)
	return strings.Join(kept, "\n")
}
