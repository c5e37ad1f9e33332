// SPDX-License-Identifier: GPL-2.0-or-later

package vswitch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"govdsm/internal/network/ovsdb"
)

// mappingsKey is the word in external_ids under which OVN looks for bridges.
const mappingsKey = "ovn-bridge-mappings"

var (
	// ErrTaken says that a bridge or port of the name is there.
	ErrTaken = errors.New("there is one of that name in Open vSwitch")
	// ErrGone says that the bridge or port to be changed is not there.
	ErrGone = errors.New("there is none of that name in Open vSwitch")
	// ErrNotSettled says that Open vSwitch did not act on the database in time,
	// most likely because ovs-vswitchd does not run.
	ErrNotSettled = errors.New("ovs-vswitchd does not act on its database")
)

// Change is a transaction in the making. Its methods see what the former ones
// did; those that fail add nothing.
type Change struct {
	state *State
	ops   []ovsdb.Operation
	names int // of inserted rows
}

// Change begins a transaction on what was read. The state is the change's from
// now on.
func (s *State) Change() *Change { return &Change{state: s} }

// State is what the database will hold.
func (c *Change) State() *State { return c.state }

// Len is how many operations the transaction has so far, to find out later
// which part of it was refused.
func (c *Change) Len() int { return len(c.ops) }

func (c *Change) add(ops ...ovsdb.Operation) { c.ops = append(c.ops, ops...) }

func (c *Change) insert(table string, r Row, more ovsdb.Row) (reference any) {
	c.names++
	name := fmt.Sprintf("row%d", c.names)
	values := make(ovsdb.Row, len(r)+1)
	for column, raw := range r {
		values[column] = raw
	}
	maps.Copy(values, more)
	c.add(ovsdb.Insert(table, name, values))
	return ovsdb.Named(name)
}

func (c *Change) inRoot() []ovsdb.Condition {
	return []ovsdb.Condition{{"_uuid", "==", ovsdb.UUID(c.state.root)}}
}

// require makes the transaction fail when there is no such row any more.
func (c *Change) require(table string, conditions []ovsdb.Condition) {
	c.add(ovsdb.Wait(table, "_uuid", 0, conditions...))
}

// AddBridge makes a bridge without ports.
func (c *Change) AddBridge(name string, r Row) error {
	if c.state.Bridges[name] != nil {
		return fmt.Errorf("bridge %s: %w", name, ErrTaken)
	}
	ref := c.insert(tableBridge, r, ovsdb.Row{"name": name})
	c.add(ovsdb.Mutate(tableRoot, c.inRoot(), ovsdb.Mutation{"bridges", "insert", ovsdb.Set(ref)}))
	c.state.Bridges[name] = &Bridge{Name: name, Row: r, Ports: map[string]*Port{}}
	return nil
}

// RemoveBridge removes a bridge and what ports it has.
func (c *Change) RemoveBridge(name string) error {
	b := c.state.Bridges[name]
	if b == nil || b.uuid == "" {
		return fmt.Errorf("bridge %s: %w", name, ErrGone)
	}
	c.add(ovsdb.Mutate(tableRoot, c.inRoot(), ovsdb.Mutation{"bridges", "delete", ovsdb.Set(ovsdb.UUID(b.uuid))}))
	delete(c.state.Bridges, name)
	return nil
}

// AddPort makes a port of a bridge.
func (c *Change) AddPort(bridge string, p Port) error {
	b := c.state.Bridges[bridge]
	if b == nil {
		return fmt.Errorf("bridge %s: %w", bridge, ErrGone)
	}
	if _, other := c.state.Port(p.Name); other != nil {
		return fmt.Errorf("port %s, of bridge %s: %w", p.Name, other.Name, ErrTaken)
	}
	var refs []any
	for _, i := range p.Interfaces {
		if _, other := c.state.PortOf(i.Name); other != nil {
			return fmt.Errorf("interface %s, of bridge %s: %w", i.Name, other.Name, ErrTaken)
		}
	}
	for _, i := range p.Interfaces {
		refs = append(refs, c.insert(tableInterface, i.Row, ovsdb.Row{"name": i.Name}))
	}
	ref := c.insert(tablePort, p.Row, ovsdb.Row{"name": p.Name, "interfaces": ovsdb.Set(refs...)})
	c.require(tableBridge, named(bridge))
	c.add(ovsdb.Mutate(tableBridge, named(bridge), ovsdb.Mutation{"ports", "insert", ovsdb.Set(ref)}))
	p.uuid = ""
	b.Ports[p.Name] = &p
	return nil
}

// RemovePort removes a port from a bridge.
func (c *Change) RemovePort(bridge, name string) error {
	b := c.state.Bridges[bridge]
	if b == nil || b.Ports[name] == nil || b.Ports[name].uuid == "" {
		return fmt.Errorf("port %s of bridge %s: %w", name, bridge, ErrGone)
	}
	port := ovsdb.Set(ovsdb.UUID(b.Ports[name].uuid))
	c.require(tableBridge, append(named(bridge), ovsdb.Condition{"ports", "includes", port}))
	c.add(ovsdb.Mutate(tableBridge, named(bridge), ovsdb.Mutation{"ports", "delete", port}))
	delete(b.Ports, name)
	return nil
}

// SetPort sets columns of a port; those without a value are emptied.
func (c *Change) SetPort(name string, r Row) error {
	p, _ := c.state.Port(name)
	if p == nil {
		return fmt.Errorf("port %s: %w", name, ErrGone)
	}
	c.require(tablePort, named(name))
	c.add(ovsdb.Update(tablePort, values(r), named(name)...))
	p.Row = p.Row.with(r)
	return nil
}

// SetInterface is SetPort for an interface.
func (c *Change) SetInterface(name string, r Row) error {
	p, _ := c.state.PortOf(name)
	if p == nil {
		return fmt.Errorf("interface %s: %w", name, ErrGone)
	}
	c.require(tableInterface, named(name))
	c.add(ovsdb.Update(tableInterface, values(r), named(name)...))
	for n, i := range p.Interfaces {
		if i.Name == name {
			p.Interfaces[n].Row = i.Row.with(r)
		}
	}
	return nil
}

// SetMappings sets the mappings of OVN, nil for none.
func (c *Change) SetMappings(to *string) {
	off := ovsdb.Mutation{"external_ids", "delete", ovsdb.Set(mappingsKey)}
	c.add(ovsdb.Mutate(tableRoot, c.inRoot(), off))
	if to != nil {
		c.add(ovsdb.Mutate(tableRoot, c.inRoot(), ovsdb.Mutation{"external_ids", "insert", ovsdb.Map(mappingsKey, *to)}))
	}
	c.state.Mappings = to
}

func named(name string) []ovsdb.Condition { return []ovsdb.Condition{{"name", "==", name}} }

func values(r Row) ovsdb.Row {
	v := make(ovsdb.Row, len(r))
	for column, raw := range r {
		if v[column] = raw; empty(column, raw) {
			v[column] = ovsdb.Set()
		}
	}
	return v
}

// with returns the row with some columns set.
func (r Row) with(other Row) Row {
	after := make(Row, len(r)+len(other))
	maps.Copy(after, r)
	for column, raw := range other {
		if after[column] = raw; empty(column, raw) {
			delete(after, column)
		}
	}
	return after
}

// Commit carries the change out, all or nothing, and returns the number by
// which Settle knows it. The error is an *ovsdb.Error for a refusal, with the
// place of the operation that was refused.
func (c *Conn) Commit(ctx context.Context, change *Change) (serial int64, err error) {
	ops := append(slices.Clone(change.ops),
		ovsdb.Mutate(tableRoot, change.inRoot(), ovsdb.Mutation{"next_cfg", "+=", 1}),
		ovsdb.Select(tableRoot, []string{"next_cfg"}))
	results, err := c.db.Transact(ctx, database, ops...)
	if e, ok := errors.AsType[*ovsdb.Error](err); ok && e.Name == timedOut {
		err = fmt.Errorf("%w: %w", ErrGone, err) // one of require's
	}
	if err != nil {
		return 0, fmt.Errorf("change Open vSwitch: %w", err)
	}
	rows := results[len(ops)-1].Rows
	if len(rows) != 1 || json.Unmarshal(rows[0]["next_cfg"], &serial) != nil {
		return 0, fmt.Errorf("change Open vSwitch: %w: no next_cfg", ovsdb.ErrProtocol)
	}
	return serial, nil
}

// timedOut is the server's word for a wait that has failed.
const timedOut = "timed out"

// Settle waits until Open vSwitch has acted on a change, no longer than the
// limit.
func (c *Conn) Settle(ctx context.Context, serial int64, limit time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit+ovsdb.Patience, ovsdb.ErrSilent)
	defer cancel()
	_, err := c.db.Transact(ctx, database, ovsdb.Wait(tableRoot, "cur_cfg", limit, ovsdb.Condition{"cur_cfg", ">=", serial}))
	if e, ok := errors.AsType[*ovsdb.Error](err); ok && e.Name == timedOut {
		return ErrNotSettled
	}
	if err != nil {
		return fmt.Errorf("wait for ovs-vswitchd: %w", err)
	}
	return nil
}
