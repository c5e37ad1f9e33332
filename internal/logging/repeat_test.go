// SPDX-License-Identifier: GPL-2.0-or-later

package logging

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRepeatsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, out, flushed := open(t, Options{})
		log := l.Logger("libvirt")
		for range 100 {
			log.Warn("cannot connect", "err", "refused")
		}
		log.Warn("cannot connect", "err", "another reason")
		l.Logger("other").Warn("cannot connect", "err", "refused")
		flushed()
		if n := len(out.lines()); n != 3 {
			t.Fatalf("%d lines:\n%s", n, out)
		}
		time.Sleep(61 * time.Second)
		flushed()
		if lines := out.lines(); len(lines) != 4 || !strings.Contains(lines[3], "err=refused repeated=99 within=1m0s") {
			t.Fatalf("after a minute:\n%s", out)
		}
		// Silence forgets it: the next one is printed at once.
		time.Sleep(10 * time.Minute)
		log.Warn("cannot connect", "err", "refused")
		flushed()
		if n := len(out.lines()); n != 5 {
			t.Fatalf("%d lines:\n%s", n, out)
		}
	})
}

// TestADayOfTroubleIsShort has an idle host whose peer is away: one attempt a
// second for a day, each with another text.
func TestADayOfTroubleIsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, out, flushed := open(t, Options{})
		for i := range 24 * 60 * 60 {
			l.Logger("x").Warn("cannot connect", "attempt", i)
			time.Sleep(time.Second)
		}
		flushed()
		if n := len(out.lines()); n > 50 {
			t.Errorf("%d lines in a day", n)
		}
	})
}

func TestLinesOfACallAreNeverCounted(t *testing.T) {
	l, out, flushed := open(t, Options{})
	for range 20 {
		l.Logger("x").InfoContext(inCall(), "same")
	}
	flushed()
	if n := len(out.lines()); n != 20 {
		t.Errorf("%d lines", n)
	}
}

func TestCloseTellsWhatWasCounted(t *testing.T) {
	l, out, _ := open(t, Options{})
	for range 3 {
		l.Logger("x").Info("same")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if lines := out.lines(); len(lines) != 2 || !strings.Contains(lines[1], "repeated=2") {
		t.Errorf("%q", lines)
	}
}

func TestTrackedMessagesAreBounded(t *testing.T) {
	l, _, flushed := open(t, Options{})
	for i := range 3 * mostTracked {
		l.Logger("x").Info(strings.Repeat("m", i%500) + time.Duration(i).String())
		if i%1000 == 0 {
			flushed()
		}
	}
	if n := len(l.repeats.seen); n > mostTracked {
		t.Errorf("%d messages are remembered", n)
	}
}

func TestDebuggingEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, out, flushed := open(t, Options{})
		l.DebugFlow("flow-1", time.Minute)
		l.DebugComponent("virt", 2*time.Minute)
		for range 3 {
			l.Logger("host").DebugContext(inCall(), "flow")
			l.Logger("virt").Debug("component")
			time.Sleep(61 * time.Second)
		}
		flushed()
		s := out.String()
		if strings.Count(s, "flow flow_id") != 1 || strings.Count(s, "component") != 2 {
			t.Errorf("logged:\n%s", s)
		}
	})
}
