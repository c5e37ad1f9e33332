// SPDX-License-Identifier: GPL-2.0-or-later

package vswitch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"govdsm/internal/network/ovsdb"
)

// database is the name of Open vSwitch's database.
const database = "Open_vSwitch"

// The tables that matter here.
const (
	tableRoot      = "Open_vSwitch"
	tableBridge    = "Bridge"
	tablePort      = "Port"
	tableInterface = "Interface"
)

// What is read of each table: what an administrator sets. Columns that the
// oldest Open vSwitch in use (2.15) does not have are not among them.
func rootColumns() []string { return []string{"_uuid", "bridges", "external_ids", "next_cfg"} }

func bridgeSettings() []string {
	return []string{
		"name", "datapath_type", "stp_enable", "rstp_enable", "mcast_snooping_enable", "protocols", "fail_mode",
		"other_config", "external_ids", "flood_vlans",
	}
}

// bridgeAttached are columns whose rows live and die with the bridge.
func bridgeAttached() []string {
	return []string{"mirrors", "netflow", "sflow", "ipfix", "controller", "flow_tables", "auto_attach"}
}

func portSettings() []string {
	return []string{
		"name", "trunks", "cvlans", "tag", "vlan_mode", "qos", "mac", "bond_mode", "lacp", "bond_updelay",
		"bond_downdelay", "bond_fake_iface", "fake_bridge", "protected", "other_config", "external_ids",
	}
}

func interfaceSettings() []string {
	return []string{
		"name", "type", "options", "ingress_policing_rate", "ingress_policing_burst", "mac", "external_ids",
		"ofport_request", "bfd", "cfm_mpid", "lldp", "other_config", "mtu_request",
	}
}

// Conn is a connection to the database.
type Conn struct{ db *ovsdb.Conn }

// Dial connects to the database that is served on a socket, "" for the
// default one.
func Dial(ctx context.Context, socket string) (*Conn, error) {
	if socket == "" {
		socket = ovsdb.DefaultSocket
	}
	db, err := ovsdb.Dial(ctx, socket)
	if err != nil {
		return nil, fmt.Errorf("connect to Open vSwitch: %w", err)
	}
	return &Conn{db}, nil
}

// Close ends the connection.
func (c *Conn) Close() error { return c.db.Close() }

// Read is Dial, Read and Close.
func Read(ctx context.Context, socket string) (*State, error) {
	c, err := Dial(ctx, socket)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.Read(ctx)
}

// Read reads the configuration.
func (c *Conn) Read(ctx context.Context) (*State, error) {
	results, err := c.db.Transact(ctx, database,
		ovsdb.Select(tableRoot, rootColumns()),
		ovsdb.Select(tableBridge, slices.Concat([]string{"_uuid", "ports"}, bridgeSettings(), bridgeAttached())),
		ovsdb.Select(tablePort, slices.Concat([]string{"_uuid", "interfaces"}, portSettings())),
		ovsdb.Select(tableInterface, slices.Concat([]string{"_uuid", "error"}, interfaceSettings())),
	)
	if err != nil {
		return nil, fmt.Errorf("read Open vSwitch's database: %w", err)
	}
	s, err := assemble(results[0].Rows, results[1].Rows, results[2].Rows, results[3].Rows)
	if err != nil {
		return nil, fmt.Errorf("read Open vSwitch's database: %w", err)
	}
	return s, nil
}

type row = map[string]json.RawMessage

// assemble makes one thing of the tables.
func assemble(roots, bridges, ports, interfaces []row) (*State, error) {
	if len(roots) != 1 {
		return nil, fmt.Errorf("%w: %d rows of %s", ovsdb.ErrProtocol, len(roots), tableRoot)
	}
	s := &State{Bridges: make(map[string]*Bridge, len(bridges))}
	if err := s.readRoot(roots[0]); err != nil {
		return nil, err
	}
	ifaces := make(map[string]Interface, len(interfaces))
	for _, r := range interfaces {
		uuid, name, err := identity(r)
		if err != nil {
			return nil, err
		}
		i := Interface{Name: name, Row: settings(r, interfaceSettings()), Error: text(r["error"])}
		ifaces[uuid] = i
	}
	byUUID := make(map[string]*Port, len(ports))
	for _, r := range ports {
		uuid, name, err := identity(r)
		if err != nil {
			return nil, err
		}
		p := &Port{Name: name, Row: settings(r, portSettings()), uuid: uuid}
		refs, err := ovsdb.UUIDs(r["interfaces"])
		if err != nil {
			return nil, err
		}
		for _, ref := range refs {
			if i, there := ifaces[ref]; there {
				p.Interfaces = append(p.Interfaces, i)
			}
		}
		byUUID[uuid] = p
	}
	for _, r := range bridges {
		if err := s.readBridge(r, byUUID); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *State) readRoot(r row) error {
	uuids, err := ovsdb.UUIDs(r["_uuid"])
	if err != nil || len(uuids) != 1 {
		return errors.Join(fmt.Errorf("%w: a row without UUID", ovsdb.ErrProtocol), err)
	}
	ids, err := ovsdb.Pairs(r["external_ids"])
	if err != nil {
		return err
	}
	s.root, s.SystemID = uuids[0], ids["system-id"]
	if mappings, there := ids[mappingsKey]; there {
		s.Mappings = &mappings
	}
	return nil
}

func (s *State) readBridge(r row, ports map[string]*Port) error {
	uuid, name, err := identity(r)
	if err != nil {
		return err
	}
	b := &Bridge{Name: name, Row: settings(r, bridgeSettings()), Ports: map[string]*Port{}, uuid: uuid}
	refs, err := ovsdb.UUIDs(r["ports"])
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if p := ports[ref]; p != nil {
			b.Ports[p.Name] = p
		}
	}
	for _, column := range bridgeAttached() {
		if !empty(column, r[column]) {
			b.Attached = append(b.Attached, column)
		}
	}
	s.Bridges[name] = b
	return nil
}

// identity returns the UUID and the name of a row.
func identity(r row) (uuid, name string, err error) {
	uuids, err := ovsdb.UUIDs(r["_uuid"])
	name = text(r["name"])
	if err != nil || len(uuids) != 1 || name == "" {
		return "", "", errors.Join(fmt.Errorf("%w: a row without UUID or name", ovsdb.ErrProtocol), err)
	}
	return uuids[0], name, nil
}

// settings keeps the columns that are not empty, which is what they are when
// nobody sets them.
func settings(r row, columns []string) Row {
	kept := make(Row, 2)
	for _, column := range columns {
		if raw := r[column]; !empty(column, raw) {
			kept[column] = raw
		}
	}
	return kept
}

// empty tells whether a column has no value, or the one of a column that must
// have one and was not set. Tags need not be there, so that 0 is one.
func empty(column string, raw json.RawMessage) bool {
	switch string(raw) {
	case "", `["set",[]]`, `["map",[]]`, `""`, "false":
		return true
	case "0":
		return column != "tag"
	}
	return false
}
