// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import "encoding/json"

// Current is the state a host is in, as a reader of the kernel or nmstate
// reports it.
type Current struct {
	Interfaces  map[string]Interface
	Routes      []Route     // all that are in effect, of all tables but local
	Rules       []RouteRule // all that are configured
	Nameservers []string    // in use, in order
}

// UnmarshalJSON reads what nmstatectl show --json prints.
func (c *Current) UnmarshalJSON(b []byte) error {
	var d document
	if err := json.Unmarshal(b, &d); err != nil {
		return err
	}
	*c = Current{Interfaces: make(map[string]Interface, len(d.Interfaces))}
	for _, i := range d.Interfaces {
		c.Interfaces[i.Name] = i
	}
	if d.Routes != nil {
		c.Routes = d.Routes.Running
	}
	if d.Rules != nil {
		c.Rules = d.Rules.Config
	}
	if d.DNS != nil && d.DNS.Running != nil {
		c.Nameservers = d.DNS.Running.Server
	}
	return nil
}

// mtu returns the MTU of an interface, or 0 if it is not there.
func (c Current) mtu(name string) int { return c.Interfaces[name].MTU }

// has tells whether the interface is there.
func (c Current) has(name string) bool {
	_, there := c.Interfaces[name]
	return there
}
