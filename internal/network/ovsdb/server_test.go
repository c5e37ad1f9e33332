// SPDX-License-Identifier: GPL-2.0-or-later

package ovsdb_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"govdsm/internal/network/ovsdb"
	"govdsm/internal/network/ovstest"
)

const database = "Open_vSwitch"

// TestServer talks with the real one.
func TestServer(t *testing.T) {
	s := ovstest.StartServer(t)
	c, err := ovsdb.Dial(t.Context(), s.Socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Echo(t.Context()); err != nil {
		t.Fatal(err)
	}
	make := func() error {
		_, err := c.Transact(t.Context(), database,
			ovsdb.Insert("Bridge", "b", ovsdb.Row{"name": "br", "other_config": ovsdb.Map("who", "us")}),
			ovsdb.Mutate("Open_vSwitch", nil, ovsdb.Mutation{"bridges", "insert", ovsdb.Set(ovsdb.Named("b"))}))
		return err
	}
	if err := make(); err != nil {
		t.Fatal(err)
	}
	results, err := c.Transact(t.Context(), database,
		ovsdb.Select("Bridge", []string{"_uuid", "name", "other_config", "fail_mode", "ports"}, ovsdb.Condition{"name", "==", "br"}))
	if err != nil || len(results[0].Rows) != 1 {
		t.Fatal(results, err)
	}
	row := results[0].Rows[0]
	if uuids, err := ovsdb.UUIDs(row["_uuid"]); err != nil || len(uuids) != 1 || len(uuids[0]) != 36 {
		t.Errorf("UUID is %v, %v", uuids, err)
	}
	if pairs, err := ovsdb.Pairs(row["other_config"]); err != nil || pairs["who"] != "us" {
		t.Errorf("map is %v, %v", pairs, err)
	}
	if mode, err := ovsdb.Optional[string](row["fail_mode"]); err != nil || mode != nil {
		t.Errorf("mode is %v, %v", mode, err)
	}
	if ports, err := ovsdb.UUIDs(row["ports"]); err != nil || len(ports) != 0 {
		t.Errorf("ports are %v, %v", ports, err)
	}

	// Refusals name the operation, and the connection lives on.
	refused := func(what string, index int, err error) {
		t.Helper()
		if e, ok := errors.AsType[*ovsdb.Error](err); !ok || e.Index != index {
			t.Errorf("%s: error is %#v", what, err)
		}
	}
	refused("a name twice", 2, make()) // the whole is refused, by an index of the table
	_, err = c.Transact(t.Context(), database, ovsdb.Select("Bridge", []string{"name"}), ovsdb.Select("Bridge", []string{"nonsense"}))
	refused("no such column", 1, err)
	_, err = c.Transact(t.Context(), "nonsense", ovsdb.Select("Bridge", nil))
	if err == nil {
		t.Error("there is such a database")
	}
	_, err = c.Transact(t.Context(), database, ovsdb.Wait("Open_vSwitch", "cur_cfg", 0, ovsdb.Condition{"cur_cfg", ">=", 7}))
	refused("a wait", 0, err)
}

// TestWait is answered when what it waits for has come.
func TestWait(t *testing.T) {
	s := ovstest.StartServer(t)
	done := make(chan error, 1)
	go func() {
		c, err := ovsdb.Dial(t.Context(), s.Socket)
		if err != nil {
			done <- err
			return
		}
		defer c.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = c.Transact(ctx, database, ovsdb.Wait("Open_vSwitch", "cur_cfg", time.Minute, ovsdb.Condition{"cur_cfg", ">=", 3}))
		done <- err
	}()
	s.Vsctl("--no-wait", "set", "Open_vSwitch", ".", "cur_cfg=2")
	select {
	case err := <-done:
		t.Fatalf("answered too early: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	s.Vsctl("--no-wait", "set", "Open_vSwitch", ".", "cur_cfg=4")
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestHang stops the server in the middle of its life.
func TestHang(t *testing.T) {
	s := ovstest.StartServer(t)
	c, err := ovsdb.Dial(t.Context(), s.Socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s.Hang()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := c.Echo(ctx); !errors.Is(err, ovsdb.ErrSilent) {
		t.Errorf("error is %v", err)
	}
	s.Resume()
	again, err := ovsdb.Dial(t.Context(), s.Socket)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Echo(t.Context()); err != nil {
		t.Error(err)
	}
}
