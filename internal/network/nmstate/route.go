// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

// rulePriority of the rules that lead to a network's own routing table.
const rulePriority = 3200

// Where default routes lead to.
const (
	anyIPv4 = "0.0.0.0/0"
	anyIPv6 = "::/0"
)

// index finds the routes and rules of a host that concern one network.
type index struct {
	routes map[string][]Route     // by next hop interface
	rules  map[uint32][]RouteRule // by table
}

func indexOf(current Current) *index {
	x := &index{routes: make(map[string][]Route), rules: make(map[uint32][]RouteRule)}
	for _, r := range current.Routes {
		x.routes[r.NextHopInterface] = append(x.routes[r.NextHopInterface], r)
	}
	for _, r := range current.Rules {
		x.rules[r.RouteTable] = append(x.rules[r.RouteTable], r)
	}
	return x
}

// routes returns what becomes of the routes and rules of a network: the
// default routes in the main table, and for a static IPv4 address the routes
// and rules by which answers leave through the network they came from.
func (n *network) routes(current *index) ([]Route, []RouteRule) {
	all := n.defaultRoutes(anyIPv4, n.want.Gateway, n.was.Gateway, n.want.DHCPv4())
	all = append(all, n.defaultRoutes(anyIPv6, n.want.IPv6Gateway, n.was.IPv6Gateway, n.want.DHCPv6)...)
	outdated, rules := n.outdatedSourceRoutes(current)
	all = append(all, outdated...)
	if n.want.Gateway != "" {
		all = append(all, n.sourceRoutes()...)
		rules = append(rules, sourceRules(subnet(n.want), TableID(n.nextHop()))...)
	}
	return all, rules
}

// defaultRoutes adds or removes the default routes of one family in the main
// table, given the gateways that are wanted and that were, and whether the
// gateway will come from DHCP.
func (n *network) defaultRoutes(destination, gateway, old string, dhcp bool) []Route {
	route := func(via, state string) Route {
		return Route{
			Destination: destination, NextHopAddress: via, NextHopInterface: n.nextHop(),
			TableID: TableDefault, State: state,
		}
	}
	var list []Route
	switch {
	case gateway != "" && n.want.DefaultRoute:
		list = append(list, route(gateway, ""))
	case gateway != "":
		list = append(list, route(gateway, Absent))
	case n.removed || old == "" || !n.was.DefaultRoute:
		return nil // goes with its interface, or never was
	case !dhcp && n.want.DefaultRoute:
		return nil
	}
	if old != "" && old != gateway {
		list = append(list, route(old, Absent))
	}
	return list
}

// sourceRoutes are the routes of a network's own table.
func (n *network) sourceRoutes() []Route {
	table := TableID(n.nextHop())
	return []Route{
		{Destination: anyIPv4, NextHopAddress: n.want.Gateway, NextHopInterface: n.nextHop(), TableID: table},
		{Destination: subnet(n.want), NextHopAddress: "0.0.0.0", NextHopInterface: n.nextHop(), TableID: table},
	}
}

// SourceRules returns the rules by which packets from and to a network use its
// own routing table. DHCP needs them as well, once the address is known.
// The network is in CIDR notation.
func SourceRules(network, nextHop string) State {
	return State{Rules: sourceRules(network, TableID(nextHop))}
}

func sourceRules(network string, table uint32) []RouteRule {
	return []RouteRule{
		{IPFrom: network, Priority: rulePriority, RouteTable: table},
		{IPTo: network, Priority: rulePriority, RouteTable: table},
	}
}

// outdatedSourceRoutes removes what a network's own table has, when its
// gateway changes, the origin of its address does, or it moves to another link,
// whose table is another one. All of the table goes: its routes are all of the
// network, and a kernel may hold some that no configuration knows.
func (n *network) outdatedSourceRoutes(current *index) ([]Route, []RouteRule) {
	gatewayChanged := n.was.Gateway != "" && n.was.Gateway != n.want.Gateway
	old := n.was.NextHop(n.name)
	moved := old != n.nextHop() && (n.was.Gateway != "" || n.was.DHCPv4())
	switch {
	case n.removed, moved:
		// The original leaves the rules of the link that a network moves from.
		return outdated(current, old)
	case gatewayChanged, n.changesOrigin():
		return outdated(current, n.nextHop())
	}
	return nil, nil
}

// outdated removes what leads through a link, other than by the main table, and
// the rules that lead there.
func outdated(current *index, nextHop string) ([]Route, []RouteRule) {
	var gone []Route
	for _, r := range current.routes[nextHop] {
		if r.TableID != TableMain && r.TableID != TableDefault {
			r.State = Absent
			gone = append(gone, r)
		}
	}
	table := TableID(nextHop)
	if len(gone) > 0 {
		table = gone[0].TableID
	}
	var rules []RouteRule
	for _, r := range current.rules[table] {
		r.State = Absent
		rules = append(rules, r)
	}
	return gone, rules
}

// changesOrigin tells whether a static IPv4 address becomes dynamic, or the
// other way round.
func (n *network) changesOrigin() bool {
	return n.want.IPAddr != "" && n.was.DHCPv4() || n.want.DHCPv4() && n.was.IPAddr != ""
}
