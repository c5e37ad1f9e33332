// SPDX-License-Identifier: GPL-2.0-or-later

package vswitch

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"govdsm/internal/network/ovsdb"
	"govdsm/internal/network/ovstest"
)

func dial(t *testing.T, s *ovstest.Switch) (*Conn, func() *State) {
	t.Helper()
	c, err := Dial(t.Context(), s.Socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, func() *State {
		t.Helper()
		state, err := c.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
}

// TestRowsComeBack removes what an administrator made with many settings, and
// puts it back from what was read.
func TestRowsComeBack(t *testing.T) {
	s := ovstest.StartServer(t)
	s.Vsctl("--no-wait", "add-br", "br", "--", "set", "Bridge", "br", "other_config:hwaddr=02:00:00:00:00:01", "protocols=OpenFlow13,OpenFlow15",
		"--", "add-port", "br", "p", "tag=7", "trunks=1,2,3", "external_ids:a=b", "--", "set", "Interface", "p", "type=internal", "mtu_request=1400", "options:x=y",
		"--", "add-port", "br", "zero", "tag=0", "--", "add-bond", "br", "bond", "i1", "i2", "lacp=active", "bond_mode=balance-slb",
		"--", "set", "Open_vSwitch", ".", "external_ids:system-id=here", "external_ids:ovn-bridge-mappings=a:br")
	c, read := dial(t, s)
	before := read()
	if before.SystemID != "here" || before.Mappings == nil || *before.Mappings != "a:br" {
		t.Errorf("read %+v", before)
	}
	if p, b := before.PortOf("i2"); p == nil || p.Name != "bond" || b.Name != "br" || p.Internal() {
		t.Errorf("port of i2 is %+v of %+v", p, b)
	}
	if p, _ := before.Port("p"); p == nil || !p.Internal() || *p.Tag() != 7 {
		t.Errorf("p is %+v", p)
	}
	if p, _ := before.Port("zero"); p == nil || p.Tag() == nil || *p.Tag() != 0 {
		t.Errorf("zero is %+v", p)
	}
	text := before.Text()
	journal, err := json.Marshal(before.Bridges["br"].Ports) // as a journal does
	if err != nil {
		t.Fatal(err)
	}
	row := before.Bridges["br"].Row

	off := before.Change()
	off.SetMappings(nil)
	if err := off.RemoveBridge("br"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Commit(t.Context(), off); err != nil {
		t.Fatal(err)
	}
	if left := read().Text(); left != "" {
		t.Errorf("left is %s", left)
	}

	var ports map[string]Port
	if err := json.Unmarshal(journal, &ports); err != nil {
		t.Fatal(err)
	}
	on := read().Change()
	if err := on.AddBridge("br", row); err != nil {
		t.Fatal(err)
	}
	for _, p := range ports {
		if err := on.AddPort("br", p); err != nil {
			t.Fatal(err)
		}
	}
	on.SetMappings(new("a:br"))
	if _, err := c.Commit(t.Context(), on); err != nil {
		t.Fatal(err)
	}
	if tag := s.Vsctl("get", "port", "zero", "tag"); strings.TrimSpace(tag) != "0" {
		t.Errorf("the tag 0 came back as %s", tag)
	}
	if after := read().Text(); after != text {
		t.Errorf("after:\n%s\nbefore:\n%s", after, text)
	}
}

// TestRefusals are told before a transaction is sent, or by the server when
// somebody else was quicker. Nothing of it is done then.
func TestRefusals(t *testing.T) {
	s := ovstest.StartServer(t)
	s.Vsctl("--no-wait", "add-br", "br", "--", "add-port", "br", "p")
	c, read := dial(t, s)
	change := read().Change()
	for name, test := range map[string]struct{ got, want error }{
		"a bridge twice":        {change.AddBridge("br", nil), ErrTaken},
		"a port twice":          {change.AddPort("br", Port{Name: "p"}), ErrTaken},
		"an interface twice":    {change.AddPort("br", Port{Name: "q", Interfaces: []Interface{{Name: "p"}}}), ErrTaken},
		"a port of no bridge":   {change.AddPort("nope", Port{Name: "q"}), ErrGone},
		"no such bridge":        {change.RemoveBridge("nope"), ErrGone},
		"no such port":          {change.RemovePort("br", "nope"), ErrGone},
		"no such port's VLAN":   {change.SetPort("nope", nil), ErrGone},
		"no such interface set": {change.SetInterface("nope", nil), ErrGone},
	} {
		if !errors.Is(test.got, test.want) {
			t.Errorf("%s: error is %v", name, test.got)
		}
	}
	if change.Len() != 0 {
		t.Errorf("%d operations are in it", change.Len())
	}

	for name, test := range map[string]struct {
		plan   func(*Change) error
		meddle []string
		want   error
	}{
		"port removed": {func(c *Change) error { return c.SetPort("p", Row{"tag": json.RawMessage("7")}) }, []string{"del-port", "p"}, ErrGone},
		"bridge removed": {func(c *Change) error {
			return c.AddPort("br", Port{Name: "q", Interfaces: []Interface{{Name: "q"}}})
		}, []string{"del-br", "br"}, ErrGone},
		"port made again": {func(c *Change) error { return c.RemovePort("br", "p") }, []string{"del-port", "p", "--", "add-port", "br", "p"}, ErrGone},
		"name taken":      {func(c *Change) error { return c.AddBridge("new", nil) }, []string{"add-br", "new"}, nil},
	} {
		s.Vsctl("--no-wait", "--if-exists", "del-br", "br", "--", "--if-exists", "del-br", "new", "--", "add-br", "br", "--", "add-port", "br", "p")
		change := read().Change()
		if err := test.plan(change); err != nil {
			t.Fatal(err)
		}
		s.Vsctl(append([]string{"--no-wait"}, test.meddle...)...)
		theirs := read().Text()
		_, err := c.Commit(t.Context(), change)
		if _, refused := errors.AsType[*ovsdb.Error](err); !refused || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: error is %v", name, err)
		}
		if after := read().Text(); after != theirs {
			t.Errorf("%s: after:\n%s\nbefore:\n%s", name, after, theirs)
		}
	}
}

// TestNotSettled has nobody who acts on the database.
func TestNotSettled(t *testing.T) {
	s := ovstest.StartServer(t)
	c, read := dial(t, s)
	change := read().Change()
	if err := change.AddBridge("br", nil); err != nil {
		t.Fatal(err)
	}
	serial, err := c.Commit(t.Context(), change)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Settle(t.Context(), serial, 10*time.Millisecond); !errors.Is(err, ErrNotSettled) {
		t.Errorf("error is %v", err)
	}
	s.Vsctl("--no-wait", "set", "Open_vSwitch", ".", "cur_cfg=99")
	if err := c.Settle(t.Context(), serial, time.Minute); err != nil {
		t.Error(err)
	}
}

// TestHostileRows are of a server that has another idea of the schema.
func TestHostileRows(t *testing.T) {
	good := map[string]string{
		"root":      `[{"_uuid":["uuid","r"],"external_ids":["map",[]]}]`,
		"bridge":    `[{"_uuid":["uuid","b"],"name":"br","ports":["uuid","p"]}]`,
		"port":      `[{"_uuid":["uuid","p"],"name":"p","interfaces":["set",[["uuid","i"]]]}]`,
		"interface": `[{"_uuid":["uuid","i"],"name":"p","type":"internal"}]`,
	}
	read := func(change ...string) (*State, error) {
		tables := map[string][]row{}
		for name, text := range good {
			if name == change[0] {
				text = change[1]
			}
			var rows []row
			if err := json.Unmarshal([]byte(text), &rows); err != nil {
				t.Fatal(err)
			}
			tables[name] = rows
		}
		return assemble(tables["root"], tables["bridge"], tables["port"], tables["interface"])
	}
	if s, err := read(""); err != nil || s.Bridges["br"].Ports["p"] == nil || !s.Bridges["br"].Ports["p"].Internal() {
		t.Fatalf("%+v, %v", s, err)
	}
	for _, bad := range [][2]string{
		{"root", `[]`}, {"root", `[{},{}]`}, {"root", `[{}]`}, {"root", `[{"_uuid":["uuid","r"],"external_ids":7}]`},
		{"root", `[{"_uuid":["uuid","r"],"external_ids":["map",[["a"],7]]}]`},
		{"bridge", `[{"name":"br"}]`}, {"bridge", `[{"_uuid":["uuid","b"],"name":["set",[]],"ports":[]}]`},
		{"bridge", `[{"_uuid":["uuid","b"],"name":"br","ports":["set",[1,2]]}]`}, {"bridge", `[{"_uuid":["uuid","b"],"name":"br","ports":"p"}]`},
		{"port", `[{"_uuid":"p","name":"p","interfaces":["set",[]]}]`}, {"port", `[{"_uuid":["uuid","p"],"name":"p","interfaces":null}]`},
		{"interface", `[{"_uuid":["set",[]],"name":"p"}]`}, {"interface", `[{"_uuid":["uuid","i"],"name":7}]`},
	} {
		if s, err := read(bad[0], bad[1]); !errors.Is(err, ovsdb.ErrProtocol) {
			t.Errorf("%s %s: %+v, %v", bad[0], bad[1], s, err)
		}
	}
	// What refers to nothing is left out, and what is of another kind is none.
	s, err := read("port", `[{"_uuid":["uuid","p"],"name":"p","tag":"seven","interfaces":["uuid","gone"]}]`)
	if err != nil || s.Bridges["br"].Ports["p"].Internal() || s.Bridges["br"].Ports["p"].Tag() != nil || strings.Contains(s.Text(), "interface") {
		t.Errorf("%+v, %v", s, err)
	}
}
