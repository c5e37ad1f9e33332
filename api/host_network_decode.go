// SPDX-License-Identifier: GPL-2.0-or-later

package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Tobool is a boolean of host networking by the original's older rule
// (common/conv.py tobool): true, the text "true" in any case and the text of a
// number other than 0 are true. All else is false, the number 1 included.
type Tobool bool

// UnmarshalJSON takes any value.
func (t *Tobool) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	*t = TobooleanOf(v)
	return nil
}

// TobooleanOf applies the rule of Tobool to a decoded JSON value.
func TobooleanOf(v any) Tobool {
	switch v := v.(type) {
	case bool:
		return Tobool(v)
	case string:
		n, err := strconv.Atoi(strings.TrimSpace(v))
		return Tobool(strings.EqualFold(v, "true") || err == nil && n != 0)
	}
	return false
}

// Truth is a boolean of host networking that takes any value as Python does:
// null, false, 0 and what is empty are false. Mind that the text "false" is
// true.
type Truth bool

// UnmarshalJSON takes any value.
func (t *Truth) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		*t = false
	case bool:
		*t = Truth(v)
	case float64:
		*t = v != 0
	case string:
		*t = v != ""
	case []any:
		*t = len(v) > 0
	case map[string]any:
		*t = len(v) > 0
	}
	return nil
}

// Numeral is a whole number that may come as text: managers send the tag of a
// VLAN so. Fractions are cut off, as the original's int() does.
type Numeral int64

// UnmarshalJSON takes a number or its decimal text.
func (n *Numeral) UnmarshalJSON(b []byte) error {
	var text string
	if bytes.HasPrefix(b, []byte(`"`)) {
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
		i, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		*n = Numeral(i)
		return nil
	}
	var f float64
	if err := json.Unmarshal(b, &f); err != nil {
		return fmt.Errorf("%.64s is not a number", b)
	}
	if math.Abs(f) >= 1<<53 {
		return fmt.Errorf("%.64s is too large", b)
	}
	*n = Numeral(f)
	return nil
}

// members is an object that is being taken apart.
type members struct {
	left map[string]json.RawMessage
	err  error
}

func takeApart(b []byte) *members {
	m := new(members)
	m.err = json.Unmarshal(b, &m.left)
	return m
}

// take moves the member called name into the value that into points to. A
// null leaves it as it is.
func (m *members) take(name string, into any) {
	raw, given := m.left[name]
	delete(m.left, name)
	if !given || string(raw) == "null" || m.err != nil {
		return
	}
	if err := json.Unmarshal(raw, into); err != nil {
		m.err = fmt.Errorf("%s: %w", name, err)
	}
}

// others returns what was not taken, and the first error.
func (m *members) others() (map[string]json.RawMessage, error) {
	if m.err != nil || len(m.left) == 0 {
		return nil, m.err
	}
	return m.left, nil
}

// UnmarshalJSON takes the members as the types' rules say and keeps the
// others.
func (a *SetupNetworkNetAttributes) UnmarshalJSON(b []byte) (err error) {
	*a = SetupNetworkNetAttributes{}
	m := takeApart(b)
	if string(m.left["vlan"]) == `""` {
		delete(m.left, "vlan") // the original's "no VLAN"
	}
	if p := string(m.left["prefix"]); p == `""` {
		delete(m.left, "prefix")
	}
	m.take("bootproto", &a.Bootproto)
	m.take("dhcpv6", &a.Dhcpv6)
	m.take("ipv6autoconf", &a.Ipv6autoconf)
	m.take("nic", &a.NIC)
	m.take("hostQos", &a.HostQoS)
	m.take("ipv6addr", &a.Ipv6addr)
	m.take("ipv6gateway", &a.Ipv6gateway)
	m.take("gateway", &a.Gateway)
	m.take("vlan", &a.VLAN)
	m.take("ipaddr", &a.Ipaddr)
	m.take("remove", &a.Remove)
	m.take("custom", &a.Custom)
	m.take("bonding", &a.Bonding)
	m.take("netmask", &a.Netmask)
	m.take("defaultRoute", &a.DefaultRoute)
	m.take("nameservers", &a.Nameservers)
	m.take("switch", &a.Switch)
	m.take("mtu", &a.MTU)
	m.take("bridged", &a.Bridged)
	m.take("prefix", &a.Prefix)
	m.take("stp", &a.Stp)
	m.take("STP", &a.STP)
	a.Others, err = m.others()
	return err
}

// MarshalJSON writes the declared members and the others.
func (a SetupNetworkNetAttributes) MarshalJSON() ([]byte, error) {
	type declared SetupNetworkNetAttributes
	return withOthers(declared(a), a.Others)
}

// UnmarshalJSON takes the members as the types' rules say and keeps the
// others.
func (a *SetupNetworkBondAttributes) UnmarshalJSON(b []byte) (err error) {
	*a = SetupNetworkBondAttributes{}
	m := takeApart(b)
	m.take("remove", &a.Remove)
	m.take("nics", &a.Nics)
	m.take("options", &a.Options)
	m.take("hwaddr", &a.Hwaddr)
	m.take("switch", &a.Switch)
	a.Others, err = m.others()
	return err
}

// MarshalJSON writes the declared members and the others.
func (a SetupNetworkBondAttributes) MarshalJSON() ([]byte, error) {
	type declared SetupNetworkBondAttributes
	return withOthers(declared(a), a.Others)
}

// UnmarshalJSON takes the members as the types' rules say and keeps the
// others.
func (o *SetupNetworkOptions) UnmarshalJSON(b []byte) (err error) {
	*o = SetupNetworkOptions{}
	m := takeApart(b)
	m.take("connectivityCheck", &o.ConnectivityCheck)
	m.take("connectivityTimeout", &o.ConnectivityTimeout)
	m.take("commitOnSuccess", &o.CommitOnSuccess)
	m.take("_inRollback", &o.InRollback)
	o.Others, err = m.others()
	return err
}

// MarshalJSON writes the declared members and the others.
func (o SetupNetworkOptions) MarshalJSON() ([]byte, error) {
	type declared SetupNetworkOptions
	return withOthers(declared(o), o.Others)
}

func withOthers(declared any, others map[string]json.RawMessage) ([]byte, error) {
	b, err := json.Marshal(declared)
	if err != nil || len(others) == 0 {
		return b, err
	}
	all := make(map[string]json.RawMessage)
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, err
	}
	for name, raw := range others {
		if _, given := all[name]; !given {
			all[name] = raw
		}
	}
	return json.Marshal(all)
}
