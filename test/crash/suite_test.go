// SPDX-License-Identifier: GPL-2.0-or-later

package crash

import (
	"flag"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"govdsm/test/crashfs"
)

// usual is how many points of an operation the usual run has, with one end of
// each in turn. GOVDSM_CRASH=killed, lost or torn tries all points with that
// end, all with every end.
const usual = 13

// ends returns those of the n-th of some points that are tried.
func ends(n, points int, half bool) []crashfs.How {
	all := []crashfs.How{crashfs.Killed, crashfs.Lost, crashfs.Torn}
	if half {
		all = append(all, crashfs.Half)
	}
	switch how := os.Getenv("GOVDSM_CRASH"); {
	case how == "all", how == "" && n == points-1:
		return all
	case how != "":
		return []crashfs.How{crashfs.How(how)}
	}
	return all[n%len(all):][:1]
}

// count is how many points were tried.
type count struct {
	mu    sync.Mutex
	tried map[string]map[crashfs.How]int
	there map[string]int
}

func (c *count) add(name string, how crashfs.How) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tried[name] == nil {
		c.tried[name] = make(map[crashfs.How]int)
	}
	c.tried[name][how]++
}

func (c *count) report(t *testing.T, least int) {
	total := 0
	var names []string
	for name := range c.tried {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		n := c.tried[name]
		t.Logf("%-28s %4d steps: killed %4d, power lost %4d, torn %4d, half a write %4d", name, c.there[name],
			n[crashfs.Killed], n[crashfs.Lost], n[crashfs.Torn], n[crashfs.Half])
		for _, tried := range n {
			total += tried
		}
	}
	t.Logf("%d points", total)
	if some := flag.Lookup("test.run").Value.String(); total < least && !t.Failed() && !strings.Contains(some, "/") {
		t.Errorf("only %d points", total)
	}
}

// TestEndedAtEveryStep ends operations between their steps: killed, and with
// the loss of what was not flushed. Of each end a new host finds either what
// was before or what is after; what was acknowledged; and domains that verify.
func TestEndedAtEveryStep(t *testing.T) {
	c := &count{tried: make(map[string]map[crashfs.How]int), there: make(map[string]int)}
	t.Run("operations", func(t *testing.T) {
		for version, all := range map[string][]operation{
			"5": slices.Concat(onVolumes(), jobs(), onDomains()),
			"4": slices.Concat(onVolumes()[:4], onVolumes()[8:9]),
			"3": onVolumes()[2:4],
		} {
			for _, o := range all {
				o.name += " V" + version
				t.Run(strings.ReplaceAll(o.name, " ", "_"), func(t *testing.T) {
					t.Parallel()
					endEverywhere(t, o, version, c)
				})
			}
		}
	})
	c.report(t, 500)
}

func endEverywhere(t *testing.T, o operation, version string, c *count) {
	disks := crashfs.Start(t)
	r := record(t, disks, o, version)
	c.mu.Lock()
	c.there[o.name] = len(r.points) - 1
	c.mu.Unlock()
	points := r.points
	if os.Getenv("GOVDSM_CRASH") == "" {
		points = sample(points, usual)
	}
	for n, p := range points {
		for _, how := range ends(n, len(points), p.Half) {
			if err := r.check(t, disks, p, how); err != nil {
				t.Errorf("%s before %v (heard %+v): %v", how, p.Next, r.heard, err)
			}
			c.add(o.name, how)
		}
		if t.Failed() {
			return // the others fail alike
		}
	}
}
